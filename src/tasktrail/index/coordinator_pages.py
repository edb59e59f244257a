"""Lists of sessions, workers and events of coordinators, newest first, and one of them.

The order is that of recording for sessions and workers, and that of the events' own times; neither
changes for what is there, so paging is stable while others arrive.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from tasktrail.index.cost_sums import NOTHING, Sums
from tasktrail.index.database import Queries, Row, as_list
from tasktrail.model.filters import MAX_SEQ
from tasktrail.model.ids import TrailKey
from tasktrail.model.ledger_filters import EventFilter, WorkerFilter

NEWEST: tuple[int, str] = (MAX_SEQ, "")


class Session(NamedTuple):
    """A coordinator run; times in µs, `None` where nobody told."""

    session_id: str
    first_at: int
    started_at: int | None
    ended_at: int | None
    git_commit: str | None
    exit_reason: str | None
    config: str | None
    branch: str | None
    host: str | None
    pid: int | None


class Worker(NamedTuple):
    """A process that executed a task; times in µs, `None` where nobody told."""

    worker_id: str
    session_id: str | None
    task_id: str | None
    spawned_at: int | None
    completed_at: int | None
    pid: int | None
    status: str | None  # `None`: known by its calls only
    exit_code: int | None
    log_file: str | None
    parent_worker_id: str | None
    agent: str | None
    first_at: int
    task_title: str | None


class SessionTask(NamedTuple):
    """A task of a session."""

    task_id: str
    title: str | None
    status: str
    trail: int


class EventPlace(NamedTuple):
    """An event in the list: what the index knows of it, and where its line stands."""

    at: int
    key: TrailKey
    seq: int
    session_id: str | None
    worker_id: str | None
    event_type: str
    context_type: str | None
    context_id: str | None
    severity: str
    offset: int
    length: int


def list_sessions(
    queries: Queries, *, limit: int, before: tuple[int, str] = NEWEST, session_id: str | None = None
) -> list[Session]:
    """Sessions that anything names, those after the place `before`."""
    at, name = before
    rows = queries.query("sessions_page", at=at, id=name, session_id=session_id, limit=limit)
    return [Session(*row) for row in rows]


def count_sessions(queries: Queries) -> int:
    """How many sessions anything names."""
    ((count,),) = queries.query("sessions_count")
    return int(count)


def tasks_of_session(queries: Queries, session_id: str) -> list[SessionTask]:
    """The tasks of a session, by their ids."""
    return [SessionTask(*row) for row in queries.query("tasks_of_session", session_id=session_id)]


def list_workers(
    queries: Queries, wanted: WorkerFilter, *, limit: int, before: tuple[int, str] = NEWEST
) -> list[Worker]:
    """Workers that match, those after the place `before`."""
    at, name = before
    values = msgspec.structs.asdict(wanted)
    rows = queries.query("workers_page", at=at, id=name, limit=limit, **values)
    return [Worker(*row) for row in rows]


def count_workers(queries: Queries, wanted: WorkerFilter) -> int:
    """How many workers match."""
    ((count,),) = queries.query("workers_count", **msgspec.structs.asdict(wanted))
    return int(count)


def find_worker(queries: Queries, worker_id: str) -> Worker | None:
    """The worker; `None` when nobody told of it."""
    return next(_workers(queries.query("worker", worker_id=worker_id)), None)


def workers_under(queries: Queries, worker_id: str) -> list[Worker]:
    """The workers that a worker started, oldest first."""
    return list(_workers(queries.query("workers_under", worker_id=worker_id)))


def costs_of_worker(queries: Queries, worker_id: str) -> Sums:
    """What the calls of a worker come to."""
    rows = queries.query("costs_of_worker", worker_id=worker_id)
    return Sums(*rows[0]) if rows else NOTHING


def list_events(
    queries: Queries,
    wanted: EventFilter,
    *,
    limit: int,
    before: tuple[int, str, int] = (MAX_SEQ, "", 0),
) -> list[EventPlace]:
    """Events that match, those after the place `before`."""
    at, name, seq = before
    values = _values(wanted)
    rows = queries.query("events_page", at=at, name=name, seq=seq, limit=limit, **values)
    return [EventPlace(row[0], TrailKey(row[1], row[2]), *row[3:]) for row in rows]


def count_events(queries: Queries, wanted: EventFilter) -> int:
    """How many events match."""
    ((count,),) = queries.query("events_count", **_values(wanted))
    return int(count)


def _workers(rows: Sequence[Row]) -> Iterator[Worker]:
    return (Worker(*row) for row in rows)


def _values(wanted: EventFilter) -> dict[str, object]:
    severities = as_list(wanted.severities) if wanted.severities else None
    return {
        "event_type": wanted.event_type,
        "session_id": wanted.session_id,
        "context_id": wanted.context_id,
        "severities": severities,
        "since": -MAX_SEQ if wanted.since is None else wanted.since,
    }
