"""Looks at many lines of one channel, at a third of the price of one look after the other.

What a line says of itself is remembered by its bytes, its times are read where they stand; whatever
is not quite usual is left to `peek.look`, which is the one definition of what a look gives.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import msgspec
from msgspec import UNSET

from tasktrail.errors import TornEntry
from tasktrail.index.peek import (
    LINE,
    SHORT_BYTES,
    WITH_Z,
    Glimpse,
    Words,
    look,
    quick_time,
    second_of,
)
from tasktrail.model.channels import LOG, WEBHOOK_FLOW
from tasktrail.model.filters import MAX_SEQ
from tasktrail.model.ids import TrailKey

MOST_KNOWN: Final = 2_048
FRACTION_END: Final = WITH_Z - 1
UNUSUAL: Final = (msgspec.DecodeError, RecursionError, LookupError, TypeError, ValueError)

Said = tuple[bytes, object, object]  # the `event`, and what the line says besides
NOTHING: Final[Said] = (b"", None, None)


class Glimpses:
    """Looks at the lines of one channel of a trail; for one thread."""

    def __init__(self, channel: str, trail: TrailKey) -> None:
        self._channel = channel
        self._trail = trail
        self._known: dict[Said, Words] = {}
        self._seconds = _Seconds()

    def of(self, lines: Sequence[bytes]) -> list[Glimpse | None]:
        """What `look` says of each line; `None` for one that is no entry."""
        if self._channel == WEBHOOK_FLOW:  # there `data` itself says what an entry is
            return [self._look(line) for line in lines]
        return self._quick(lines)

    def _quick(self, lines: Sequence[bytes]) -> list[Glimpse | None]:
        found: list[Glimpse | None] = []
        decode, known, is_log = LINE.decode, self._known, self._channel == LOG
        seconds, is_utf8 = self._seconds, _are_utf8(lines)
        for line in lines:
            key = NOTHING
            try:
                if not is_utf8:
                    line.decode()
                said = decode(line)
                text, is_error, seq, pos = said.recorded_at, said.is_error, said.seq, said.pos
                recorded_at = at = seconds[text[:20]] + micros_in(text)
                if said.timestamp != text:
                    text = said.timestamp
                    is_usual = len(text) == WITH_Z
                    at = seconds[text[:20]] + micros_in(text) if is_usual else _sent_at(text)
                if said.method is UNSET and (is_error is UNSET or type(is_error) is bool):
                    named = (said.level, said.source, said.stage) if is_log else None
                    key = (bytes(said.event), is_error, named)
                words = known[key]
                if not 0 < seq <= MAX_SEQ or abs(pos) > MAX_SEQ:
                    raise ValueError
            except UNUSUAL:
                found.append(self._learn(key, line))
            else:
                found.append(Glimpse(seq, pos, at, recorded_at, words))
        return found

    def _learn(self, key: Said, line: bytes) -> Glimpse | None:
        """A look at the line, which also says what those like it say of themselves."""
        glimpse = self._look(line)
        if glimpse is not None and 0 < len(key[0]) <= SHORT_BYTES:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            with suppress(TypeError):  # a list in the key
                self._known[key] = glimpse.words
        return glimpse

    def _look(self, line: bytes) -> Glimpse | None:
        try:
            return look(line, self._channel, self._trail)
        except TornEntry:
            return None


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


def micros_in(text: str) -> int:
    """What a time that ends in `.ffffffZ` has beyond its second; ValueError for any other text."""
    fraction = text[20:FRACTION_END]
    if text[FRACTION_END:] == "Z" and fraction.isdigit() and fraction.isascii():
        return int(fraction)
    raise ValueError(text)


def _sent_at(text: str) -> int:
    """The moment of a producer's time, which may tell no fraction; ValueError where it is none."""
    moment = quick_time(text)
    if moment is None:
        raise ValueError(text)
    return moment


def _are_utf8(lines: Sequence[bytes]) -> bool:
    """Whether all lines are; one check of many costs less than many checks."""
    try:
        b"\n".join(lines).decode()
    except UnicodeDecodeError:
        return False
    return True
