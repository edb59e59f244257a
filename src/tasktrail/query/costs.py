"""What was spent, as it is answered everywhere: figures, groups, and every call behind a figure.

A figure that nobody knows is `null`, be it that no call was told or that none of them has a price;
a sum over calls of which some have no price says how many.
`cost` is what the source reported where it did, and what the prices say elsewhere. Both stand
beside it, and how far they differ where a call has both.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from tasktrail.errors import NotFound, TaskNotFound
from tasktrail.index.call_rows import A_CALL, REST_OF_RUN, CallRow
from tasktrail.index.calls import book_in
from tasktrail.index.coordinator_pages import find_worker, list_sessions
from tasktrail.index.cost_sums import Sums, sum_of
from tasktrail.index.costs import (
    Group,
    calls_of_task,
    costs_by,
    costs_of_statuses,
    sums_of_tasks,
)
from tasktrail.index.database import Queries
from tasktrail.index.price_file import Price
from tasktrail.index.prices import PriceBook, cost_parts
from tasktrail.index.tasks import find_state
from tasktrail.model.days import zone_name
from tasktrail.model.ids import TrailKey
from tasktrail.model.ledger_filters import CostFilter, CostQuestion
from tasktrail.model.times import known_time, utc_text
from tasktrail.model.usage import BUCKETS, MICRO_USD, Usage
from tasktrail.query.rows import Row

KIND_NAMES: Final = {A_CALL: "call", REST_OF_RUN: "rest of run"}
FAILED_STATUSES: Final = ("failed", "cancelled")
NO_TOKENS: Final = "no tokens were told"
NO_MODEL: Final = "no model was told"


def figures_of(sums: Sums) -> Row:
    """The figures of something that worked, as they are answered; without a call it has no cost."""
    cost = sums.cost if sums.unpriced < sums.parts else None
    return {
        "calls": sums.calls,
        "failed_calls": sums.failed,
        "estimated_calls": sums.estimated,
        "unpriced_calls": sums.unpriced,
        "undated_calls": sums.undated,
        "tokens": {name: getattr(sums, name) for name in BUCKETS}
        | {"unsorted": sums.unsorted, "input": sums.input, "total": sums.tokens},
        "cost_micro_usd": cost,
        "cost_usd": None if cost is None else cost / MICRO_USD,
        "reported_cost_micro_usd": sums.reported,
        "computed_cost_micro_usd": sums.computed,
        "compared": {
            "calls": sums.compared,
            "reported_micro_usd": sums.compared_reported,
            "computed_micro_usd": sums.compared_computed,
        },
    }


def total_of(sums: Sums) -> Row:
    """The figures of a stretch of time: where nothing was called, nothing was spent."""
    figures = figures_of(sums)
    return figures if sums.parts else figures | {"cost_micro_usd": 0, "cost_usd": 0.0}


def costs_answer(queries: Queries, question: CostQuestion) -> Row:
    """The total, its groups, failed work, and what has no price; raises NotFound.

    What was asked for by name and never called a model must at least be known.
    """
    wanted = question.wanted
    by_model = costs_by(queries, wanted, "model")
    if not by_model:
        check_known(queries, wanted)
    total = figures_of if any(_names(wanted)) else total_of
    answer: Row = {
        "since": known_time(wanted.since),
        "until": known_time(wanted.until),
        "zone": zone_name(wanted.zone, question.asked_at),
        "by": question.by,
        "total": total(sum_of(by_model.values())),
        "failed_work": total_of(costs_of_statuses(queries, wanted, FAILED_STATUSES)),
        "rows": [],
        "unpriced_models": _unpriced(by_model),
    } | prices_of(queries)
    if question.by is not None:
        groups = by_model if question.by == "model" else costs_by(queries, wanted, question.by)
        answer["rows"] = _rows(queries, question.by, groups)
    if question.parts:
        _add_parts(queries, question, by_model, answer["rows"])
    return answer


def check_known(queries: Queries, wanted: CostFilter) -> None:
    """Raises TaskNotFound or NotFound for a name that nothing recorded has."""
    task, session, worker, model = _names(wanted)
    if task is not None and find_state(queries, TrailKey("tasks", task)) is None:
        raise TaskNotFound(f"expected a task {task[:200]!r}, there is none")
    for what, name, is_known in (
        ("session", session, lambda: list_sessions(queries, limit=1, session_id=session)),
        ("worker", worker, lambda: find_worker(queries, str(worker))),
        ("model", model, lambda: queries.query("model_is_known", model=model)),
    ):
        if name is not None and not is_known():
            raise NotFound(f"expected a {what} {name[:200]!r}, there is none")


def _names(wanted: CostFilter) -> tuple[str | None, ...]:
    return wanted.task_id, wanted.session_id, wanted.worker_id, wanted.model


def prices_of(queries: Queries) -> Row:
    """The name of the prices by which costs were computed, and why the user's own are not used."""
    for version, _, trouble in queries.query("price_book"):
        return {"price_version": version, "price_trouble": trouble}
    return {"price_version": None, "price_trouble": None}


def task_figures(queries: Queries, task_id: str) -> Row:
    """The figures of one task."""
    return figures_of(sums_of_tasks(queries, [task_id])[task_id])


