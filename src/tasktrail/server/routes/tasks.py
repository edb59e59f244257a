"""Tasks: the list, one of them, and design (1)'s object of a task's files."""

from litestar import Response, get
from litestar.params import FromPath

from tasktrail.server.answers import TaskPage, TaskSections, TaskSummary
from tasktrail.server.found_answers import OpenedTask, StageList, Timeline
from tasktrail.server.openapi import answers, asking
from tasktrail.server.params import (
    ENTRY_PARAMETERS,
    OPEN_PARAMETERS,
    PAGE_PARAMETERS,
    TASK_PARAMETERS,
    TIMELINE_PARAMETERS,
    id_of,
    parse_open_query,
    parse_task_query,
    parse_timeline_query,
)
from tasktrail.server.problems import AnyRequest
from tasktrail.server.rendering import json_answer, query_of, reader_of, turn_of


@get(
    "/api/tasks",
    sync_to_thread=True,
    operation_class=asking(*TASK_PARAMETERS, *PAGE_PARAMETERS),
    responses=answers(TaskPage, "invalid_filter"),
)
def list_tasks(request: AnyRequest) -> Response[bytes]:
    """Tasks, newest first."""
    wanted, paging = parse_task_query(query_of(request))
    reader = reader_of(request)
    return json_answer(reader.tasks(wanted, limit=paging.limit, cursor=paging.cursor))


@get(
    "/api/tasks/{task_id:str}",
    sync_to_thread=True,
    responses=answers(TaskSummary, "bad_request", "task_not_found"),
)
def show_task(request: AnyRequest, task_id: FromPath[str]) -> Response[bytes]:
    """One task: the same object as in the list."""
    return json_answer(reader_of(request).task(id_of(task_id)))


@get(
    "/api/tasks/{task_id:str}/stages",
    sync_to_thread=True,
    responses=answers(StageList, "bad_request", "task_not_found"),
)
def list_stages(request: AnyRequest, task_id: FromPath[str]) -> Response[bytes]:
    """The task's stages, each time it went through one, first appearance first."""
    return json_answer(reader_of(request).stages(id_of(task_id)))


@get(
    "/api/tasks/{task_id:str}/timeline",
    sync_to_thread=True,
    operation_class=asking(*TIMELINE_PARAMETERS),
    responses=answers(Timeline, "invalid_filter", "task_not_found"),
)
def show_timeline(request: AnyRequest, task_id: FromPath[str]) -> Response[bytes]:
    """What the task's workers did: model calls, tools, words; from when to when, in columns."""
    limit = parse_timeline_query(query_of(request))
    return json_answer(reader_of(request).timeline(id_of(task_id), limit=limit))


@get(
    "/api/tasks/{task_id:str}/open",
    sync_to_thread=True,
    operation_class=asking(*ENTRY_PARAMETERS, *OPEN_PARAMETERS),
    responses=answers(OpenedTask, "invalid_filter", "task_not_found"),
)
def open_task(request: AnyRequest, task_id: FromPath[str]) -> Response[bytes]:
    """The task, its counts, its stages and its last entries that match, in one answer."""
    wanted, tail, preview = parse_open_query(query_of(request))
    reader = reader_of(request)
    with turn_of(request, wanted):
        return json_answer(reader.open(id_of(task_id), wanted, tail=tail, preview=preview))


@get(
    "/tasks/{task_id:str}/logs",
    sync_to_thread=True,
    responses=answers(TaskSections, "bad_request", "task_not_found"),
)
def show_sections(request: AnyRequest, task_id: FromPath[str]) -> Response[bytes]:
    """The task's files as one object; a key is there when its file is."""
    return json_answer(reader_of(request).sections(id_of(task_id)))
