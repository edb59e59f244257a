"""From a request's address to what the reader understands: ids, filters and pages.

The table of query parameters is also what OpenAPI lists, so both say the same.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import parse_qs, unquote

from tasktrail.errors import InvalidFilter
from tasktrail.model.deeds import MOST_DEEDS
from tasktrail.model.filters import EntryFilter, TaskFilter, parse_filter, parse_task_filter
from tasktrail.model.page import (
    DEFAULT_LIMIT,
    MAX_LIMIT,
    MAX_OFFSET,
    ORDERS,
    PAGE_KEYS,
    Paging,
    parse_paging,
)

Params = Mapping[str, Sequence[str]]

MAX_FIELDS: Final = 200  # of a query string; more is an attack
DEFAULT_BUCKETS: Final = 60
MAX_BUCKETS: Final = 1_000
MAX_SEQS: Final = 2_000_000
DEFAULT_SECONDS: Final = 10
MAX_SECONDS: Final = 60
SHOWN: Final = ("entry", "task")  # by search


class Parameter(NamedTuple):
    """A query parameter as OpenAPI shows it."""

    name: str
    kind: str  # string | strings (may be said several times) | integer
    help: str
    least: int | None = None
    most: int | None = None
    words: tuple[str, ...] = ()  # the only values, where there are only so many


ENTRY_PARAMETERS: Final = (
    Parameter("level", "strings", "exactly these levels"),
    Parameter("min_level", "string", "this level and above"),
    Parameter("source", "strings", "components that wrote the entry; `agent*` begins so"),
    Parameter("stage", "strings", "stages; `*` as above"),
    Parameter("channel", "strings", "channels of the trail"),
    Parameter("event_type", "strings", "types of events; `*` as above"),
    Parameter("task_id", "strings", "tasks; `*` as above"),
    Parameter("worker_id", "strings", "workers; `*` as above"),
    Parameter("job_id", "strings", "jobs; `*` as above"),
    Parameter("item", "strings", "items of the job; `*` as above"),
    Parameter("execution_id", "strings", "executions; `*` as above"),
    Parameter("session_id", "strings", "sessions; `*` as above"),
    Parameter("search", "strings", "text in the message, literal, in any case; all of them"),
    Parameter("without", "strings", "text that is not in the message"),
    Parameter("exclude", "strings", "what must not match, as `source:git`"),
    Parameter("since", "string", "not before: 10m, 24h, 7d or an ISO time"),
    Parameter("until", "string", "before: 10m, 24h, 7d or an ISO time"),
    Parameter("from_seq", "integer", "from this seq on; counted in `total_count`", 0),
    Parameter("to_seq", "integer", "up to this seq; counted in `total_count`", 0),
    Parameter("after_seq", "integer", "a page of the entries behind this seq", 0),
    Parameter("before_seq", "integer", "a page of the entries before this seq", 0),
    Parameter("q", "string", "the filter as typed: `level>=warning source:git -noise`"),
)
JOB_PARAMETERS: Final = (
    Parameter("task_id", "string", "the piece of the job's work: its item, or else its stage"),
    *(one for one in ENTRY_PARAMETERS if one.name != "task_id"),
)
TASK_PARAMETERS: Final = (
    Parameter("status", "strings", "statuses; `running` means active"),
    Parameter("source", "strings", "origins: github, jira, …"),
    Parameter("agent", "strings", "agents that do the task"),
    Parameter("session_id", "string", "the session"),
    Parameter("job_id", "string", "the job"),
    Parameter("search", "string", "text in the id or the title, literal, in any case"),
    Parameter("since", "string", "recorded not before: 10m, 24h, 7d or an ISO time"),
)
PAGE_PARAMETERS: Final = (
    Parameter("limit", "integer", "at most so many; 200 unless said", 1, MAX_LIMIT),
    Parameter("cursor", "string", "`next_cursor` of the page before"),
)
OFFSET_PARAMETERS: Final = (
    PAGE_PARAMETERS[0],
    Parameter("offset", "integer", "skip so many", 0, MAX_OFFSET),
)
PREVIEW: Final = Parameter(
    "preview", "integer", "at most so many bytes of each message", 1, MAX_OFFSET
)
LOG_PAGE_PARAMETERS: Final = (
    *OFFSET_PARAMETERS,
    PAGE_PARAMETERS[1],
    Parameter("order", "string", "by seq; asc unless said", words=ORDERS),
    PREVIEW,
)
HISTOGRAM_PARAMETERS: Final = (
    Parameter("buckets", "integer", "how many stretches of time; 60 unless said", 1, MAX_BUCKETS),
)
SEQ_LIST_PARAMETERS: Final = (
    Parameter("limit", "integer", "at most so many; the most unless said", 1, MAX_SEQS),
)
TIMELINE_PARAMETERS: Final = (
    Parameter("limit", "integer", "read so many entries; the most unless said", 1, MOST_DEEDS),
)
OPEN_PARAMETERS: Final = (
    Parameter("tail", "integer", "how many of the last entries; 200 unless said", 1, MAX_LIMIT),
    PREVIEW,
)
SEARCH_PARAMETERS: Final = (
    PAGE_PARAMETERS[0],
    Parameter("seconds", "integer", "stop after so long; 10 unless said", 1, MAX_SECONDS),
    Parameter(
        "by", "string", "task: tasks with how many hits each has; entry unless said", words=SHOWN
    ),
    PREVIEW,
)
PARTS: Final = {
    "message": "text/plain",
    "line": "application/json",
    "metadata": "application/json",
    "event": "application/json",
}
BODY_PARAMETERS: Final = (Parameter("part", "string", "message unless said", words=tuple(PARTS)),)
EXECUTION_PARAMETERS: Final = (
    Parameter("job_id", "string", "the job"),
    Parameter("status", "strings", "running (or active), completed, failed"),
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


class SearchQuery(NamedTuple):
    """Which entries of all tasks, how many of them, how much of each, and how long to look."""

    wanted: EntryFilter
    limit: int
    preview: int | None
    seconds: float
    by_task: bool


class ExecutionQuery(NamedTuple):
    """Which executions, and which page of them."""

    job_id: str | None
    status: tuple[str, ...]
    paging: Paging


def parse_search_query(query: str) -> SearchQuery:
    """What is searched for over all tasks."""
    params, seconds = _with_number(parse_query(query), "seconds", DEFAULT_SECONDS, MAX_SECONDS)
    said = [text for text in params.get("by", ()) if text] or ["entry"]
    if said[-1] not in SHOWN:
        raise InvalidFilter(f"by: expected {' or '.join(SHOWN)}, found {said[-1][:80]!r}")
    params = {name: values for name, values in params.items() if name != "by"}
    paging = parse_paging(params)
    wanted = parse_entry_filter(_only_pages(params, {"limit", "preview"}))
    return SearchQuery(wanted, paging.limit, paging.preview, seconds, said[-1] == "task")


def parse_stats_query(query: str) -> EntryFilter:
    """Which entries are counted."""
    return parse_entry_filter(_only_pages(parse_query(query), set()))


def parse_histogram_query(query: str) -> tuple[EntryFilter, int]:
    """Which entries are counted, in how many stretches of time."""
    params, buckets = _with_number(parse_query(query), "buckets", DEFAULT_BUCKETS, MAX_BUCKETS)
    return parse_entry_filter(_only_pages(params, set())), buckets


def parse_seq_list_query(query: str) -> tuple[EntryFilter, int]:
    """Which entries are listed by their seqs, and at most how many."""
    params, limit = _with_number(parse_query(query), "limit", MAX_SEQS, MAX_SEQS)
    return parse_entry_filter(_only_pages(params, set())), limit


def parse_timeline_query(query: str) -> int:
    """How many entries a timeline is made of."""
    params, limit = _with_number(parse_query(query), "limit", MOST_DEEDS, MOST_DEEDS)
    _check_known(params, ["limit"])
    return limit


def parse_open_query(query: str) -> tuple[EntryFilter, int, int | None]:
    """Which entries are shown at first, how many of the last of them, how much of each."""
    params, tail = _with_number(parse_query(query), "tail", DEFAULT_LIMIT, MAX_LIMIT)
    wanted = parse_entry_filter(_only_pages(params, {"preview"}))
    return wanted, tail, parse_paging(params).preview


def parse_job_query(query: str) -> tuple[EntryFilter, Paging, str | None]:
    """Which entries of a job, which page of them; `task_id` is a piece of the job's work."""
    params = dict(parse_query(query))
    items = [text for text in params.pop("task_id", ()) if text]
    if len(items) > 1:
        raise InvalidFilter(f"task_id: expected one value, found {len(items)}")
    return parse_entry_filter(params), parse_paging(params), items[0] if items else None