def with_costs(summary: Row, sums: Sums) -> Row:
    """The task's summary with what its calls come to; what its end told stays beside it."""
    told = summary["cost_micro_usd"]
    figures = figures_of(sums)
    cost = figures["cost_micro_usd"] if sums.parts else told
    row = summary | {
        "cost_micro_usd": cost,
        "cost_usd": None if cost is None else cost / MICRO_USD,
        "reported_cost_micro_usd": told,
        "calls": sums.calls,
        "unpriced_calls": sums.unpriced,
        "undated_calls": sums.undated,
    }
    if sums.tokens:  # the same here as where costs are shown
        row |= {"input_tokens": sums.input, "output_tokens": sums.output + sums.reasoning}
    return row


def explain_task(queries: Queries, task_id: str) -> Row:
    """Every call behind a task's cost: its buckets and their prices, and whose these are."""
    book = book_in(queries)
    rows = [
        _explained(call, family, trail_id, book)
        for call, family, trail_id in calls_of_task(queries, task_id)
    ]
    elsewhere = [
        {"call_id": name.removeprefix("id:"), "seq": seq, "counted_in": f"{family}/{trail_id}"}
        for name, family, trail_id, seq in queries.query("calls_counted_elsewhere", task_id=task_id)
    ]
    return {
        "task_id": task_id,
        "total": task_figures(queries, task_id),
        "calls": rows,
        "counted_elsewhere": elsewhere,
    } | prices_of(queries)


def _explained(call: CallRow, family: str, trail_id: str, book: PriceBook) -> Row:
    told = call.telling
    price = book.price_of(told.call)
    is_call = call.kind == A_CALL
    row: Row = {
        "call_id": told.name.removeprefix("id:") if told.name.startswith("id:") else None,
        "kind": KIND_NAMES.get(call.kind, "rest of task"),
        "trail": f"{family}/{trail_id}",
        "seq": told.seq if is_call else None,
        "timestamp": utc_text(told.at),
        "worker_id": told.worker_id,
        "model": told.model,
        "provider": told.provider,
        "tier": told.tier,
        "web_searches": told.web_searches,
        "tellings": call.tellings,
        "is_estimated": bool(told.is_estimated),
        "is_undated": bool(told.is_undated),
        "unread_tokens": told.unread,
        "success": None if told.success is None else bool(told.success),
        "tokens": {name: getattr(told, name) for name in BUCKETS} | {"total": told.usage.tokens},
        "cost_micro_usd": call.cost,
        "reported_cost_micro_usd": told.reported,
        "computed_cost_micro_usd": call.computed,
        "price": None,
        "parts": [],
        "unpriced": None,
    }
    if call.computed is None or price is None:
        return row | {"unpriced": _why(call)}
    named = {"source": price.source, "model": price.model, "provider": price.provider}
    return row | {"price": named, "parts": _parts(price, told.usage)}


def _parts(price: Price, usage: Usage) -> list[Row]:
    """Each bucket with its price, then what is paid by the piece."""
    parts: list[Row] = [
        {
            "bucket": bucket,
            "tokens": tokens,
            "usd_per_million": str(rate),
            "micro_usd": str(amount.normalize()) if amount else "0",
        }
        for bucket, tokens, rate, amount in cost_parts(price, usage)
    ]
    pieces = {"request": price.per_call, "web search": price.per_search * (usage.web_searches or 0)}
    return parts + [
        {"bucket": name, "tokens": None, "micro_usd": str(amount)}
        for name, amount in pieces.items()
        if amount
    ]


def _why(call: CallRow) -> str:
    """Why the tables give no cost."""
    if not call.telling.usage.known:
        return NO_TOKENS
    return NO_MODEL if call.telling.model is None else f"no price of {call.telling.model} is known"


def _rows(queries: Queries, by: str, groups: Mapping[Group, Sums]) -> list[Row]:
    """The dearest first; days in their order."""
    rows: list[Row] = [{_KEYS[by]: name} | figures_of(sums) for name, sums in groups.items()]
    if by == "day":
        return sorted(rows, key=lambda row: str(row["day"]))
    rows.sort(key=lambda row: (-(row["cost_micro_usd"] or 0), str(row[_KEYS[by]])))
    if by == "task":
        for row in rows:
            state = find_state(queries, TrailKey("tasks", row["task_id"] or ""))
            row["title"] = state.task.title if state else None
            row["status"] = state.task.status if state else None
    return rows


def _add_parts(
    queries: Queries, question: CostQuestion, by_model: Mapping[Group, Sums], rows: Iterable[Row]
) -> None:
    """Each row gets what the dearest models cost in it, the dearest of all first."""
    by = question.by or ""
    dear = sorted((-sums.cost, model) for model, sums in by_model.items() if model and sums.cost)
    wanted = [replace(question.wanted, model=model) for _, model in dear[: question.parts]]
    found = {str(one.model): costs_by(queries, one, by) for one in wanted}
    for row in rows:
        own = {model: groups.get(row[_KEYS[by]]) for model, groups in found.items()}
        row["parts"] = [
            {"model": model, "cost_micro_usd": sums.cost}
            for model, sums in own.items()
            if sums and sums.cost
        ]


_KEYS: Final = {
    "model": "model",
    "task": "task_id",
    "session": "session_id",
    "worker": "worker_id",
    "day": "day",
}


def _unpriced(by_model: Mapping[Group, Sums]) -> list[Row]:
    rows = [
        {"model": model, "calls": sums.unpriced, "tokens": sums.tokens}
        for model, sums in by_model.items()
        if sums.unpriced
    ]
    return sorted(rows, key=lambda row: str(row["model"]))
