"""Dead letters: events that cannot be recorded, kept whole with the reason.

Each partition has a journal of its own, and each pump (`redis-<stream>`) and other door that meets
such events before the spool. A journal that has grown is set aside and compressed. Letters are
never deleted; which of them were put through the spool again stands in `dead/replayed.log`.
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from tasktrail.store.archives import count_archived, iter_all_lines, journals_in, set_aside
from tasktrail.store.journal import Journal, is_below
from tasktrail.store.layout import Layout
from tasktrail.store.lines import iter_lines
from tasktrail.store.locks import holding

ROTATE_BYTES: Final = 16 << 20  # a journal that is longer is set aside
KEY_DIGITS: Final = 12
LOCK_SECONDS: Final = 5.0
REMEMBERED: Final = 100_000  # letters among which the same one is not told twice
REPLAYED: Final = "replayed.log"


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

    @property
    def key(self) -> str:
        """What this letter is called by: the same for equal letters, for ever."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:KEY_DIGITS]


class Replayed(Struct, frozen=True):
    """A letter that was put through the spool again, and when."""

    key: str
    at: int  # µs since the epoch


_DECODER: Final = msgspec.json.Decoder(DeadLetter)
_REPLAYED: Final = msgspec.json.Decoder(Replayed)


def raw_text(blob: bytes) -> str:
    """The bytes as a dead letter holds them."""
    return base64.b64encode(blob).decode("ascii")


class DeadLetters:
    """The owner's side of one journal of dead letters."""

    def __init__(self, path: Path, journal: Journal, *, rotate_bytes: int) -> None:
        self._path = path
        self._journal = journal
        self._rotate_bytes = rotate_bytes

    @classmethod
    def open(
        cls,
        layout: Layout,
        p: int | str,
        *,
        keep_below: int | None,
        rotate_bytes: int = ROTATE_BYTES,
    ) -> "DeadLetters":
        """The journal without the letters of events that will be read again from the spool."""
        keep = None if keep_below is None else is_below(keep_below)
        path = layout.dead(p)
        return cls(path, Journal.open(path, keep=keep), rotate_bytes=rotate_bytes)

    def append(self, letters: Sequence[DeadLetter]) -> None:
        """The letters, synced; what came before them must be below the checkpoint by now."""
        if not letters:
            return
        if self._journal.size > self._rotate_bytes:
            self._journal.close()
            set_aside(self._path)
            self._journal = Journal.open(self._path, keep=None)
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
    """Every dead letter that can be read, journal by journal, oldest first in each.

    One that a pump met again, because it died before it had told so, comes once.
    """
    for path in journals_in(layout.dead_letters):
        latest: dict[str, None] = {}
        for line in iter_all_lines(path):
            try:
                letter = _DECODER.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
            if letter.key not in latest:
                yield letter
                latest[letter.key] = None
                if len(latest) > REMEMBERED:
                    del latest[next(iter(latest))]


def count_dead(layout: Layout, p: int | str) -> int:
    """How many letters the journal of that door holds, all together."""
    path = layout.dead(p)
    return count_archived(path) + sum(1 for _ in iter_lines(path))


def note_replayed(layout: Layout, replays: Sequence[Replayed]) -> None:
    """It is remembered that these letters are in the spool again."""
    path = layout.dead_letters / REPLAYED
    with holding(path.with_suffix(".lock"), LOCK_SECONDS):
        journal = Journal.open(path, keep=None)
        try:
            journal.append(b"".join(msgspec.json.encode(one) + b"\n" for one in replays))
        finally:
            journal.close()


def read_replayed(layout: Layout) -> dict[str, int]:
    """The letters that were put through the spool again, by key, and when last."""
    found: dict[str, int] = {}
    for _, line in iter_lines(layout.dead_letters / REPLAYED):
        try:
            one = _REPLAYED.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        found[one.key] = one.at
    return found
