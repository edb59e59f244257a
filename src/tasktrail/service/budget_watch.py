"""Tells when a budget is crossed: an event in the trail of what crossed it, once.

The file is read anew at every look, so it can be changed while the service runs. That an event is
told once is held by its identity: the same crossing, told by the next process too, is a duplicate.
"""

import logging
from collections.abc import Callable, Sequence
from threading import Event
from typing import Final

from tasktrail.errors import TasktrailError
from tasktrail.model.budgets import Crossing, event_of
from tasktrail.query.budgets import find_crossings, read_budgets
from tasktrail.query.reader import Reader

LOOK_SECONDS: Final = 5.0
MOST_TOLD: Final = 100_000  # identities that are remembered; beyond, the trail tells duplicates

_LOG: Final = logging.getLogger(__name__)


class BudgetWatch:
    """Looks now and then whether a budget was crossed."""

    def __init__(
        self,
        reader: Reader,
        accept: Callable[[Sequence[bytes]], object],
        clock: Callable[[], int],
    ) -> None:
        self._reader = reader
        self._accept = accept
        self._clock = clock
        self._told: set[str] = set()
        self._trouble: str | None = None

    def run(self, stop: Event) -> None:
        """Looks until it is stopped."""
        while not stop.wait(LOOK_SECONDS):
            try:
                self.look()
            except TasktrailError as error:
                _LOG.warning("budgets could not be looked at: %s", error)

    def look(self) -> list[Crossing]:
        """The crossings that were told now."""
        found = read_budgets(self._reader.layout)
        if found.trouble != self._trouble:
            self._trouble = found.trouble
            if found.trouble:
                _LOG.warning("%s", found.trouble)
        if not found.budgets:
            return []
        crossings = self._reader.ask(
            lambda queries: find_crossings(queries, found.budgets, now=self._clock())
        )
        new = [one for one in crossings if one.identity not in self._told]
        if new:
            self._accept([event_of(one) for one in new])
            if len(self._told) > MOST_TOLD:
                self._told.clear()
            self._told |= {one.identity for one in new}
        return new
