"""Bytes searched in the channels of trails: where a text may be, found without reading lines.

Places come in rising or falling order, one or more per line; what a place means is for whoever
asks, a line may be suspected for nothing. They are found block by block, lazily, from any place on,
or for whole files at once by ripgrep, where it is installed and there is much to read. A program
that finds too much is not heard to its end: then nobody says where, and blocks are looked at.
"""

import os
import re
import select
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import IO, Final, NamedTuple

from msgspec import Struct

from tasktrail.errors import StorageFailed
from tasktrail.model.channels import CHANNEL_FILES
from tasktrail.model.ids import TrailKey
from tasktrail.model.spelling import Spelling
from tasktrail.store.files import explained
from tasktrail.store.layout import Layout
from tasktrail.store.lines import Line
from tasktrail.store.trail_directory import find_channel, find_directory

BLOCK_BYTES: Final = 1 << 20
FIRST_BLOCK_BYTES: Final = 1 << 16  # a frequent text is found at once, others soon in larger ones
AROUND_BYTES: Final = 1 << 14  # read at first around a place to find its line
RIPGREP_BYTES: Final = 8 << 20  # below, starting a program costs more than reading
RIPGREP_SECONDS: Final = 20.0
MOST_PLACES_BYTES: Final = 16 << 20  # of a program's words; more is told by nobody

Places = list[int]


class Pattern(Struct, frozen=True):
    """What makes a line suspect: any of these spellings, in bytes whose letters are lowered."""

    spellings: tuple[Spelling, ...]

    @property
    def regexes(self) -> tuple[bytes, ...]:
        """Regular expressions of all spellings."""
        return tuple(dict.fromkeys(regex for one in self.spellings for regex in one.regexes))

    def places(self, lowered: bytes) -> Places:
        """Where they begin, in rising order; each line with one has at least one place."""
        return sorted({place for one in self.spellings for place in _places_of(one, lowered)})


class ChannelPart(NamedTuple):
    """A channel of a trail, up to an offset."""

    key: TrailKey
    channel: str
    size: int


def _places_of(spelling: Spelling, lowered: bytes) -> Iterator[int]:
    if spelling.plain is None:
        yield from _all_of(lowered, spelling.main)
    else:
        yield from _all(lowered, spelling.plain)
    is_ascii = lowered.isascii()
    for other in spelling.others:
        signs = (one for one in other.signs if not is_ascii or one.isascii())
        if any(sign in lowered for sign in signs):
            yield from _all_of(lowered, other.regex)


def _all_of(block: bytes, regex: bytes) -> Iterator[int]:
    return (found.start() for found in _compiled(regex).finditer(block))


def _all(block: bytes, piece: bytes) -> Iterator[int]:
    """Every line's first place of the piece."""
    at = block.find(piece)
    while at >= 0:
        yield at
        end = block.find(b"\n", at)
        if end < 0:
            return
        at = block.find(piece, end)


@lru_cache(maxsize=64)
def _compiled(regex: bytes) -> re.Pattern[bytes]:
    return re.compile(regex)


def find_places(
    layout: Layout, parts: Sequence[ChannelPart], pattern: Pattern
) -> list[Places] | None:
    """The places in each part, found at once; `None` where looking at blocks is as good."""
    question = ask_for_places(layout, parts, pattern)
    return question.answer() if question else None


def ask_for_places(
    layout: Layout, parts: Sequence[ChannelPart], pattern: Pattern
) -> "Question | None":
    """The same, asked: a program looks while its caller does something else."""
    if sum(part.size for part in parts) < RIPGREP_BYTES:
        return None
    program = shutil.which("rg")
    return _ask_ripgrep(layout, parts, pattern, program) if program else None


class Block(NamedTuple):
    """Whole lines of a channel, and where the pattern was found in them, in rising order."""

    lines: Line
    places: Places


def blocks_up(fd: int, pattern: Pattern, *, start: int, size: int) -> Iterator[Block]:
    """The file from a line's beginning on, the first block small; whole lines only."""
    at, want = start, FIRST_BLOCK_BYTES
    while at < size:
        with explained("search", fd):
            block = os.pread(fd, min(want, size - at), at)
        end = block.rfind(b"\n") + 1
        if not end:
            if len(block) < min(want, size - at) or at + len(block) >= size:
                return
            want *= 4  # the line is longer
            continue
        yield _searched(block[:end], at, pattern)
        at, want = at + end, min(2 * max(want, FIRST_BLOCK_BYTES), BLOCK_BYTES)


