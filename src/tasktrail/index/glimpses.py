"""Looks at many lines of one channel, at a fifth of the price of one look after the other.

All lines of a block are decoded by one call, and each step is done with all of them: where they
stand, what they say of themselves, which is remembered by its bytes, and when they were told.
Where anything is not quite usual, the lines of the block are left to `peek.look`, which is the one
definition of what a look gives.
"""

from collections.abc import Sequence
from itertools import count, repeat
from operator import sub
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import astuple

from tasktrail.errors import TornEntry
from tasktrail.index.peek import (
    LINE,
    SHORT_BYTES,
    WITH_Z,
    Glimpse,
    GlimpsedLine,
    Words,
    look,
    quick_time,
    second_of,
)
from tasktrail.index.runs import Run, Says, Text
from tasktrail.model.channels import CHANNELS, LOG, WEBHOOK_FLOW
from tasktrail.model.filters import MAX_SEQ
from tasktrail.model.ids import TrailKey

MOST_KNOWN: Final = 2_048
UNUSUAL: Final = (msgspec.DecodeError, RecursionError, LookupError, TypeError, ValueError)
BEGIN, END, OPEN = b"{}["
SECOND: Final = len("2026-02-14T10:00:00.")
FRACTION: Final = len("123456")
DIGITS_ARE_ZERO: Final = bytes.maketrans(b"123456789", b"0" * 9)
USUAL_TIME: Final = b"0000-00-00T00:00:00.000000Z"
FLAGS: Final = frozenset({bool, UnsetType})
NAMES: Final = frozenset({str, UnsetType, type(None)})
MILLION: Final = 1_000_000

_INTEGERS: Final = msgspec.json.Decoder(list[int])

Said = tuple[Any, ...]  # the `event`, and what the line says besides


class Memory:
    """What lines of any task say of themselves, and seconds, as they were met; for one thread."""

    def __init__(self) -> None:
        self.seconds = _Seconds()
        self._known: dict[str, dict[Said, Says]] = {}

    def of(self, channel: str, trail: TrailKey) -> dict[Said, Says]:
        """What is known of lines in that channel; in a session they belong to it, too."""
        return self._known.setdefault(channel, {}) if trail.family == "tasks" else {}


