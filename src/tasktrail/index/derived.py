"""Tables beside the entries: what some events say, in columns of its own.

An execution, a model call, a worker: each is folded out of the few event types that tell of it. The
writer hands such entries to the table while it reads a trail, within the same transaction, so that
following, catching up and rebuilding stay one path. A table's rows are a function of the entries
alone: in whatever order trails are read, and however often a transaction is repeated.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from tasktrail.index.database import Writing
from tasktrail.model.entry import Entry
from tasktrail.model.ids import TrailKey


class DerivedTable(Protocol):
    """Rows made of the entries of some event types; used within one transaction."""

    @property
    def event_types(self) -> frozenset[str]:
        """The types of the events that it wants to see."""
        ...

    def take(self, entry: Entry, key: TrailKey, *, trail: int) -> None:
        """One such entry of a trail, in the order of `seq`; whatever is wrong costs only itself."""
        ...

    def flush(self) -> None:
        """What was taken is in the database, though not yet committed."""
        ...

    def forget(self, trail: int) -> None:
        """Nothing of the trail is known any more."""
        ...


OpenTable = Callable[[Writing], DerivedTable]


def by_event_type(tables: Sequence[DerivedTable]) -> dict[str, list[DerivedTable]]:
    """Which tables want to see events of which type."""
    wanted: dict[str, list[DerivedTable]] = {}
    for table in tables:
        for event_type in table.event_types:
            wanted.setdefault(event_type, []).append(table)
    return wanted
