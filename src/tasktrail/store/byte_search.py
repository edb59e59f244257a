"""Bytes searched in the channels of trails: where a text may be, found without reading lines.

A pattern is a piece of ASCII in lower case, and further pieces under any of which the same text may
hide (escapes, letters that fold to ASCII). Where ripgrep is installed and there is much to read, it
reads; otherwise blocks are lowered and searched here. Both find the same: places, one or more per
line, in rising order. What a place means is for whoever asks; a line may be suspected for nothing.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from msgspec import Struct

from tasktrail.errors import StorageFailed
from tasktrail.model.channels import CHANNEL_FILES
from tasktrail.model.ids import TrailKey
from tasktrail.store.files import explained
from tasktrail.store.layout import Layout
from tasktrail.store.lines import Line
from tasktrail.store.trail_directory import find_channel, find_directory

BLOCK_BYTES: Final = 1 << 20
AROUND_BYTES: Final = 1 << 16  # read at first around a place to find its line
RIPGREP_BYTES: Final = 8 << 20  # below, starting a program costs more than reading
RIPGREP_SECONDS: Final = 600.0
FOUND_NOTHING: Final = 1  # ripgrep's exit code


class Pattern(Struct, frozen=True):
    """What makes a line suspect: any of these, whatever the case of ASCII letters."""

    piece: bytes
    letters: tuple[bytes, ...] = ()  # UTF-8 of letters that fold to ASCII
    escapes: tuple[bytes, ...] = ()  # beginnings of JSON escapes, `\\u…`

    def places(self, lowered: bytes) -> Iterator[int]:
        """Where one of the pieces begins; in no order, and more than one of a line."""
        yield from _all(lowered, self.piece)
        if self.letters and not lowered.isascii():
            for one in self.letters:
                yield from _all(lowered, one)
        if self.escapes and b"\\u" in lowered:
            choice = b"|".join(re.escape(one[2:]) for one in self.escapes)
            yield from (found.start() for found in re.finditer(rb"\\u(?:%b)" % choice, lowered))


class ChannelPart(NamedTuple):
    """A channel of a trail, up to an offset."""

    key: TrailKey
    channel: str
    size: int


def _all(block: bytes, piece: bytes) -> Iterator[int]:
    """Every line's first place of the piece."""
    at = block.find(piece)
    while at >= 0:
        yield at
        end = block.find(b"\n", at)
        if end < 0:
            return
        at = block.find(piece, end)


def find_places(
    layout: Layout, parts: Sequence[ChannelPart], pattern: Pattern
) -> Iterator[tuple[ChannelPart, list[int]]]:
    """Each part with the places in it where the pattern was found, in rising order."""
    if sum(part.size for part in parts) >= RIPGREP_BYTES:
        program = shutil.which("rg")
        found = _by_ripgrep(layout, parts, pattern, program) if program else None
        if found is not None:
            yield from zip(parts, found, strict=True)
            return
    for part in parts:
        yield part, _by_blocks(layout, part, pattern)


def _by_blocks(layout: Layout, part: ChannelPart, pattern: Pattern) -> list[int]:
    fd = open_channel(layout, part)
    if fd is None:
        return []
    try:
        with explained("search", fd):
            return [
                place for block in _blocks(fd, part.size) for place in _in_block(block, pattern)
            ]
    finally:
        os.close(fd)


def _in_block(block: Line, pattern: Pattern) -> list[int]:
    return sorted(block.offset + place for place in pattern.places(block.line.lower()))


def _blocks(fd: int, size: int) -> Iterator[Line]:
    """The file in blocks of whole lines."""
    at, rest = 0, b""
    while at < size:
        read = os.pread(fd, min(BLOCK_BYTES, size - at), at)
        if not read:
            break
        start = at - len(rest)
        at += len(read)
        end = read.rfind(b"\n") + 1
        if end:
            yield Line(start, rest + read[:end])
            rest = read[end:]
        else:
            rest += read
    if rest:
        yield Line(at - len(rest), rest)