class Glimpses:
    """Looks at the lines of one channel of a trail; for one thread."""

    def __init__(self, channel: str, trail: TrailKey, memory: Memory | None = None) -> None:
        memory = memory or Memory()
        self._channel = channel
        self._number = CHANNELS.index(channel)
        self._trail = trail
        self._known = memory.of(channel, trail)
        self._seconds = memory.seconds
        self._damaged = 0  # unreadable lines behind the last one that was seen

    def of(self, text: Text) -> Run:
        """The lines of the text that are entries, as `look` sees them."""
        # In `webhook_flow` `data` itself says what an entry is.
        run = None if self._channel == WEBHOOK_FLOW else self._at_once(text)
        return run or self._one_by_one(text)

    def _at_once(self, text: Text) -> Run | None:
        """The lines, if every one of them is usual."""
        block = text.block
        try:
            said = LINE.decode_lines(block)
            lines = _Lines(block)
            if not block.isascii():
                block.decode()
            if len(said) != len(lines.starts) or not lines.are_objects(block):
                return None
            return self._columns(text, lines, said)
        except UNUSUAL:
            return None

    def _columns(self, text: Text, lines: "_Lines", said: list[GlimpsedLine]) -> Run:
        """What they say; raises ValueError where that is not usual."""
        seqs, _, times, recorded, poss, events, levels, sources, stages, flags, methods, _ = zip(
            *map(astuple, said), strict=True
        )
        if methods.count(UNSET) != len(methods) or not FLAGS.issuperset(map(type, flags)):
            raise ValueError
        if min(seqs) <= 0 or max(seqs) > MAX_SEQ or min(poss) < -MAX_SEQ or max(poss) > MAX_SEQ:
            raise ValueError
        self._check_times(recorded)
        named = (levels, sources, stages) if self._channel == LOG else ()
        keys = [*map(bytes, events)], flags, *named
        says = self._says(lines, text, keys)
        ats, size = self._moments(times, recorded), len(seqs)
        offsets = [text.start + at for at in lines.starts]
        damaged, self._damaged = [self._damaged, *repeat(0, size - 1)], 0
        return Run(
            [*seqs],
            [*poss],
            ats,
            [*recorded],
            says,
            offsets,
            lines.lengths,
            damaged,
            [text] * size,
        )

    def _says(self, lines: "_Lines", text: Text, keys: Sequence[Sequence[object]]) -> list[Says]:
        """What lines with these keys say; raises ValueError where one says nothing."""
        if not all(NAMES.issuperset(map(type, named)) for named in keys[2:]):  # 1 is not true
            raise ValueError
        found = list(map(self._known.get, zip(*keys, strict=True)))
        if None not in found:
            return [one for one in found if one is not None]
        known: dict[Said, Says] = {}
        for key, at in dict(zip(zip(*keys, strict=True), count(), strict=False)).items():
            start = lines.starts[at]
            line = text.block[start : start + lines.lengths[at]]
            known[key] = self._known.get(key) or self._learn(key, line)
        return list(map(known.__getitem__, zip(*keys, strict=True)))

    def _learn(self, key: Said, line: bytes) -> Says:
        """What the line says, remembered for those that say the same; ValueError for none."""
        glimpse = self._look(line)
        if glimpse is None:
            raise ValueError(line)
        says = Says(self._number, glimpse.words)
        if len(key[0]) <= SHORT_BYTES:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[key] = says
        return says

    def _check_times(self, texts: Sequence[str]) -> None:
        """Raises ValueError unless all are times as a recorder writes them."""
        if _usual(texts) is None:
            raise ValueError(texts[0])
        for second in {one[:SECOND] for one in texts}:
            self._seconds[second]

    def _moments(self, texts: Sequence[str], recorded: Sequence[str]) -> list[int]:
        """The producers' times; where one is none, that of its acceptance."""
        seconds = self._seconds
        if usual := _usual(texts):
            fractions = _fractions(usual, len(texts))
            return [
                seconds[one[:SECOND]] - MILLION + more
                for one, more in zip(texts, fractions, strict=True)
            ]
        known = {one: quick_time(one) for one in {*texts}}
        moments = map(known.__getitem__, texts)
        return [
            quick_time(instead) or 0 if one is None else one
            for one, instead in zip(moments, recorded, strict=True)
        ]

    def _one_by_one(self, text: Text) -> Run:
        run, lines, says = Run(), _Lines(text.block), dict[Words, Says]()
        for start, length in zip(lines.starts, lines.lengths, strict=True):
            glimpse = self._look(text.block[start : start + length])
            if glimpse is None:
                self._damaged += 1
                continue
            words = glimpse.words
            run.seqs.append(glimpse.seq)
            run.poss.append(glimpse.pos)
            run.ats.append(glimpse.at)
            run.recorded.append(glimpse.recorded_at)
            run.says.append(says.setdefault(words, Says(self._number, words)))
            run.offsets.append(text.start + start)
            run.lengths.append(length)
            run.damaged.append(self._damaged)
            run.texts.append(text)
            self._damaged = 0
        return run

    def _look(self, line: bytes) -> Glimpse | None:
        try:
            return look(line, self._channel, self._trail)
        except TornEntry:
            return None


class _Lines:
    """Where the lines of a block stand."""

    def __init__(self, block: bytes) -> None:
        ends: list[int] = []
        end = block.find(b"\n")
        while end >= 0:
            ends.append(end)
            end = block.find(b"\n", end + 1)
        if block[-1:] != b"\n":  # a long line alone
            ends.append(len(block))
        self.starts = [0, *(end + 1 for end in ends[:-1])]
        self.lengths = list(map(sub, ends, self.starts))
        self._ends = ends

    def are_objects(self, block: bytes) -> bool:
        """Whether each begins like an object and ends like one.

        Then no line end stands within an object: only a comma could stand between the two.
        """
        begins = set(map(block.__getitem__, self.starts))
        return begins == {BEGIN} and {block[end - 1] for end in self._ends} == {END}


class _Seconds(dict[str, int]):
    """The moment of each text `YYYY-MM-DDTHH:MM:SS.` that was met."""

    def __missing__(self, text: str) -> int:
        """The moment, remembered; raises ValueError for a text of another form."""
        second = second_of(text)
        if second is None:
            raise ValueError(text)
        if len(self) >= MOST_KNOWN:
            self.clear()
        self[text] = second
        return second


def _usual(texts: Sequence[str]) -> bytes | None:
    """All the texts, if each is a time as a recorder writes it, so far as its form tells."""
    if set(map(len, texts)) != {WITH_Z}:
        return None
    whole = "".join(texts).encode()
    return whole if whole.translate(DIGITS_ARE_ZERO) == USUAL_TIME * len(texts) else None


def _fractions(times: bytes, size: int) -> list[int]:
    """The microseconds of usual times that stand one behind the other, a million added to each.

    Their digits are put behind a 1 each, and all are read as one list.
    """
    whole = bytearray(b",1000000" * size)
    for at in range(FRACTION):
        whole[at + 2 :: FRACTION + 2] = times[SECOND + at :: WITH_Z]
    whole[0] = OPEN
    return _INTEGERS.decode(whole + b"]")
