"""What importers have read: each file, how far, and with what its rest must be translated.

<root>/imports/files.jsonl: one line per note, the last one of a file counts. It only saves work:
a note is written after the events are in the spool, and without it files are read again, which
identities make harmless. So nothing here is synced, and lines that cannot be read are passed over.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from tasktrail.store.files import atomic_write, make_directory, open_file, write_at
from tasktrail.store.lines import iter_lines
from tasktrail.store.locks import holding

LOCK_SECONDS: Final = 5.0
SPARE_NOTES: Final = 1_000  # so many outdated notes are borne before the file is made anew


class Stamp(NamedTuple):
    """What tells whether a file has changed, without opening it."""

    size: int
    mtime_ns: int
    inode: int
    device: int

    @classmethod
    def of(cls, stat: os.stat_result) -> "Stamp":
        """The stamp of a file that was looked at."""
        return cls(stat.st_size, stat.st_mtime_ns, stat.st_ino, stat.st_dev)

    def joined(self, other: "Stamp") -> "Stamp":
        """The stamp of this file together with another that belongs to it."""
        return self._replace(
            size=self.size + other.size, mtime_ns=max(self.mtime_ns, other.mtime_ns)
        )


class FileMark(Struct, frozen=True, array_like=True, gc=False):
    """A file as it was when it was read, and how far it was read."""

    path: str
    format: str  # "": no format of ours
    stamp: Stamp
    offset: int = 0  # what is before it was read
    guard: str = ""  # proves what is before `offset`
    state: str = ""  # of the translator, as JSON
    is_settled: bool = True  # whether it was quiet for long when it was read


_MARK: Final = msgspec.json.Decoder(FileMark)
_ENCODE: Final = msgspec.json.Encoder().encode


class ImportMemory:
    """The notes of one target; several processes may write them, each reads them once."""

    def __init__(self, directory: Path) -> None:
        """Raises StorageFailed when the directory cannot be used."""
        self._path = directory / "files.jsonl"
        self._lock = directory / "files.lock"
        make_directory(directory)
        self._marks: dict[str, FileMark] = {}
        notes = self._read()
        if notes > len(self._marks) + SPARE_NOTES:
            self._compact()

    def _read(self) -> int:
        """How many notes the file holds; all of them are taken in."""
        notes = 0
        for line in iter_lines(self._path):
            notes += 1
            try:
                mark = _MARK.decode(line.line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
            self._marks[mark.path] = mark
        return notes

    def _compact(self) -> None:
        with holding(self._lock, LOCK_SECONDS):
            self._marks.clear()
            self._read()
            atomic_write(self._path, b"".join(map(_line, self._marks.values())))

    def find(self, path: str) -> FileMark | None:
        """What is known of the file at that path."""
        return self._marks.get(path)

    def note(self, marks: Iterable[FileMark]) -> None:
        """The marks are known, here and to whoever opens the memory later."""
        lines: list[bytes] = []
        for mark in marks:
            self._marks[mark.path] = mark
            lines.append(_line(mark))
        if not lines:
            return
        with holding(self._lock, LOCK_SECONDS):
            fd = open_file(self._path, create=True)
            try:
                size = os.fstat(fd).st_size
                begin = b"" if _ends_a_line(fd, size) else b"\n"
                write_at(fd, begin + b"".join(lines), size)
            finally:
                os.close(fd)


def _ends_a_line(fd: int, size: int) -> bool:
    return size == 0 or os.pread(fd, 1, size - 1) == b"\n"


def _line(mark: FileMark) -> bytes:
    return _ENCODE(mark) + b"\n"
