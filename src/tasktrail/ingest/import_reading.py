"""One file on its way through its translator: chunks, lines, records, events; flat in memory.

A last line without a line end may still be written: it is taken only if it is a whole record, or
when the file has been quiet for so long that nobody will finish it.
"""

import os
from collections.abc import Iterator
from hashlib import blake2b
from typing import Final, NamedTuple

from msgspec import Struct

from tasktrail.errors import InvalidEvent
from tasktrail.formats.records import NOT_JSON, read_line, take_apart
from tasktrail.formats.translator import LineTranslator, Problem, Record, Translated

CHUNK_BYTES: Final = 1 << 20
GUARD_BYTES: Final = 16 << 10  # at both ends of what was read: a change in between shifts the last


class Step(NamedTuple):
    """A part of a file, translated: its events, and how far the file is read with them."""

    events: list[Translated]
    offset: int


class Reading(Struct):
    """What was found in a file, besides events."""

    records: int = 0
    texts: int = 0
    problems: list[Problem] = []
    broken: int = 0
    repaired: int = 0
    is_unfinished: bool = False


MOST_SHOWN: Final = 100  # problems of one file that are listed; all are counted and recorded


def guard_of(fd: int, offset: int) -> str:
    """What proves that the file's bytes before the offset are those that were read."""
    proof = blake2b(digest_size=12)
    proof.update(os.pread(fd, min(GUARD_BYTES, offset), 0))
    start = max(0, offset - GUARD_BYTES)
    proof.update(os.pread(fd, offset - start, start))
    return f"{offset:x}.{proof.hexdigest()}"


def translate_lines(
    fd: int, translator: LineTranslator, reading: Reading, *, offset: int, takes_rest: bool
) -> Iterator[Step]:
    """The events of the file from the offset on, chunk by chunk."""
    for lines, begin, is_rest in _chunks(fd, offset):
        if is_rest:
            step = _rest(translator, reading, lines[0], begin, takes_rest=takes_rest)
        else:
            step = _lines(translator, reading, lines, begin)
        yield step


def _chunks(fd: int, offset: int) -> Iterator[tuple[list[bytes], int, bool]]:
    """Complete lines and where the first begins; at last what has no line end, if anything."""
    parts: list[bytes] = []
    at = begin = offset
    while block := os.pread(fd, CHUNK_BYTES, at):
        at += len(block)
        first, *lines = block.split(b"\n")
        parts.append(first)
        if not lines:
            continue
        last = lines.pop()
        lines.insert(0, b"".join(parts))
        parts = [last]
        yield lines, begin, False
        begin = at - len(last)
    rest = b"".join(parts)
    if rest:
        yield [rest], begin, True


def _lines(translator: LineTranslator, reading: Reading, lines: list[bytes], offset: int) -> Step:
    events: list[Translated] = []
    for line in lines:
        if line:
            translate_line(translator, reading, line, offset, events)
        offset += len(line) + 1
    return Step(events, offset)


def _rest(
    translator: LineTranslator, reading: Reading, rest: bytes, offset: int, *, takes_rest: bool
) -> Step:
    """The end of the file that has no line end."""
    events: list[Translated] = []
    found = take_apart(rest.strip(), offset) if rest.strip() else []
    is_whole = bool(found) and all(isinstance(one, Record) for one in found)
    if not is_whole and not takes_rest:
        reading.is_unfinished = bool(found)
        return Step(events, offset)
    translate_line(translator, reading, rest, offset, events)
    return Step(events, offset + len(rest))


def translate_line(
    translator: LineTranslator,
    reading: Reading,
    line: bytes,
    offset: int,
    events: list[Translated],
) -> None:
    """Put the line's events into the list; what cannot be read becomes an entry that keeps it."""
    for found in read_line(line, offset):
        if isinstance(found, Record):
            try:
                events += translator.translate(found)
                reading.records += 1
            except InvalidEvent:
                _take_apart(translator, reading, found, events)
        else:
            _note(translator, reading, found, events)


def _take_apart(
    translator: LineTranslator, reading: Reading, record: Record, events: list[Translated]
) -> None:
    """What looked like one record is none of the format: perhaps a part of it is."""
    broken = reading.broken
    for found in take_apart(record.blob, record.offset):
        if isinstance(found, Problem):
            _note(translator, reading, found, events)
            continue
        try:
            events += translator.translate(found)
            reading.records += 1
        except InvalidEvent as error:
            _note(translator, reading, Problem(found.offset, str(error), found.blob), events)
    reading.repaired += reading.broken == broken


def _note(
    translator: LineTranslator, reading: Reading, problem: Problem, events: list[Translated]
) -> None:
    if problem.reason == NOT_JSON:
        said = translator.text(problem.raw, problem.offset)
        if said is not None:
            reading.texts += 1
            events += said
            return
    note_problem(reading, problem)
    if problem.raw:
        events.append(translator.broken(problem))


def note_problem(reading: Reading, problem: Problem) -> None:
    """The problem is counted, and listed unless there are very many."""
    reading.broken += 1
    if len(reading.problems) < MOST_SHOWN:
        reading.problems.append(problem)
