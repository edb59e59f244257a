"""How fast a follower that named a rate is sent entries: a second's worth at once, then as asked.

Whoever names none is never held back by us: it is paced by its own reading. `max_behind` is for who
wants the newest rather than all.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tasktrail.errors import InvalidFilter

MAX_RATE: Final = 100_000  # entries a second; more is no bound
KEY: Final = "max_rate"
BEHIND_KEY: Final = "max_behind"


class Pace:
    """What a follower may still be sent now."""

    def __init__(self, rate: int | None, clock: Callable[[], float]) -> None:
        self.rate = rate
        self._clock = clock
        self._left = float(rate or 0)
        self._at = clock()

    def room(self, most: int) -> int:
        """How many entries may be sent now, at most `most`; 0 or less: none."""
        if self.rate is None:
            return most
        now = self._clock()
        self._left = min(float(self.rate), self._left + (now - self._at) * self.rate)
        self._at = now
        return min(most, int(self._left))

    def spend(self, entries: int) -> None:
        """So many were sent."""
        self._left -= entries


def parse_rate(params: Mapping[str, Sequence[str]]) -> int | None:
    """The rate that a follower asks for; raises InvalidFilter."""
    return _bound_in(params, KEY)


def parse_behind(params: Mapping[str, Sequence[str]]) -> int | None:
    """How many entries a follower wants to be behind at most; raises InvalidFilter."""
    return _bound_in(params, BEHIND_KEY)


def _bound_in(params: Mapping[str, Sequence[str]], name: str) -> int | None:
    said = [text for text in params.get(name, ()) if text]
    if not said:
        return None
    text = said[-1]
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= MAX_RATE:
        raise InvalidFilter(f"{name}: expected 1 to {MAX_RATE}, found {text[:80]!r}")
    return int(text)
