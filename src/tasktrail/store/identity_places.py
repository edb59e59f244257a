"""Where the entries of a trail stand, by the hash of their identity: two numbers for each.

A trail may hold a million entries, and a text in a dict costs some 270 bytes. Here an identity is
64 bits of its hash in a table of slots, so what is found only *may* be the one that was asked for:
the line at the place tells. What is not found is surely not there.
"""

from array import array
from typing import Final

FEWEST_SLOTS: Final = 64  # slots are a power of two
MOST_FULL: Final = 2 / 3  # fuller tables are slow to search
HASH_BITS: Final = (1 << 64) - 1
NUMBER: Final = "Q"
NUMBER_BYTES: Final = array(NUMBER).itemsize


def _slots(count: int) -> "array[int]":
    """So many empty slots."""
    return array(NUMBER, bytes(count * NUMBER_BYTES))


class IdentityPlaces:
    """A table of places; grows, and never forgets one."""

    def __init__(self) -> None:
        self._make(FEWEST_SLOTS)

    def _make(self, slots: int) -> None:
        self._hashes = _slots(slots)  # 0: nothing stands here
        self._places = _slots(slots)
        self._last = slots - 1
        self._room = int(slots * MOST_FULL)
        self._count = 0

    def __len__(self) -> int:
        """How many places are known."""
        return self._count

    @property
    def size(self) -> int:
        """How many bytes the table takes."""
        return 2 * NUMBER_BYTES * (self._last + 1)

    def add(self, identity: str, place: int) -> None:
        """The identity stands at that place; the same twice is once."""
        if self._count >= self._room:
            self._grow()
        self._put(_hash(identity), place)

    def _put(self, hashed: int, place: int) -> None:
        hashes, places, last = self._hashes, self._places, self._last
        slot = hashed & last
        while found := hashes[slot]:
            if found == hashed and places[slot] == place:
                return
            slot = (slot + 1) & last
        hashes[slot] = hashed
        places[slot] = place
        self._count += 1

    def _grow(self) -> None:
        hashes, places = self._hashes, self._places
        self._make(2 * len(hashes))
        for hashed, place in zip(hashes, places, strict=True):
            if hashed:
                self._put(hashed, place)

    def find(self, identity: str) -> list[int]:
        """Every place where the identity may stand; none: it stands nowhere."""
        hashed = _hash(identity)
        hashes, last = self._hashes, self._last
        slot = hashed & last
        found: list[int] = []
        while there := hashes[slot]:
            if there == hashed:
                found.append(self._places[slot])
            slot = (slot + 1) & last
        return found


def _hash(identity: str) -> int:
    """64 bits, never 0; another number in each process, so that nobody can choose a collision."""
    return hash(identity) & HASH_BITS or 1
