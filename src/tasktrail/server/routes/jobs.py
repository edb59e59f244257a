"""Jobs: their entries, their stages with the named pieces of work in them."""

from litestar import Response, get
from litestar.params import FromPath
from msgspec import structs

from tasktrail.server.found_answers import ItemLogPage, JobLogPage, JobStages
from tasktrail.server.openapi import answers, asking
from tasktrail.server.params import (
    JOB_PARAMETERS,
    LOG_PAGE_PARAMETERS,
    id_of,
    parse_job_query,
    parse_log_query,
)
from tasktrail.server.problems import AnyRequest
from tasktrail.server.rendering import json_answer, query_of, reader_of, turn_of

PATH = "/api/jobs/{job_id:str}"


@get(
    f"{PATH}/logs",
    sync_to_thread=True,
    operation_class=asking(*JOB_PARAMETERS, *LOG_PAGE_PARAMETERS),
    responses=answers(JobLogPage, "invalid_filter"),
)
def list_job_logs(request: AnyRequest, job_id: FromPath[str]) -> Response[bytes]:
    """Entries of all the job's trails; `task_id` is the piece of work, `trail_id` the trail."""
    wanted, paging, item = parse_job_query(query_of(request))
    page = structs.asdict(paging)
    with turn_of(request, wanted):
        return json_answer(reader_of(request).job_logs(id_of(job_id), wanted, name=item, **page))


@get(f"{PATH}/stages", sync_to_thread=True, responses=answers(JobStages, "bad_request"))
def list_job_stages(request: AnyRequest, job_id: FromPath[str]) -> Response[bytes]:
    """The job's stages and their pieces of work with counts, first appearance first."""
    return json_answer(reader_of(request).job_stages(id_of(job_id)))


@get(
    f"{PATH}/tasks/{{task_id:str}}/logs",
    sync_to_thread=True,
    operation_class=asking(*JOB_PARAMETERS[1:], *LOG_PAGE_PARAMETERS),
    responses=answers(ItemLogPage, "invalid_filter"),
)
def list_item_logs(
    request: AnyRequest, job_id: FromPath[str], task_id: FromPath[str]
) -> Response[bytes]:
    """Entries of one piece of the job's work, as many as its stage counts."""
    wanted, paging = parse_log_query(query_of(request))
    item, page = id_of(task_id), structs.asdict(paging)
    with turn_of(request, wanted):
        found = reader_of(request).job_logs(id_of(job_id), wanted, name=item, **page)
    return json_answer({"task_id": item, **found})
