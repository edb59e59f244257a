"""Executions of scheduled jobs: the list, one of them, its entries."""

from litestar import Response, get
from litestar.params import FromPath
from msgspec import structs

from tasktrail.server.found_answers import Execution, ExecutionLogPage, ExecutionPage
from tasktrail.server.openapi import answers, asking
from tasktrail.server.params import (
    ENTRY_PARAMETERS,
    EXECUTION_PARAMETERS,
    LOG_PAGE_PARAMETERS,
    OFFSET_PARAMETERS,
    id_of,
    parse_execution_query,
    parse_log_query,
)
from tasktrail.server.problems import AnyRequest
from tasktrail.server.rendering import json_answer, query_of, reader_of, turn_of

PATH = "/api/executions"


@get(
    PATH,
    sync_to_thread=True,
    operation_class=asking(*EXECUTION_PARAMETERS, *OFFSET_PARAMETERS),
    responses=answers(ExecutionPage, "invalid_filter"),
)
def list_executions(request: AnyRequest) -> Response[bytes]:
    """Executions, newest first; of an unknown job none."""
    asked = parse_execution_query(query_of(request))
    found = reader_of(request).executions(
        job_id=asked.job_id,
        status=asked.status,
        limit=asked.paging.limit,
        offset=asked.paging.offset,
    )
    return json_answer(found)


@get(
    f"{PATH}/{{execution_id:str}}",
    sync_to_thread=True,
    responses=answers(Execution, "bad_request", "execution_not_found"),
)
def show_execution(request: AnyRequest, execution_id: FromPath[str]) -> Response[bytes]:
    """One execution: the same object as in the list."""
    return json_answer(reader_of(request).execution(id_of(execution_id)))


@get(
    f"{PATH}/{{execution_id:str}}/logs",
    sync_to_thread=True,
    operation_class=asking(*ENTRY_PARAMETERS, *LOG_PAGE_PARAMETERS),
    responses=answers(ExecutionLogPage, "invalid_filter", "execution_not_found"),
)
def list_execution_logs(request: AnyRequest, execution_id: FromPath[str]) -> Response[bytes]:
    """The execution's entries, also those that say when it began and ended."""
    wanted, paging = parse_log_query(query_of(request))
    page = structs.asdict(paging)
    with turn_of(request, wanted):
        return json_answer(reader_of(request).execution_logs(id_of(execution_id), wanted, **page))
