"""Budgets: how much a task, a session or a day may cost, and which of them was crossed.

    [[budget]]
    per = "task"             # task, session or day
    usd = 5.00
    warn_percent = 75        # optional: from where on it is a warning; 75 unless said

A budget is crossed twice at most, at its warning and at its limit; each crossing has an identity,
so that telling it again is no second event.
"""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from msgspec import Struct

from tasktrail.model.codec import encode
from tasktrail.model.ids import OWN_SESSION
from tasktrail.model.money import exact_text
from tasktrail.model.usage import MICRO_USD

SCOPES: Final = ("task", "session", "day")
KEYS: Final = frozenset({"per", "usd", "warn_percent"})
WARN_PERCENT: Final = 75
MOST_USD: Final = 1_000_000_000
ALL: Final = 100  # percent
EVENT_TYPES: Final = {True: "budget_exceeded", False: "budget_warning"}


class Budget(Struct, frozen=True):
    """What each of a kind may cost."""

    per: str
    micro_usd: int
    warn_percent: int = WARN_PERCENT

    @property
    def least(self) -> int:
        """From which amount on there is something to tell."""
        return min(self.micro_usd + 1, self.micro_usd * self.warn_percent // ALL)


class Crossing(Struct, frozen=True):
    """A budget that something came near, or is above."""

    budget: Budget
    name: str  # of the task, the session or the day
    spent: int
    is_exceeded: bool
    session_id: str | None = None  # of a task

    @property
    def identity(self) -> str:
        """The same for the same crossing of the same budget."""
        percent = ALL if self.is_exceeded else self.budget.warn_percent
        return f"budget:{self.budget.per}:{self.name}:{percent}:{self.budget.micro_usd}"


class Budgets(Struct, frozen=True):
    """The budgets of a file, and what is wrong with it."""

    budgets: tuple[Budget, ...] = ()
    trouble: str | None = None


def parse_budgets(text: str | None) -> Budgets:
    """The budgets in the text of the file; one with a mistake has none, and says why."""
    if text is None:
        return Budgets()
    try:
        return Budgets(tuple(_budget(row) for row in _rows(text)))
    except (ValueError, TypeError, ArithmeticError) as error:
        return Budgets(trouble=f"budgets.toml is not used: {error}")


def crossings_of(
    budget: Budget, name: str, spent: int, *, session_id: str | None = None
) -> list[Crossing]:
    """What there is to tell of something that cost so much: nothing, a warning, or the end."""
    is_exceeded = spent > budget.micro_usd
    if not is_exceeded and spent * ALL < budget.micro_usd * budget.warn_percent:
        return []
    return [Crossing(budget, name, spent, is_exceeded=is_exceeded, session_id=session_id)]


def event_of(crossing: Crossing) -> bytes:
    """The event that tells of it: in the trail of the task or session, a day's in our own.

    It names the session also where it is about a task.
    """
    budget = crossing.budget
    spent, limit = exact_text(crossing.spent), exact_text(budget.micro_usd)
    verb = "cost more than its budget" if crossing.is_exceeded else "comes near its budget"
    data = {
        "event_type": EVENT_TYPES[crossing.is_exceeded],
        "severity": "error" if crossing.is_exceeded else "warning",
        "message": f"{budget.per} {crossing.name} {verb}: {spent} of {limit}",
        "context_type": budget.per,
        "context_id": crossing.name,
        "details": {
            "spent_micro_usd": crossing.spent,
            "budget_micro_usd": budget.micro_usd,
            "warn_percent": budget.warn_percent,
        },
    }
    where = {"session_id": OWN_SESSION if budget.per == "day" else crossing.name}
    if budget.per == "task":
        where = {"task_id": crossing.name}
        where |= {"session_id": crossing.session_id} if crossing.session_id else {}
    event = {"type": "coordinator:event", "event_id": crossing.identity, "source": "tasktrail"}
    return encode(event | where | {"data": data})


def _rows(text: str) -> list[Mapping[str, object]]:
    table = tomllib.loads(text, parse_float=Decimal)
    rows = table.pop("budget", [])
    if table or not isinstance(rows, list):
        raise ValueError(f"expected [[budget]] and nothing else, found {sorted(table)}")
    return rows


def _budget(row: Mapping[str, object]) -> Budget:
    per, usd, percent = row.get("per"), row.get("usd"), row.get("warn_percent", WARN_PERCENT)
    unknown = sorted(set(row) - KEYS)
    if unknown or per not in SCOPES:
        raise ValueError(f"expected `per` one of {', '.join(SCOPES)}, `usd` and `warn_percent`")
    if isinstance(usd, bool) or not isinstance(usd, int | Decimal) or not 0 <= usd <= MOST_USD:
        raise ValueError(f"expected a number of dollars as `usd`, found {usd!r}")
    if isinstance(percent, bool) or not isinstance(percent, int) or not 1 <= percent <= ALL:
        raise ValueError(f"expected 1 to 100 as `warn_percent`, found {percent!r}")
    return Budget(str(per), round(Decimal(usd) * MICRO_USD), percent)
