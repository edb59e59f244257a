"""Journals that have grown: set aside whole and compressed, so that no open one is ever long.

    <name>.jsonl                             the journal
    <name>.<number>-<lines>.jsonl            set aside a moment ago
    <name>.<number>-<lines>.jsonl.gz         compressed

Setting aside is a rename, so a crash neither loses nor doubles a line; what a crash left
uncompressed is compressed the next time. Only the journal's owner does so; anybody may read.
"""

import gzip
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from tasktrail.errors import StorageFailed
from tasktrail.store.files import atomic_write_all, open_to_read, replace_file
from tasktrail.store.lines import iter_lines, iter_lines_of

SUFFIX: Final = ".jsonl"
PACKED: Final = ".gz"
CHUNK: Final = 1 << 20
GZIP: Final = 16 + zlib.MAX_WBITS
_AT_END: Final = re.compile(r"\.[0-9]{6}-[0-9]{1,15}\.jsonl$")
_PLACE: Final = re.compile(r"\.([0-9]{6})-([0-9]{1,15})\.jsonl(\.gz)?")


class Archive(NamedTuple):
    """A journal that was set aside; they compare by age."""

    number: int
    lines: int
    path: Path  # without the suffix of the compressed one


def archives_of(journal: Path) -> list[Archive]:
    """What was set aside of that journal, oldest first."""
    stem = journal.name.removesuffix(SUFFIX)
    found = set()
    for path in journal.parent.glob(f"{glob_escape(stem)}.*-*{SUFFIX}*"):
        place = _PLACE.fullmatch(path.name[len(stem) :])
        if place:
            plain = path.with_name(path.name.removesuffix(PACKED))
            found.add(Archive(int(place[1]), int(place[2]), plain))
    return sorted(found)


def glob_escape(text: str) -> str:
    """The text as a pattern that matches only itself."""
    return re.sub(r"([*?[])", r"[\1]", text)


def journals_in(directory: Path) -> list[Path]:
    """The journals of a directory, also those of which only archives are there at this moment."""
    found = set()
    for path in directory.glob(f"*{SUFFIX}*"):
        name = path.name.removesuffix(PACKED)
        if name.endswith(SUFFIX) and not name.startswith("."):
            found.add(path.with_name(_AT_END.sub(SUFFIX, name)))
    return sorted(found)


def set_aside(journal: Path) -> None:
    """The journal is empty, its lines are in an archive; call it while nobody has it open."""
    known = archives_of(journal)
    number = known[-1].number + 1 if known else 1
    lines = sum(1 for _ in iter_lines(journal))
    stem = journal.name.removesuffix(SUFFIX)
    replace_file(journal, journal.with_name(f"{stem}.{number:06d}-{lines}{SUFFIX}"))
    with suppress(StorageFailed):  # a full disk, perhaps: the lines are safe, and it is tried again
        for archive in archives_of(journal):
            if archive.path.exists():
                _compress(archive.path)


def add_archive(journal: Path, lines: Sequence[bytes]) -> None:
    """The lines in an archive of their own; the caller takes them out of the journal afterwards.

    A crash in between leaves them in both: readers must know a line that comes twice.
    """
    known = archives_of(journal)
    number = known[-1].number + 1 if known else 1
    stem = journal.name.removesuffix(SUFFIX)
    path = journal.with_name(f"{stem}.{number:06d}-{len(lines)}{SUFFIX}{PACKED}")
    packer = zlib.compressobj(wbits=GZIP)
    atomic_write_all(path, [*map(packer.compress, lines), packer.flush()])


def _compress(path: Path) -> None:
    atomic_write_all(path.with_name(path.name + PACKED), _packed(path))
    path.unlink()


def _packed(path: Path) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=GZIP)
    fd = open_to_read(path)
    with os.fdopen(fd, "rb") as file:
        while chunk := file.read(CHUNK):
            yield packer.compress(chunk)
    yield packer.flush()


def count_archived(journal: Path) -> int:
    """How many lines were set aside, by the names alone."""
    return sum(one.lines for one in archives_of(journal))


def iter_all_lines(journal: Path) -> Iterator[bytes]:
    """Every line of the archives and of the journal, oldest first, also while it is set aside."""
    read = 0
    while True:
        for archive in archives_of(journal):
            if archive.number > read:
                yield from _lines_of(archive.path)
                read = archive.number
        try:
            fd = open_to_read(journal)
        except FileNotFoundError:
            fd = None
        try:
            if any(one.number > read for one in archives_of(journal)):
                continue  # what is open now is the new one, or will be read as an archive
            if fd is not None:
                yield from (line for _, line in iter_lines_of(fd))
            return
        finally:
            if fd is not None:
                os.close(fd)


def _lines_of(archive: Path) -> Iterator[bytes]:
    try:
        fd = open_to_read(archive)
    except FileNotFoundError:
        yield from _unpacked(archive.with_name(archive.name + PACKED))
        return
    try:
        yield from (line for _, line in iter_lines_of(fd))
    finally:
        os.close(fd)


def _unpacked(path: Path) -> Iterator[bytes]:
    try:
        with os.fdopen(open_to_read(path), "rb") as file, gzip.open(file) as lines:
            for line in lines:
                yield line.removesuffix(b"\n")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise StorageFailed(f"cannot read {path}: {error}") from error
