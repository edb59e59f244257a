"""The stages of trails that were asked for lately, kept while those do not grow.

A page asks for them with each look, and a task of thousands of stages takes a while to be folded.
What is kept is bounded by its rows, and answers no other state of a trail than the one it was made
of.
"""

from collections import OrderedDict
from threading import Lock
from typing import Final, NamedTuple

from tasktrail.model.ids import TrailKey
from tasktrail.query.rows import Row
from tasktrail.query.stages import stages_of
from tasktrail.query.trail_view import TrailView
from tasktrail.store.layout import Layout

MOST_ROWS: Final = 20_000  # of all trails together


class _State(NamedTuple):
    """How far a trail is read; another one means that it has grown, or was made anew."""

    head: int
    updated: int
    damaged: int
    places: dict[str, int]


class StageMemory:
    """Answers `stages_of`; may be used by many threads at once. Rows are not to be changed."""

    def __init__(self) -> None:
        self._kept: OrderedDict[TrailKey, tuple[_State, list[Row]]] = OrderedDict()
        self._lock = Lock()

    def stages_of(self, layout: Layout, view: TrailView) -> list[Row]:
        """The stages in the order in which they appeared."""
        state = _State(view.head, view.updated, view.damaged, view.places)
        with self._lock:
            then, rows = self._kept.get(view.key, (None, []))
        if then != state:
            rows = stages_of(layout, view)
        with self._lock:
            self._keep(view.key, state, rows)
        return rows

    def _keep(self, key: TrailKey, state: _State, rows: list[Row]) -> None:
        self._kept[key] = state, rows
        self._kept.move_to_end(key)
        while self._kept and sum(1 + len(kept) for _, kept in self._kept.values()) > MOST_ROWS:
            self._kept.popitem(last=False)