def _by_ripgrep(
    layout: Layout, parts: Sequence[ChannelPart], pattern: Pattern, program: str
) -> list[list[int]] | None:
    """The places by part; `None` when the program could not do it."""
    # Relative to the root, and never a link: what is not a plain file below it is not ours.
    names = [
        os.path.relpath(layout.trail(one.key) / CHANNEL_FILES[one.channel], layout.root)
        for one in parts
    ]
    number = {name: at for at, name in enumerate(names)}
    found: list[list[int]] = [[] for _ in parts]
    pieces = [pattern.piece, *pattern.letters, *pattern.escapes]
    command = [program, *_RIPGREP, *(word for one in pieces for word in ("-e", one.decode()))]
    try:
        done = subprocess.run(  # noqa: S603 - a program of the system, the pieces are its arguments
            [*command, "--", *dict.fromkeys(names)],
            cwd=layout.root,
            capture_output=True,
            check=False,
            timeout=RIPGREP_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None
    if done.returncode not in {0, FOUND_NOTHING}:
        return None
    for line in done.stdout.splitlines():
        name, _, place = line.partition(b"\0")
        at, where = number[os.fsdecode(name)], int(place.rstrip(b":"))
        if where < parts[at].size:
            found[at].append(where)
    return found


_RIPGREP: Final = (
    "--no-config",
    "--no-messages",
    "--no-ignore",
    "--hidden",
    "--no-heading",
    "--no-line-number",
    "--no-unicode",
    "--text",
    "--ignore-case",
    "--fixed-strings",
    "--with-filename",
    "--null",
    "--byte-offset",
    "--only-matching",
    "--replace=",
)


def open_channel(layout: Layout, part: ChannelPart) -> int | None:
    """The channel's descriptor, which the caller closes; `None` when there is no such file."""
    directory = find_directory(layout, part.key.family, part.key.directory)
    if directory is None:
        return None
    try:
        return find_channel(directory, part.channel)
    finally:
        os.close(directory)


def lines_around(
    fd: int, places: Iterable[int], *, size: int, down: bool = False
) -> Iterator[Line]:
    """The complete lines at those places, each once; the places rise, or fall where `down`.

    A line that reaches beyond `size` is not complete and is left out.
    """
    block, last = Line(0, b""), None
    for place in places:
        if last is not None and last.offset <= place < last.end:
            continue
        found = _line_in(block, place)
        if found is None:
            block = _block_around(fd, place, size, down=down)
            found = _line_in(block, place)
        last = found
        if found is not None:
            yield found


def _line_in(block: Line, place: int) -> Line | None:
    """The line at the place, when the block has all of it."""
    at = place - block.offset
    if not 0 <= at < len(block.line):
        return None
    start, end = block.line.rfind(b"\n", 0, at) + 1, block.line.find(b"\n", at)
    if end < 0 or (start == 0 and block.offset > 0):
        return None
    return Line(block.offset + start, block.line[start:end])


def _block_around(fd: int, place: int, size: int, *, down: bool) -> Line:
    """A block with the whole line in it, unless it is not complete; mostly what comes next."""
    before, after = (BLOCK_BYTES, AROUND_BYTES) if down else (AROUND_BYTES, BLOCK_BYTES)
    with explained("read", fd):
        while True:
            start, end = max(0, place - before), min(size, place + after)
            block = Line(start, os.pread(fd, end - start, start))
            if len(block.line) < end - start:
                raise StorageFailed(f"expected {end} bytes of a channel, found less")
            at = place - start
            has_start = start == 0 or block.line.rfind(b"\n", 0, at) >= 0
            has_end = end == size or block.line.find(b"\n", at) >= 0
            if has_start and has_end:
                return block
            before, after = (before, after * 4) if has_start else (before * 4, after)
