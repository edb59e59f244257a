"""Coordinators: their sessions, workers and events."""

from litestar import Response, get
from litestar.params import FromPath
from msgspec import structs

from tasktrail.server.ledger_answers import (
    EventPage,
    SessionAnswer,
    SessionLogPage,
    SessionPage,
    WorkerAnswer,
    WorkerPage,
)
from tasktrail.server.openapi import answers, asking
from tasktrail.server.params import (
    ENTRY_PARAMETERS,
    LOG_PAGE_PARAMETERS,
    PAGE_PARAMETERS,
    Parameter,
    id_of,
    parse_log_query,
    parse_query,
)
from tasktrail.server.problems import AnyRequest
from tasktrail.server.rendering import json_answer, query_of, reader_of, turn_of

WORKER_PARAMETERS = (
    Parameter("task_id", "string", "only workers of that task"),
    Parameter("session_id", "string", "only workers of that session"),
    Parameter("status", "string", "spawned, completed, failed or cancelled"),
)
EVENT_PARAMETERS = (
    Parameter("type", "string", "decision, error, trigger, worktree, …"),
    Parameter("session_id", "string", "only of that session"),
    Parameter("context_id", "string", "only about that task, worker or worktree"),
    Parameter("severity", "string", "exactly this level"),
    Parameter("min_severity", "string", "this level and above"),
    Parameter("since", "string", "not before: 10m, 24h, 7d or an ISO time"),
)


@get(
    "/api/sessions",
    sync_to_thread=True,
    operation_class=asking(*PAGE_PARAMETERS),
    responses=answers(SessionPage, "invalid_filter"),
)
def list_sessions(request: AnyRequest) -> Response[bytes]:
    """Coordinator runs, newest first."""
    return json_answer(reader_of(request).ledger.sessions(parse_query(query_of(request))))


@get(
    "/api/sessions/{session_id:str}",
    sync_to_thread=True,
    responses=answers(SessionAnswer, "bad_request", "not_found"),
)
def show_session(request: AnyRequest, session_id: FromPath[str]) -> Response[bytes]:
    """One coordinator run with its tasks and workers."""
    return json_answer(reader_of(request).ledger.session(id_of(session_id)))


@get(
    "/api/sessions/{session_id:str}/logs",
    sync_to_thread=True,
    operation_class=asking(*ENTRY_PARAMETERS, *LOG_PAGE_PARAMETERS),
    responses=answers(SessionLogPage, "invalid_filter", "not_found"),
)
def list_session_logs(request: AnyRequest, session_id: FromPath[str]) -> Response[bytes]:
    """What the session said beside its tasks, by seq; filters are ANDed."""
    wanted, paging = parse_log_query(query_of(request))
    reader, name = reader_of(request), id_of(session_id)
    with turn_of(request, wanted):
        return json_answer(reader.session_logs(name, wanted, **structs.asdict(paging)))


@get(
    "/api/workers",
    sync_to_thread=True,
    operation_class=asking(*WORKER_PARAMETERS, *PAGE_PARAMETERS),
    responses=answers(WorkerPage, "invalid_filter"),
)
def list_workers(request: AnyRequest) -> Response[bytes]:
    """Processes that executed tasks, newest first."""
    return json_answer(reader_of(request).ledger.workers(parse_query(query_of(request))))


@get(
    "/api/workers/{worker_id:str}",
    sync_to_thread=True,
    responses=answers(WorkerAnswer, "bad_request", "not_found"),
)
def show_worker(request: AnyRequest, worker_id: FromPath[str]) -> Response[bytes]:
    """One worker with those that it started."""
    return json_answer(reader_of(request).ledger.worker(id_of(worker_id)))


@get(
    "/api/events",
    sync_to_thread=True,
    operation_class=asking(*EVENT_PARAMETERS, *PAGE_PARAMETERS),
    responses=answers(EventPage, "invalid_filter"),
)
def list_events(request: AnyRequest) -> Response[bytes]:
    """What coordinators decided, were told or ran into, newest first."""
    return json_answer(reader_of(request).ledger.events(parse_query(query_of(request))))
