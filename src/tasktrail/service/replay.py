"""Dead letters once more: through the door that every event passes, with the identity they had.

A letter that was put through twice is recorded once, as any event that is sent again. Where it
stood in the order of its task is lost: it becomes the latest entry. What still cannot be recorded
stays where it is, with the reason of today.
"""

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from tasktrail.errors import EventTooLarge, InvalidEvent, NotFound
from tasktrail.ingest.spool_writer import SpoolWriter
from tasktrail.model.acceptance import Accepted, prepare
from tasktrail.service.parts import clock, layout_for
from tasktrail.settings import Settings
from tasktrail.store.dead_letters import (
    DeadLetter,
    Replayed,
    iter_dead,
    note_replayed,
    read_replayed,
)
from tasktrail.store.layout import Layout
from tasktrail.store.root import read_root

LETTERS_PER_APPEND = 500

Wanted = Callable[[DeadLetter], bool]


class Outcome(Struct, frozen=True):
    """What became of one letter: in the spool again, or why not."""

    key: str
    identity: str
    refused: str | None = None


def find_letter(layout: Layout, key: str) -> DeadLetter:
    """The one letter whose key begins so; raises NotFound, also when several do."""
    found = {one.key: one for one in iter_dead(layout) if key and one.key.startswith(key)}
    if len(found) != 1:
        many = "none" if not found else f"{len(found)}"
        raise NotFound(f"expected one dead letter whose key begins with {key!r}, found {many}")
    return next(iter(found.values()))


def replay(settings: Settings, wanted: Wanted) -> Iterator[Outcome]:
    """What became of every wanted letter that was not replayed before, in their order.

    Raises RootUnusable, Overloaded or StorageFailed: then what was not told has not been tried.
    """
    layout = layout_for(settings)
    root = read_root(layout)
    done = read_replayed(layout)
    spool = SpoolWriter(layout, root, segment_bytes=settings.segment_bytes, clock=clock)
    try:
        for batch in _batches(one for one in iter_dead(layout) if wanted(one)):
            letters = {one.key: one for one in batch if one.key not in done}
            yield from _put(layout, spool, list(letters.values()), settings.max_event_bytes)
            done |= dict.fromkeys(letters, 0)
    finally:
        spool.close()


def _batches(letters: Iterable[DeadLetter]) -> Iterator[list[DeadLetter]]:
    batch: list[DeadLetter] = []
    for letter in letters:
        batch.append(letter)
        if len(batch) == LETTERS_PER_APPEND:
            yield batch
            batch = []
    yield batch


def _put(
    layout: Layout, spool: SpoolWriter, letters: list[DeadLetter], max_bytes: int
) -> list[Outcome]:
    """The letters that can be accepted are in the spool, and then noted as replayed."""
    accepted: list[Accepted] = []
    outcomes: list[Outcome] = []
    for letter in letters:
        identity = identity_of(letter)
        try:
            ready = prepare(letter.blob, max_bytes=max_bytes)
        except (InvalidEvent, EventTooLarge) as error:
            outcomes.append(Outcome(letter.key, identity, str(error)))
            continue
        identity = ready.identity or identity
        accepted.append(Accepted(ready.event, identity, ready.key, letter.at))
        outcomes.append(Outcome(letter.key, identity))
    if accepted:
        spool.append(accepted)
        now = clock()
        note_replayed(layout, [Replayed(one.key, now) for one in outcomes if not one.refused])
    return outcomes


def identity_of(letter: DeadLetter) -> str:
    """The identity that the letter's event would have got, had it been recorded."""
    if letter.identity:
        return letter.identity
    return f"spool:{letter.p}:{letter.pos}" if letter.pos is not None else f"dead:{letter.key}"
