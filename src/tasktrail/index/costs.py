"""What was spent: sums of calls by model, task, session, worker, status or day.

Whole quarters of an hour come out of the sums that are kept; what is left at both ends, less than a
quarter each, is summed call by call. So any stretch of time, and any day of any zone, costs a look
at as many rows as it has quarters, not at its calls; all of time is summed once more, without them,
and so is each quarter by model alone, which is what days are made of.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, tzinfo
from typing import Final, NamedTuple

from tasktrail.index.call_rows import CallRow, call_row_of
from tasktrail.index.cost_sums import NOTHING, QUARTER_MICROS, Sums, sum_of, sums_of
from tasktrail.index.database import Queries, Row, as_list
from tasktrail.model.days import day_after, day_of, day_start
from tasktrail.model.ledger_filters import CostFilter

BY_STATUS: Final = "status"
FILTERED: Final = ("task_id", "session_id", "worker_id", "model")
FIRST_QUARTER: Final = -(1 << 40)
LAST_QUARTER: Final = 1 << 40
BESIDE: Final = ("family", "trail_id", "task_id", "session", "status")  # in `calls_resolved`

Group = str | None


class Whose(NamedTuple):
    """What a call is grouped by."""

    at: int
    model: Group
    task: Group
    session: Group
    worker: Group
    status: Group


class Span(NamedTuple):
    """Whole quarters, and what is left before and behind them."""

    first: int
    last: int
    edges: tuple[tuple[int, int], ...]

    @property
    def whole(self) -> dict[str, int]:
        """The whole quarters, as queries take them."""
        return {"first": self.first, "last": self.last}


EVER: Final = Span(FIRST_QUARTER, LAST_QUARTER, ())


def costs_by(queries: Queries, wanted: CostFilter, by: str) -> dict[Group, Sums]:
    """The sums of what matches, by group; `None` is the group of what names none."""
    span = span_of(wanted.since, wanted.until)
    found: dict[Group, Sums] = {}
    if span.first < span.last:
        for group, *amounts in _whole(queries, wanted, by, span):
            found[group] = found.get(group, NOTHING).plus(amounts)
    choose = _chooser(by, wanted.zone)
    for call, whose in _edges(queries, wanted, span):
        found[choose(whose)] = found.get(choose(whose), NOTHING).plus(sums_of(call))
    return {group: sums for group, sums in found.items() if sums.parts}


def costs_of_statuses(queries: Queries, wanted: CostFilter, statuses: Sequence[str]) -> Sums:
    """The sum of what matches and belongs to tasks of these statuses, mostly few."""
    span = span_of(wanted.since, wanted.until)
    if span == EVER or _is_of_somebody(wanted):
        groups = costs_by(queries, wanted, BY_STATUS)
        return sum_of(sums for status, sums in groups.items() if status in statuses)
    found = [sums_of(one) for one, of in _edges(queries, wanted, span) if of.status in statuses]
    asked = {"model": wanted.model, "statuses": as_list(statuses)}
    whole = queries.query("costs_of_statuses_between", **span.whole, **asked)
    return sum_of([*found, *(Sums(*(amount or 0 for amount in row)) for row in whole)])


def span_of(since: int | None, until: int | None) -> Span:
    """How the stretch from `since` to before `until` is made of quarters and edges."""
    first = FIRST_QUARTER if since is None else _quarter_from(since)
    last = LAST_QUARTER if until is None else until // QUARTER_MICROS
    if first > last:  # within one quarter
        edges = [(since or 0, until or 0)]
        return Span(0, 0, tuple(edges))
    edges = []
    if since is not None and since < first * QUARTER_MICROS:
        edges.append((since, first * QUARTER_MICROS))
    if until is not None and last * QUARTER_MICROS < until:
        edges.append((last * QUARTER_MICROS, until))
    return Span(first, last, tuple(edges))


def sums_of_tasks(queries: Queries, task_ids: Sequence[str]) -> dict[str, Sums]:
    """The sums of each task: of its own trail, and of what its workers told without naming it."""
    found = dict.fromkeys(task_ids, NOTHING)
    asked = as_list(task_ids)
    for name in ("costs_of_tasks", "costs_of_loose_workers"):
        for task_id, *amounts in queries.query(name, task_ids=asked):
            found[task_id] = found[task_id].plus(amounts)
    return found


def calls_of_task(queries: Queries, task_id: str) -> Iterator[tuple[CallRow, str, str]]:
    """Each call of a task by its time, and the family and id of the trail that tells it."""
    for row in queries.query("calls_of_task", task_id=task_id):
        yield call_row_of(row[: -len(BESIDE)]), row[-5], row[-4]


def _edges(queries: Queries, wanted: CostFilter, span: Span) -> Iterator[tuple[CallRow, Whose]]:
    for since, until in span.edges:
        for row in queries.query("calls_between", since=since, until=until, **_values(wanted)):
            yield _single(row)


def _whole(queries: Queries, wanted: CostFilter, by: str, span: Span) -> Iterable[Row]:
    if by == "day":
        return _days(queries, wanted, span)
    if span == EVER:
        return queries.query("costs_ever_by", by=by, **_values(wanted))
    if by == "model" and not _is_of_somebody(wanted):
        return queries.query("model_costs_between", model=wanted.model, **span.whole)
    return queries.query("costs_by", by=by, **span.whole, **_values(wanted))


def _days(queries: Queries, wanted: CostFilter, span: Span) -> Iterator[Row]:
    """Each day's sum, from one day on which anything was called to the next."""
    if _is_of_somebody(wanted):  # few rows, of whose is known
        own = queries.query("costs_by", by="day", **span.whole, **_values(wanted))
        for quarter, *amounts in own:
            yield day_of(quarter * QUARTER_MICROS, wanted.zone).isoformat(), *amounts
        return
    first = span.first
    while (found := queries.query("next_quarter", first=first, last=span.last)[0][0]) is not None:
        day = day_of(found * QUARTER_MICROS, wanted.zone)
        first = min(span.last, _behind(day, wanted.zone))
        for row in queries.query("costs_between", first=found, last=first, model=wanted.model):
            yield day.isoformat(), *(amount or 0 for amount in row)


def _is_of_somebody(wanted: CostFilter) -> bool:
    return any((wanted.task_id, wanted.session_id, wanted.worker_id))


def _behind(day: date, zone: tzinfo | None) -> int:
    """The first quarter of an hour after that day."""
    return _quarter_from(day_start(day_after(day), zone))


def _quarter_from(at: int) -> int:
    """The first quarter of an hour that begins at a time or after it."""
    return -(-at // QUARTER_MICROS)


def _single(row: Row) -> tuple[CallRow, Whose]:
    call = call_row_of(row[: -len(BESIDE)])
    task, session, status = row[-3:]
    told = call.telling
    return call, Whose(told.at, told.model, task, session, told.worker_id, status)


def _values(wanted: CostFilter) -> dict[str, object]:
    return {name: getattr(wanted, name) for name in FILTERED}


def _chooser(by: str, zone: tzinfo | None) -> Callable[[Whose], Group]:
    if by == "day":
        return lambda whose: day_of(whose.at, zone).isoformat()
    return lambda whose: getattr(whose, by)
