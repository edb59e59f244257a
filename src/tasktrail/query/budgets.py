"""The budgets of a root, which of them were crossed, and how far each is, by the index."""

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import Final

from tasktrail.index.cost_sums import QUARTER_MICROS
from tasktrail.index.costs import costs_by
from tasktrail.index.database import Queries
from tasktrail.model.budgets import Budget, Budgets, Crossing, crossings_of, parse_budgets
from tasktrail.model.days import day_after, day_of, day_start
from tasktrail.model.ledger_filters import CostFilter
from tasktrail.query.rows import Row
from tasktrail.store.layout import Layout

RECENT_MICROS: Final = 86_400 * 1_000_000  # of what called no model for longer nothing is told
MOST_BYTES: Final = 1 << 20  # of a file of budgets; more is none


def read_budgets(layout: Layout) -> Budgets:
    """The budgets of the root's file as it is now; without one there are none."""
    try:
        with layout.budgets.open("rb") as file:
            text = file.read(MOST_BYTES).decode(errors="replace")
    except OSError:
        return parse_budgets(None)
    return parse_budgets(text)


def budgets_answer(
    queries: Queries, found: Budgets, *, now: int, zone: tzinfo | None = None
) -> Row:
    """Each budget, and what came nearest to it of late: today, or the dearest task or session."""
    return {
        "budgets": [_budget_row(queries, one, now, zone) for one in found.budgets],
        "trouble": found.trouble,
    }


def _budget_row(queries: Queries, budget: Budget, now: int, zone: tzinfo | None) -> Row:
    if budget.per == "task":
        first = (now - RECENT_MICROS) // QUARTER_MICROS
        spent = [(name, cost) for name, cost in queries.query("dearest_task", first=first)]
    else:
        spent = [(name, cost) for name, cost, _ in _spent(queries, budget, now, zone)]
    name, cost = max(spent, key=lambda one: one[1], default=(None, 0))
    return {
        "per": budget.per,
        "micro_usd": budget.micro_usd,
        "warn_percent": budget.warn_percent,
        "nearest": name,
        "spent_micro_usd": cost,
    }


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
