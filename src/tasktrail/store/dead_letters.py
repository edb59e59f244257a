"""Dead letters: events that cannot be recorded, kept whole with the reason.

Each partition has a journal of its own, and each pump (`redis-<stream>`) and other door that meets
such events before the spool.
"""

import base64
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from tasktrail.store.journal import Journal, is_below
from tasktrail.store.layout import Layout
from tasktrail.store.lines import iter_lines


class DeadLetter(Struct, frozen=True, kw_only=True):
    """What came, where it was met and why it cannot be recorded."""

    at: int  # µs since the epoch: its time of acceptance
    p: int | str  # partition, or the name of the door
    pos: int | None = None  # its place in the spool; a pump's letter has none
    identity: str | None = None
    code: str
    reason: str
    raw: str  # base64 of the bytes as they came

    @property
    def blob(self) -> bytes:
        """The bytes as they came."""
        return base64.b64decode(self.raw)


_DECODER: Final = msgspec.json.Decoder(DeadLetter)


def raw_text(blob: bytes) -> str:
    """The bytes as a dead letter holds them."""
    return base64.b64encode(blob).decode("ascii")


class DeadLetters:
    """The owner's side of one journal of dead letters."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    @classmethod
    def open(cls, layout: Layout, p: int | str, *, keep_below: int | None) -> "DeadLetters":
        """The journal without the letters of events that will be read again from the spool."""
        keep = None if keep_below is None else is_below(keep_below)
        return cls(Journal.open(layout.dead(p), keep=keep))

    def append(self, letters: Sequence[DeadLetter]) -> None:
        """The letters, synced."""
        if letters:
            self._journal.append(b"".join(msgspec.json.encode(one) + b"\n" for one in letters))

    def close(self) -> None:
        """The journal is closed."""
        self._journal.close()


def append_dead(layout: Layout, p: int | str, letters: Sequence[DeadLetter]) -> None:
    """The letters, synced, for a door whose letters have no place in a spool."""
    if not letters:
        return
    journal = DeadLetters.open(layout, p, keep_below=None)
    try:
        journal.append(letters)
    finally:
        journal.close()


def iter_dead(layout: Layout) -> Iterator[DeadLetter]:
    """Every dead letter that can be read, journal by journal, oldest first in each."""
    for path in sorted(layout.dead_letters.glob("*.jsonl")):
        for _, line in iter_lines(path):
            try:
                yield _DECODER.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
