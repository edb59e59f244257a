"""Sessions and workers, as they are answered everywhere.

A task that several sessions tried is in each of them as it was there: with the calls of that
session, and with the status that it had for it.
"""

from typing import Final

from msgspec import Raw

from tasktrail.errors import InvalidCursor, NotFound
from tasktrail.index.coordinator_pages import (
    NEWEST,
    Session,
    Worker,
    costs_of_worker,
    count_sessions,
    count_workers,
    find_worker,
    list_sessions,
    list_workers,
    tasks_of_session,
    workers_under,
)
from tasktrail.index.cost_sums import NOTHING, Sums, sum_of
from tasktrail.index.costs import costs_by
from tasktrail.index.database import Queries
from tasktrail.model.filters import MAX_SEQ
from tasktrail.model.ledger_filters import CostFilter, WorkerFilter
from tasktrail.model.page import Paging, decode_cursor, encode_cursor
from tasktrail.model.times import known_time
from tasktrail.query.costs import figures_of
from tasktrail.query.rows import Row

SESSIONS: Final = "sessions"
WORKERS: Final = "workers"
MAX_WORKERS: Final = 10_000  # of one session in one answer


def sessions_page(queries: Queries, paging: Paging) -> Row:
    """`sessions`, newest first, `total_count` and `next_cursor`; raises InvalidCursor."""
    before = _place(SESSIONS, paging.cursor)
    found = list_sessions(queries, limit=paging.limit + 1, before=before)
    page = found[: paging.limit]
    costs = costs_by(queries, CostFilter(), "session") if page else {}
    return {
        "sessions": [_session(queries, one, costs.get(one.session_id, NOTHING)) for one in page],
        "total_count": count_sessions(queries),
        "next_cursor": _next(SESSIONS, [(one.first_at, one.session_id) for one in page], found),
    }


def session_answer(queries: Queries, session_id: str) -> Row:
    """One session with its tasks and workers; raises NotFound."""
    for one in list_sessions(queries, limit=1, session_id=session_id):
        costs = costs_by(queries, CostFilter(session_id=session_id), "task")
        total = sum_of(costs.values())
        wanted = WorkerFilter(session_id=session_id)
        return _session(queries, one, total) | {
            "tasks": [
                {"task_id": task.task_id, "title": task.title, "status": task.status}
                | _money(costs.get(task.task_id, NOTHING))
                for task in tasks_of_session(queries, session_id)
            ],
            "workers": [
                worker_row(queries, worker)
                for worker in list_workers(queries, wanted, limit=MAX_WORKERS)[::-1]
            ],
        }
    raise NotFound(f"expected a session {session_id[:200]!r}, there is none")


def workers_page(queries: Queries, wanted: WorkerFilter, paging: Paging) -> Row:
    """`workers`, newest first, `total_count` and `next_cursor`; raises InvalidCursor."""
    name = f"{WORKERS} {wanted.task_id} {wanted.session_id} {wanted.status}"
    before = _place(name, paging.cursor)
    found = list_workers(queries, wanted, limit=paging.limit + 1, before=before)
    page = found[: paging.limit]
    return {
        "workers": [worker_row(queries, one) for one in page],
        "total_count": count_workers(queries, wanted),
        "next_cursor": _next(name, [(one.first_at, one.worker_id) for one in page], found),
    }


def worker_answer(queries: Queries, worker_id: str) -> Row:
    """One worker with those that it started; raises NotFound."""
    one = find_worker(queries, worker_id)
    if one is None:
        raise NotFound(f"expected a worker {worker_id[:200]!r}, there is none")
    under = workers_under(queries, worker_id)
    return worker_row(queries, one) | {"workers": [worker_row(queries, each) for each in under]}


def worker_row(queries: Queries, one: Worker) -> Row:
    """A worker with its figures."""
    row: Row = one._asdict()
    del row["first_at"]
    times = {name: known_time(row[name]) for name in ("spawned_at", "completed_at")}
    return row | times | figures_of(costs_of_worker(queries, one.worker_id))


def _session(queries: Queries, one: Session, sums: Sums) -> Row:
    tasks = tasks_of_session(queries, one.session_id)
    by_status: dict[str, int] = {}
    for task in tasks:
        by_status[task.status] = by_status.get(task.status, 0) + 1
    workers = count_workers(queries, WorkerFilter(session_id=one.session_id))
    return {
        "session_id": one.session_id,
        "title": next((task.title for task in tasks if task.title), None),
        "started_at": known_time(one.started_at),
        "ended_at": known_time(one.ended_at),
        "exit_reason": one.exit_reason,
        "git_commit": one.git_commit,
        "branch": one.branch,
        "host": one.host,
        "pid": one.pid,
        "config": None if one.config is None else Raw(one.config.encode()),
        "task_counts": by_status,
        "worker_count": workers,
    } | figures_of(sums)


def _money(sums: Sums) -> Row:
    figures = figures_of(sums)
    return {name: figures[name] for name in ("cost_micro_usd", "unpriced_calls")}


def _place(name: str, cursor: str | None) -> tuple[int, str]:
    if cursor is None:
        return NEWEST
    match decode_cursor(name, cursor):
        case (int(at), str(one)):
            return min(at, MAX_SEQ), one
    raise InvalidCursor(f"expected a cursor of {name}, found {cursor[:80]!r}")


def _next(
    name: str, page: list[tuple[int, str]], found: list[Session] | list[Worker]
) -> str | None:
    return encode_cursor(name, page[-1]) if len(found) > len(page) else None
