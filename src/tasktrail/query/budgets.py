"""Which budgets were crossed, by what the index knows."""

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import Final

from tasktrail.index.cost_sums import QUARTER_MICROS
from tasktrail.index.costs import costs_by
from tasktrail.index.database import Queries
from tasktrail.model.budgets import Budget, Crossing, crossings_of
from tasktrail.model.days import day_after, day_of, day_start
from tasktrail.model.ledger_filters import CostFilter

RECENT_MICROS: Final = 86_400 * 1_000_000  # of what called no model for longer nothing is told


def find_crossings(
    queries: Queries, budgets: Iterable[Budget], *, now: int, zone: tzinfo | None = None
) -> list[Crossing]:
    """Every crossing by today, and by tasks and sessions that called a model lately."""
    return [
        crossing
        for budget in budgets
        for name, spent, session in _spent(queries, budget, now, zone)
        for crossing in crossings_of(budget, name, spent, session_id=session)
    ]


def _spent(
    queries: Queries, budget: Budget, now: int, zone: tzinfo | None
) -> Iterator[tuple[str, int, str | None]]:
    """What may have crossed the budget, what it cost, and the session of a task."""
    first = (now - RECENT_MICROS) // QUARTER_MICROS
    if budget.per == "task":
        yield from queries.query("dear_tasks", least=budget.least, first=first)
        return
    if budget.per == "day":
        day = day_of(now, zone)
        bounds = CostFilter(day_start(day, zone), day_start(day_after(day), zone))
        cost = sum(one.cost for one in costs_by(queries, bounds, "model").values())
        yield day.isoformat(), cost, None
        return
    recent = {name for (name,) in queries.query("recent_sessions", first=first)}
    for name, sums in costs_by(queries, CostFilter(), "session").items():
        if name in recent:
            yield str(name), sums.cost, None