def parse_execution_query(query: str) -> ExecutionQuery:
    """Which executions are asked for; raises InvalidFilter for any other key."""
    params = parse_query(query)
    known = [*(one.name for one in EXECUTION_PARAMETERS), *(one.name for one in OFFSET_PARAMETERS)]
    _check_known(params, known)
    jobs = [text for text in params.get("job_id", ()) if text]
    if len(jobs) > 1:
        raise InvalidFilter(f"job_id: expected one value, found {len(jobs)}")
    words = [text.strip() for value in params.get("status", ()) for text in value.split(",")]
    status = tuple("running" if word == "active" else word for word in words if word)
    return ExecutionQuery(jobs[0] if jobs else None, status, parse_paging(params))


def parse_page_query(query: str) -> Paging:
    """Which page of a list is asked for; raises InvalidFilter for any other key."""
    params = parse_query(query)
    _check_known(params, [one.name for one in OFFSET_PARAMETERS])
    return parse_paging(params)


def parse_entry_filter(params: Params) -> EntryFilter:
    """Which entries are asked for; what says only which page is left alone."""
    return parse_filter(_without_page(params), now=_now())


def _check_known(params: Params, known: Sequence[str]) -> None:
    for name in sorted(set(params) - set(known)):
        raise InvalidFilter(f"{name}: expected one of {', '.join(known)}, found another key")


def _only_pages(params: Params, allowed: set[str]) -> Params:
    """The parameters, unless they ask for a page where there is none."""
    for name in sorted(set(params) & (PAGE_KEYS - allowed)):
        raise InvalidFilter(f"{name}: this answer has no pages")
    return params


def _with_number(params: Params, name: str, default: int, most: int) -> tuple[Params, int]:
    """The other parameters, and this one as a number from 1 to `most`."""
    said = [text for text in params.get(name, ()) if text]
    text = said[-1] if said else str(default)
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= most:
        raise InvalidFilter(f"{name}: expected 1 to {most}, found {text[:80]!r}")
    return {key: values for key, values in params.items() if key != name}, int(text)


def parse_part(query: str) -> str:
    """Which part of an entry is asked for."""
    params = parse_query(query)
    _check_known(params, ["part"])
    part = next((text for text in params.get("part", ()) if text), "message")
    if part not in PARTS:
        raise InvalidFilter(f"part: expected one of {', '.join(PARTS)}, found {part[:80]!r}")
    return part


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