def blocks_down(fd: int, pattern: Pattern, *, end: int) -> Iterator[Block]:
    """The file from its end, or from a line's beginning, back; whole lines only."""
    want, is_last = FIRST_BLOCK_BYTES, True
    while end > 0:
        start = max(0, end - want)
        with explained("search", fd):
            block = os.pread(fd, end - start, start)
        if is_last:  # what follows the last line end is no line
            block = block[: block.rfind(b"\n") + 1]
        begin = 0 if start == 0 else block.find(b"\n") + 1
        if start > 0 and (begin == 0 or begin == len(block)):
            want *= 4  # the line is longer
            continue
        if begin < len(block):
            yield _searched(block[begin:], start + begin, pattern)
        end, want, is_last = start + begin, min(2 * want, BLOCK_BYTES), False
        if start == 0:
            return


def _searched(block: bytes, offset: int, pattern: Pattern) -> Block:
    places = [offset + at for at in pattern.places(block.lower())]
    return Block(Line(offset, block), places)


class Question:
    """What a program was asked; whoever asks must hear the answer, or drop the question."""

    def __init__(
        self, running: subprocess.Popen[bytes], parts: Sequence[ChannelPart], names: Sequence[str]
    ) -> None:
        self._running = running
        self._parts = parts
        self._names = names

    @property
    def is_over(self) -> bool:
        """Whether the program has ended."""
        return self._running.returncode is not None

    def answer(self) -> list[Places] | None:
        """The places by part; `None` when the program could not do it, or had too much to say."""
        with self._running as running:
            assert running.stdout is not None  # noqa: S101 - it is piped; for the type checker
            told = _heard(running.stdout)
            if told is None:
                running.kill()
                return None
        return self._placed(told) if running.returncode in _ENDED_WELL else None

    def drop(self) -> None:
        """Nobody wants to know any more: the program ends."""
        self._running.kill()
        with self._running:
            pass

    def _placed(self, told: bytes) -> list[Places]:
        found: list[Places] = [[] for _ in self._parts]
        number = {os.fsencode(name): at for at, name in enumerate(self._names)} if told else {}
        for line in told.splitlines():
            name, _, place = line.partition(b"\0")
            at, where = number[name], int(place.rstrip(b":"))
            if where < self._parts[at].size:
                found[at].append(where)
        return found


def _ask_ripgrep(
    layout: Layout, parts: Sequence[ChannelPart], pattern: Pattern, program: str
) -> Question | None:
    names = _names_of(layout, parts)
    words = [word for one in pattern.regexes for word in ("-e", one.decode())]
    running = _started([program, *_RIPGREP, *words, "--", *names], layout)
    return Question(running, parts, names) if running else None


def _names_of(layout: Layout, parts: Sequence[ChannelPart]) -> list[str]:
    """The files as they are called from the root, which keeps the command short."""
    families = {
        name: os.path.relpath(layout.family(name), layout.root)
        for name in {one.key.family for one in parts}
    }
    return [
        f"{families[one.key.family]}/{one.key.directory}/{CHANNEL_FILES[one.channel]}"
        for one in parts
    ]


def _started(command: Sequence[str], layout: Layout) -> subprocess.Popen[bytes] | None:
    """The program, running in the root."""
    try:
        return subprocess.Popen(  # noqa: S603 - a program of the system; spellings are arguments
            command,
            cwd=layout.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, ValueError):
        return None


def _heard(stdout: IO[bytes]) -> bytes | None:
    """All that comes; `None` when it takes too long or is too much."""
    heard, size, deadline = list[bytes](), 0, time.monotonic() + RIPGREP_SECONDS
    while size <= MOST_PLACES_BYTES and (left := deadline - time.monotonic()) > 0:
        if select.select([stdout], [], [], left)[0]:
            block = os.read(stdout.fileno(), BLOCK_BYTES)
            if not block:
                return b"".join(heard)
            heard.append(block)
            size += len(block)
    return None


_ENDED_WELL: Final = frozenset({0, 1})  # 1: it found nothing
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
    fd: int,
    places: Iterable[int],
    *,
    size: int,
    down: bool = False,
    block: Line = Line(0, b""),  # noqa: B008 - it cannot change
    ahead: int = BLOCK_BYTES,
) -> Iterator[Line]:
    """The complete lines at those places, each once; the places rise, or fall where `down`.

    A line that reaches beyond `size` is not complete and is left out. `block` is what was read
    already, `ahead` how much is read at once in the direction of the places.
    """
    last = None
    for place in places:
        if last is not None and last.offset <= place < last.end:
            continue
        found = _line_in(block, place)
        if found is None:
            block = _block_around(fd, place, size, down=down, ahead=ahead)
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


def _block_around(fd: int, place: int, size: int, *, down: bool, ahead: int) -> Line:
    """A block with the whole line in it, unless it is not complete; mostly what comes next."""
    before, after = (ahead, AROUND_BYTES) if down else (AROUND_BYTES, ahead)
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
