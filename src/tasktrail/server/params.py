"""From a request's address to what the reader understands: ids, filters and pages.

The table of query parameters is also what OpenAPI lists, so both say the same.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import parse_qs, unquote

from tasktrail.errors import InvalidFilter
from tasktrail.model.filters import EntryFilter, TaskFilter, parse_filter, parse_task_filter
from tasktrail.model.page import PAGE_KEYS, Paging, parse_paging

Params = Mapping[str, Sequence[str]]

MAX_FIELDS: Final = 200  # of a query string; more is an attack


class Parameter(NamedTuple):
    """A query parameter as OpenAPI shows it."""

    name: str
    kind: str  # string | strings (may be said several times) | integer
    help: str


ENTRY_PARAMETERS: Final = (
    Parameter("level", "strings", "exactly these levels"),
    Parameter("min_level", "string", "this level and above"),
    Parameter("source", "strings", "components that wrote the entry"),
    Parameter("stage", "strings", "stages"),
    Parameter("channel", "strings", "channels of the trail"),
    Parameter("event_type", "strings", "types of events"),
    Parameter("worker_id", "string", "the worker"),
    Parameter("job_id", "string", "the job"),
    Parameter("item", "string", "the item of the job"),
    Parameter("execution_id", "string", "the execution"),
    Parameter("session_id", "string", "the session"),
    Parameter("search", "string", "text in the message, literal, in any case"),
    Parameter("since", "string", "not before: 10m, 24h, 7d or an ISO time"),
    Parameter("until", "string", "before: 10m, 24h, 7d or an ISO time"),
    Parameter("after_seq", "integer", "entries behind this seq"),
    Parameter("before_seq", "integer", "entries before this seq"),
)
TASK_PARAMETERS: Final = (
    Parameter("status", "strings", "statuses; `running` means active"),
    Parameter("source", "strings", "origins: github, jira, …"),
    Parameter("session_id", "string", "the session"),
    Parameter("job_id", "string", "the job"),
    Parameter("search", "string", "text in the id or the title, literal, in any case"),
    Parameter("since", "string", "recorded not before: 10m, 24h, 7d or an ISO time"),
)
PAGE_PARAMETERS: Final = (
    Parameter("limit", "integer", "at most so many, 1 to 10,000; 200 unless said"),
    Parameter("cursor", "string", "`next_cursor` of the page before"),
)
OFFSET_PARAMETERS: Final = (
    PAGE_PARAMETERS[0],
    Parameter("offset", "integer", "skip so many"),
)
LOG_PAGE_PARAMETERS: Final = (
    *OFFSET_PARAMETERS,
    PAGE_PARAMETERS[1],
    Parameter("order", "string", "asc or desc by seq; asc unless said"),
    Parameter("preview", "integer", "at most so many bytes of each message"),
)


def parse_query(query: str) -> Params:
    """Each key of a query string with its values; a key said twice has two."""
    try:
        return parse_qs(query, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise InvalidFilter(f"expected at most {MAX_FIELDS} query parameters") from error


def parse_task_query(query: str) -> tuple[TaskFilter, Paging]:
    """Which tasks are asked for, and which page of them."""
    params = parse_query(query)
    return parse_task_filter(_without_page(params), now=_now()), parse_paging(params)


def parse_log_query(query: str) -> tuple[EntryFilter, Paging]:
    """Which entries are asked for, and which page of them."""
    params = parse_query(query)
    return parse_entry_filter(params), parse_paging(params)


def parse_page_query(query: str) -> Paging:
    """Which page of a list is asked for; raises InvalidFilter for any other key."""
    params = parse_query(query)
    unknown = sorted(set(params) - {one.name for one in OFFSET_PARAMETERS})
    if unknown:
        raise InvalidFilter(f"{unknown[0]}: expected limit or offset, found another key")
    return parse_paging(params)


def parse_entry_filter(params: Params) -> EntryFilter:
    """Which entries are asked for; what says only which page is left alone."""
    return parse_filter(_without_page(params), now=_now())


def parse_seq(text: str) -> int:
    """The seq in a path; raises InvalidFilter."""
    if not text.isascii() or not text.isdigit():
        raise InvalidFilter(f"seq: expected a whole number, found {text!r}")
    return int(text)


def escaped_path(raw_path: bytes) -> str:
    """The path with each segment decoded, but for what would change where it is cut.

    A task id may hold a slash, sent as `%2F`: it must not become two segments. Empty segments are
    left out, so that whoever looks at the path sees what the router will.
    """
    segments = raw_path.decode("latin-1").split("/")
    return "/" + "/".join(_escaped(segment) for segment in segments if segment)


def _escaped(segment: str) -> str:
    if "%" not in segment:
        return segment
    return unquote(segment).replace("%", "%25").replace("/", "%2F")


def id_of(segment: str) -> str:
    """The id in a segment of an escaped path."""
    return unquote(segment)


def _without_page(params: Params) -> Params:
    return {name: values for name, values in params.items() if name not in PAGE_KEYS}


def _now() -> int:
    return time.time_ns() // 1_000
