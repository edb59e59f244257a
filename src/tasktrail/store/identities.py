"""Which events a trail holds, by identity.

A number above the highest of its `src` cannot have been here before; every other identity is
looked up among all of the trail. The shortcut can only say "new", never "known", so
numbers that come late, out of order or with gaps are never taken for duplicates.
"""

from collections.abc import Iterable
from typing import Final

from tasktrail.store.identity_places import IdentityPlaces

MAX_DIGITS: Final = 20  # longer numbers are looked up; they would only cost time

Order = tuple[int, ...]


def order_of(identity: str) -> tuple[str, Order] | None:
    """The `src` of an identity and its place among the events of that `src`; `None`: no order.

    Redis ids order by milliseconds, number and the index in a packed entry.
    """
    src, colon, tail = identity.rpartition(":")
    if src.startswith("redis:"):
        epoch, stamp, index = (src, tail, "0") if "-" in tail else _packed(src, tail)
        order = _redis_order(stamp, index)
        if order is not None:
            return epoch, order
    if colon and _is_number(tail):
        return src, (int(tail),)
    return None


def _is_number(tail: str) -> bool:
    return tail.isdigit() and len(tail) <= MAX_DIGITS and tail.isascii()


def _packed(src: str, tail: str) -> tuple[str, str, str]:
    """Epoch, stamp and index of an event in a packed entry; an empty stamp where it is none."""
    epoch, _, stamp = src.rpartition(":")
    return (epoch, stamp, tail) if epoch.startswith("redis:") else (src, "", tail)


def _redis_order(stamp: str, index: str) -> Order | None:
    millis, _, number = stamp.partition("-")
    digits = millis + number + index
    if not (digits.isdigit() and millis and number and index):
        return None
    if len(digits) >= 2 * MAX_DIGITS or not digits.isascii():
        return None
    return int(millis), int(number), int(index)


class Identities:
    """The highest number of every `src`, and where each identity is once that was asked for."""

    def __init__(self) -> None:
        self._highest: dict[str, Order] = {}
        self._places: IdentityPlaces | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether every identity of the trail is known, not only the highest ones."""
        return self._places is not None

    def note(self, identity: str) -> None:
        """The identity counts for what is the highest of its `src`."""
        ordered = order_of(identity)
        if ordered is not None:
            src, order = ordered
            highest = self._highest.get(src)
            if highest is None or order > highest:
                self._highest[src] = order

    def is_above(self, identity: str) -> bool:
        """Whether the identity is above all of its `src`: then it is new."""
        ordered = order_of(identity)
        if ordered is None:
            return False
        highest = self._highest.get(ordered[0])
        return highest is None or ordered[1] > highest

    def admit(self, identities: Iterable[str]) -> int:
        """How many, from the first on, are above all of their `src`; these are noted, too."""
        highest, admitted = self._highest, 0
        src: str | None = None  # of the one before: most of a run have the same, and a number
        last: Order | None = None
        for identity in identities:
            before, _, tail = identity.rpartition(":")
            if before == src and _is_number(tail):
                order: Order = (int(tail),)
            else:
                ordered = order_of(identity)
                if ordered is None:
                    break
                src, order = ordered
                last = highest.get(src)
            if last is not None and order <= last:
                break
            highest[src] = last = order
            admitted += 1
        return admitted

    def load(self) -> None:
        """From here on every identity is to be `place`d, the stored ones first."""
        self._places = IdentityPlaces()

    def unload(self) -> None:
        """Places are forgotten: they are not loaded any more."""
        self._places = None

    @property
    def loaded(self) -> int:
        """How many places are held in memory."""
        return 0 if self._places is None else len(self._places)

    def place(self, identity: str, place: int) -> None:
        """The identity stands at that place; forgotten while places are not loaded."""
        if self._places is not None:
            self._places.add(identity, place)

    def places(self, identity: str) -> list[int]:
        """Every place where the identity may stand: the line there tells; none: nowhere."""
        return [] if self._places is None else self._places.find(identity)
