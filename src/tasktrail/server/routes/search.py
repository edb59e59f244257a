"""Searching over all tasks, answered line by line while it goes."""

from threading import Event

from litestar import get
from litestar.response import Stream

from tasktrail.server.found_answers import SearchLine
from tasktrail.server.openapi import answers, asking
from tasktrail.server.params import ENTRY_PARAMETERS, SEARCH_PARAMETERS, parse_search_query
from tasktrail.server.problems import AnyRequest
from tasktrail.server.rendering import query_of, reader_of, turns_of
from tasktrail.server.searching import search_lines

NDJSON = "application/x-ndjson"


@get(
    "/api/search",
    sync_to_thread=True,
    operation_class=asking(*ENTRY_PARAMETERS, *SEARCH_PARAMETERS),
    responses=answers(SearchLine, "invalid_filter", media_type=NDJSON),
)
def search_tasks(request: AnyRequest) -> Stream:
    """Entries of all tasks that match, as JSON lines: hits as they are found, progress, an end."""
    asked, stop = parse_search_query(query_of(request)), Event()
    steps = reader_of(request).search(
        asked.wanted,
        limit=asked.limit,
        seconds=asked.seconds,
        stop=stop,
        by_task=asked.by_task,
    )
    each = turns_of(request).each(steps)
    lines = search_lines(each, stop, limit=asked.limit, preview=asked.preview)
    return Stream(lines, media_type=NDJSON)
