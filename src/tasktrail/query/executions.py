"""Executions of scheduled jobs as they are answered."""

from tasktrail.errors import ExecutionNotFound, InvalidFilter
from tasktrail.index.database import Queries
from tasktrail.index.executions import RUNNING, STATUSES, Execution, find_execution, list_executions
from tasktrail.model.page import Paging
from tasktrail.model.times import known_time
from tasktrail.query.rows import Row

MILLISECOND = 1_000  # µs


def execution_page(
    queries: Queries, *, job_id: str | None, status: tuple[str, ...], paging: Paging
) -> Row:
    """`executions`, `count`, `total` and `has_more`; raises InvalidFilter."""
    wanted = tuple(dict.fromkeys(_status(one) for one in status))
    ids = list_executions(queries, job_id=job_id, status=wanted)
    page = ids[paging.offset : paging.offset + paging.limit]
    rows = [execution_row(queries, one) for one in page]
    return {
        "executions": rows,
        "count": len(rows),
        "total": len(ids),
        "has_more": paging.offset + len(rows) < len(ids),
    }


def execution_row(queries: Queries, execution_id: str) -> Row:
    """One execution; raises ExecutionNotFound."""
    found = find_execution(queries, execution_id)
    if found is None:
        raise ExecutionNotFound(f"expected an execution {execution_id[:200]!r}, there is none")
    return _row(found)


def _row(found: Execution) -> Row:
    told = found.told
    return {
        "id": found.id,
        "job_id": told.job_id or None,
        "task_id": found.trail.id if found.trail.family == "tasks" else None,
        "status": told.status,
        "started_at": known_time(told.started_at),
        "completed_at": known_time(told.ended_at),
        "duration_ms": _duration(found),
        "result_summary": told.summary,
        "error_message": told.error,
        "log_count": found.entries,
        "created_at": known_time(told.first_at),
        "updated_at": known_time(found.updated_at),
    }


def _duration(found: Execution) -> int | None:
    """As reported, else between beginning and end where both were told."""
    told = found.told
    if told.duration_ms is not None or told.ended_at is None or told.started_at is None:
        return told.duration_ms
    return (told.ended_at - told.started_at) // MILLISECOND


def _status(text: str) -> str:
    status = text.strip().lower()
    status = RUNNING if status == "active" else status
    if status not in STATUSES:
        raise InvalidFilter(f"status: expected one of {', '.join(STATUSES)}, found {text!r}")
    return status
