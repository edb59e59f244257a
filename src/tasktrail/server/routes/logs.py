"""A task's entries: pages of them, one of them, counts and sources."""

from litestar import Response, get
from litestar.params import FromPath
from msgspec import structs

from tasktrail.server.answers import LogEntry, LogPage, LogStats
from tasktrail.server.found_answers import Histogram
from tasktrail.server.openapi import answers, asking
from tasktrail.server.params import (
    ENTRY_PARAMETERS,
    HISTOGRAM_PARAMETERS,
    LOG_PAGE_PARAMETERS,
    SEQ_LIST_PARAMETERS,
    id_of,
    parse_histogram_query,
    parse_log_query,
    parse_seq,
    parse_seq_list_query,
    parse_stats_query,
)
from tasktrail.server.problems import AnyRequest
from tasktrail.server.rendering import json_answer, query_of, reader_of, turn_of

PATH = "/api/tasks/{task_id:str}/logs"


@get(
    PATH,
    sync_to_thread=True,
    operation_class=asking(*ENTRY_PARAMETERS, *LOG_PAGE_PARAMETERS),
    responses=answers(LogPage, "invalid_filter", "task_not_found"),
)
def list_logs(request: AnyRequest, task_id: FromPath[str]) -> Response[bytes]:
    """Entries of all channels by seq; filters are ANDed."""
    wanted, paging = parse_log_query(query_of(request))
    reader = reader_of(request)
    with turn_of(request, wanted):
        return json_answer(reader.logs(id_of(task_id), wanted, **structs.asdict(paging)))


@get(
    f"{PATH}/stats",
    sync_to_thread=True,
    operation_class=asking(*ENTRY_PARAMETERS),
    responses=answers(LogStats, "invalid_filter", "task_not_found"),
)
def show_stats(request: AnyRequest, task_id: FromPath[str]) -> Response[bytes]:
    """How many entries of each level, source, stage, channel and event type."""
    wanted = parse_stats_query(query_of(request))
    with turn_of(request, wanted):
        return json_answer(reader_of(request).stats(id_of(task_id), wanted))


@get(
    f"{PATH}/sources",
    sync_to_thread=True,
    responses=answers(list[str], "bad_request", "task_not_found"),
)
def list_sources(request: AnyRequest, task_id: FromPath[str]) -> Response[bytes]:
    """Each source of the task's entries once."""
    return json_answer(reader_of(request).sources(id_of(task_id)))


@get(
    f"{PATH}/histogram",
    sync_to_thread=True,
    operation_class=asking(*ENTRY_PARAMETERS, *HISTOGRAM_PARAMETERS),
    responses=answers(Histogram, "invalid_filter", "task_not_found"),
)
def show_histogram(request: AnyRequest, task_id: FromPath[str]) -> Response[bytes]:
    """How many entries of each level over time."""
    wanted, buckets = parse_histogram_query(query_of(request))
    with turn_of(request, wanted):
        return json_answer(reader_of(request).histogram(id_of(task_id), wanted, buckets=buckets))


@get(
    f"{PATH}/index",
    sync_to_thread=True,
    operation_class=asking(*ENTRY_PARAMETERS, *SEQ_LIST_PARAMETERS),
    responses=answers(
        bytes, "invalid_filter", "task_not_found", media_type="application/octet-stream"
    ),
)
def list_seqs(request: AnyRequest, task_id: FromPath[str]) -> Response[bytes]:
    """The seqs of all entries that match, as differences in LEB128; how many is in the headers."""
    wanted, limit = parse_seq_list_query(query_of(request))
    with turn_of(request, wanted):
        found = reader_of(request).seqs(id_of(task_id), wanted, limit=limit)
    headers = {"X-Total-Count": str(found.count), "X-Head": str(found.head)}
    if found.next_after_seq is not None:
        headers["X-Next-After-Seq"] = str(found.next_after_seq)
    if found.is_partial:
        headers["X-Partial"] = "true"
    return Response(found.blob, media_type="application/octet-stream", headers=headers)


@get(
    f"{PATH}/{{seq:str}}",
    sync_to_thread=True,
    responses=answers(LogEntry, "invalid_filter", "entry_not_found"),
)
def show_entry(request: AnyRequest, task_id: FromPath[str], seq: FromPath[str]) -> Response[bytes]:
    """One entry, whole."""
    return json_answer(reader_of(request).entry(id_of(task_id), parse_seq(seq)))
