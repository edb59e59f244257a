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

    def of(self, lines: Sequence[bytes]) -> list[Glimpse | None]:
        """What `look` says of each line; `None` for one that is no entry."""
        if self._channel == WEBHOOK_FLOW:  # there `data` itself says what an entry is
            return [self._look(line) for line in lines]
        return self._quick(lines)

    def _quick(self, lines: Sequence[bytes]) -> list[Glimpse | None]:
        found: list[Glimpse | None] = []
        decode, known, is_log = LINE.decode, self._known, self._channel == LOG
        for line in lines:
            key = NOTHING
            try:
                if not line.isascii():
                    line.decode()
                said = decode(line)
                recorded, is_error, seq, pos = said.recorded_at, said.is_error, said.seq, said.pos
                recorded_at = at = micros_of(recorded)
                if said.timestamp != recorded:
                    at = micros_of(said.timestamp)
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


def micros_of(text: str) -> int:
    """The moment of `YYYY-MM-DDTHH:MM:SS.ffffffZ`; raises ValueError for any other text."""
    fraction = text[20:FRACTION_END]
    if text[FRACTION_END:] == "Z" and fraction.isdigit() and fraction.isascii():
        second = second_of(text[:20])
        if second is not None:
            return second + int(fraction)
    raise ValueError(text)
