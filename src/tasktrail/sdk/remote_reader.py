"""The reader's methods over HTTP: the same questions, the same answers in the same form.

What was stored as it was sent comes back as the same bytes. A problem of the server is raised as
the error that the reader itself would raise.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypedDict, Unpack
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Raw, Struct

from tasktrail import errors
from tasktrail.model.codec import decode_fields
from tasktrail.model.filters import EntryFilter, TaskFilter
from tasktrail.model.page import DEFAULT_LIMIT, MAX_LIMIT
from tasktrail.model.search_progress import SearchProgress
from tasktrail.model.times import utc_text
from tasktrail.sdk.http_line import Answer, HttpLine, Refused
from tasktrail.sdk.remote_ledger import RemoteLedger

Row = dict[str, Any]
Param = tuple[str, str | int]

OK: Final = 200
ANSWER_SECONDS: Final = 30.0  # a search may take its ten, and wait for its turn before
UNAVAILABLE: Final = 503
UNAUTHORIZED: Final = 401
AS_SENT: Final = frozenset({"metadata", "event"})  # answered as the bytes that were stored
FIELDS: Final = "fields"  # an object whose values are
TIMES: Final = frozenset({"since", "until"})
EVERY_ENTRY: Final = EntryFilter()
EVERY_TASK: Final = TaskFilter()
PROBLEMS: Final[dict[str, type[errors.TasktrailError]]] = {
    kind.code: kind
    for kind in (
        errors.InvalidFilter,
        errors.InvalidCursor,
        errors.QueryTimeout,
        errors.NotFound,
        errors.TaskNotFound,
        errors.EntryNotFound,
        errors.ExecutionNotFound,
        errors.StorageFailed,
        errors.RootUnusable,
        errors.LockHeld,
    )
}


class SearchStep(NamedTuple):
    """Hits, or how far the search is."""

    hits: list[Row]
    progress: SearchProgress | None
    tasks: Sequence[Row] = ()


class PageWords(TypedDict, total=False):
    """Which part of a list is asked for."""

    limit: int
    offset: int
    order: str
    cursor: str | None
    preview: int | None


class _Problem(Struct):
    code: str = ""
    detail: str = ""


_PROBLEM: Final = msgspec.json.Decoder(_Problem)
_ANY: Final = msgspec.json.Decoder(float_hook=float)  # a stored 1e400 must not cost the answer
_ROWS: Final = msgspec.json.Decoder(list[dict[str, Raw]])


class RemoteReader:
    """Answers questions by asking a server; one question at a time.

    Every method raises ServerUnreachable when no server of ours answers.
    """

    def __init__(self, url: str, *, api_key: str | None = None) -> None:
        """Raises InvalidSetting for an address that is none."""
        self.url = url.rstrip("/")
        self._line = HttpLine(self.url, api_key=api_key, keeps_open=False, seconds=ANSWER_SECONDS)

    @property
    def ledger(self) -> RemoteLedger:
        """Sessions, workers, events of coordinators, and costs."""
        return RemoteLedger(self._get)

    def tasks(
        self,
        wanted: TaskFilter = EVERY_TASK,
        *,
        limit: int = DEFAULT_LIMIT,
        cursor: str | None = None,
    ) -> Row:
        """`tasks`, newest first, `total_count` and `next_cursor`; raises InvalidCursor."""
        params = [*params_of(wanted), *_page_params({"limit": limit, "cursor": cursor})]
        found: Row = self._get("/api/tasks", params)
        return found

    def task(self, task_id: str) -> Row:
        """The task's summary with its `last_message`; raises TaskNotFound."""
        found: Row = self._get(_path(task_id))
        return found

    def logs(
        self, task_id: str, wanted: EntryFilter = EVERY_ENTRY, **paging: Unpack[PageWords]
    ) -> Row:
        """`task_id`, `total_count`, `logs`, `next_cursor`; raises TaskNotFound, InvalidCursor."""
        params = [*params_of(wanted), *_page_params(paging)]
        return self._page(f"{_path(task_id)}/logs", params)

    def session_logs(
        self, session_id: str, wanted: EntryFilter = EVERY_ENTRY, **paging: Unpack[PageWords]
    ) -> Row:
        """The same of what a session said beside its tasks; raises NotFound, InvalidCursor."""
        params = [*params_of(wanted), *_page_params(paging)]
        return self._page(f"/api/sessions/{quote(session_id, safe='')}/logs", params)

    def stats(self, task_id: str, wanted: EntryFilter = EVERY_ENTRY) -> Row:
        """`total` and counts by level, source, stage and more; raises TaskNotFound."""
        found: Row = self._get(f"{_path(task_id)}/logs/stats", params_of(wanted))
        return found

    def stages(self, task_id: str) -> Row:
        """`task_id` and `stages`, first appearance first; raises TaskNotFound."""
        found: Row = self._get(f"{_path(task_id)}/stages")
        return found

    def job_stages(self, job_id: str) -> Row:
        """`job_id` and `stages`; an unknown job has none."""
        found: Row = self._get(f"/api/jobs/{quote(job_id, safe='')}/stages")
        return found

    def executions(
        self, *, job_id: str | None, status: tuple[str, ...], limit: int, offset: int
    ) -> Row:
        """`executions`, newest first, `count`, `total` and `has_more`."""
        said = {"job_id": job_id, "limit": limit, "offset": offset}
        params = [*_page_params(said), *(("status", one) for one in status)]
        found: Row = self._get("/api/executions", params)
        return found

    def search(
        self,
        wanted: EntryFilter = EVERY_ENTRY,
        *,
        limit: int,
        seconds: float,
        stop: threading.Event,
        by_task: bool = False,
    ) -> Iterator["SearchStep"]:
        """Hits over all tasks, or tasks, as the server finds them; the last step says the end."""
        said: list[Param] = [("limit", limit), ("seconds", max(1, round(seconds)))]
        said += [("by", "task")] if by_task else []
        query = urlencode([*params_of(wanted), *said])
        try:
            for line in self._line.lines("GET", f"/api/search?{query}"):
                if stop.is_set():
                    return
                step = _step_of(self._fields(line))
                if step:
                    yield step
        except Refused as refused:
            raise _error_of(refused.answer, self.url) from refused

    def sources(self, task_id: str) -> list[str]:
        """Every source of the task's entries, once; raises TaskNotFound."""
        found: list[str] = self._get(f"{_path(task_id)}/logs/sources")
        return found

    def entry(self, task_id: str, seq: int) -> Row:
        """One entry, whole; raises TaskNotFound or EntryNotFound."""
        return _row(self._fields(self._answer(f"{_path(task_id)}/logs/{seq}")))

    def sections(self, task_id: str) -> Row:
        """The whole task in sections, those that have something in them; raises TaskNotFound."""
        found: Row = self._get(f"/tasks/{quote(task_id, safe='')}/logs")
        return found

    def holds(self) -> Iterator[Row]:
        """Every webhook flow that no task has claimed."""
        return self._every("/api/holds", "holds")

    def dead(self) -> Iterator[Row]:
        """Every dead letter, with its bytes in base64."""
        return self._every("/api/dead", "dead_letters")

    def health(self) -> Row:
        """What the server says of itself, also when it is not well."""
        answer = self._line.ask("GET", "/health")
        if answer.status not in {OK, UNAVAILABLE}:
            raise _error_of(answer, self.url)
        found: Row = self._decoded(answer.body)
        return found

    def _every(self, path: str, name: str) -> Iterator[Row]:
        """All rows of a list, page after page."""
        offset = 0
        while True:
            page = self._get(path, [("limit", MAX_LIMIT), ("offset", offset)])
            yield from page[name]
            offset += len(page[name])
            if not page[name] or offset >= page["total_count"]:
                return

    def _page(self, path: str, params: list[Param]) -> Row:
        """A page of entries, as the reader gives it."""
        fields = self._fields(self._answer(path, params))
        logs = fields.pop("logs", Raw(b"[]"))
        page = {name: _ANY.decode(raw) for name, raw in fields.items()}
        return page | {"logs": rows_in(logs)}

    def _get(self, path: str, params: list[Param] | None = None) -> Any:  # noqa: ANN401 - JSON
        return self._decoded(self._answer(path, params))

    def _answer(self, path: str, params: list[Param] | None = None) -> bytes:
        query = f"?{urlencode(params)}" if params else ""
        answer = self._line.ask("GET", path + query)
        if answer.status != OK:
            raise _error_of(answer, self.url)
        return answer.body

    def _decoded(self, body: bytes) -> Any:  # noqa: ANN401 - JSON
        try:
            return _ANY.decode(body)
        except msgspec.DecodeError as error:
            raise self._no_json(body) from error

    def _fields(self, body: bytes) -> dict[str, Raw]:
        try:
            return decode_fields(body)
        except errors.InvalidEvent as error:
            raise self._no_json(body) from error

    def _no_json(self, body: bytes) -> errors.ServerUnreachable:
        return errors.ServerUnreachable(f"expected JSON from {self.url}, found {body[:60]!r}")


def _path(task_id: str) -> str:
    return f"/api/tasks/{quote(task_id, safe='')}"


def params_of(wanted: EntryFilter | TaskFilter) -> list[Param]:
    """The filter as a query says it; a time that was said relative to now is said so again."""
    said: dict[str, Any] = msgspec.structs.asdict(wanted)
    said["exclude"] = tuple(f"{name}:{value}" for name, value in said.pop("excluded", ()))
    relative = dict(text.split("=", 1) for text in said.pop("ago", ()))
    params: list[Param] = []
    for name, value in said.items():
        if value is None:
            continue
        if name in TIMES:
            params.append((name, relative.get(name) or utc_text(value)))
        elif isinstance(value, tuple):
            params += [(name, one) for one in value]
        else:
            params.append((name, value))
    return params


def _page_params(paging: Mapping[str, Any]) -> list[Param]:
    return [(name, value) for name, value in paging.items() if value is not None]


def rows_in(logs: Raw) -> list[Row]:
    """The entries in a JSON array of a server's answer."""
    return [_row(row) for row in _ROWS.decode(logs)]


def _step_of(fields: dict[str, Raw]) -> SearchStep | None:
    """What a line of a search says; `None` where it says nothing that a step has."""
    kind = _ANY.decode(fields["type"])
    if kind == "hit":
        return SearchStep([_row(decode_fields(fields["entry"]))], None)
    if kind == "task":
        latest = _row(decode_fields(fields.pop("latest")))
        said = {name: _ANY.decode(raw) for name, raw in fields.items() if name != "type"}
        return SearchStep([], None, [said | {"latest": latest}])
    if kind == "error":
        problem = {name: _ANY.decode(fields[name]) for name in ("code", "detail")}
        raise PROBLEMS.get(problem["code"], errors.ServerUnreachable)(problem["detail"])
    if kind not in {"progress", "end"}:
        return None
    said = {name: _ANY.decode(raw) for name, raw in fields.items()}
    return SearchStep([], msgspec.convert(said, SearchProgress))


def _row(fields: dict[str, Raw]) -> Row:
    """The entry as the reader gives it: what was stored as sent stays bytes."""
    return {name: _value(name, raw) for name, raw in fields.items()}


def _value(name: str, raw: Raw) -> object:
    if name in AS_SENT:
        return raw
    return decode_fields(raw) if name == FIELDS else _ANY.decode(raw)


def _error_of(answer: Answer, url: str) -> errors.TasktrailError:
    """What the server's refusal means here."""
    try:
        problem = _PROBLEM.decode(answer.body)
    except msgspec.DecodeError:
        problem = _Problem()
    if answer.status == UNAUTHORIZED:
        return errors.TasktrailError(f"TASKTRAIL_API_KEY: expected the key of {url}")
    if problem.code == errors.Overloaded.code:
        said = answer.retry_after or ""
        seconds = int(said) if said.isdigit() else 1
        return errors.Overloaded(problem.detail, retry_after_seconds=seconds)
    kind = PROBLEMS.get(problem.code)
    if problem.code == errors.InvalidQuery.code:
        kind = errors.InvalidFilter  # its detail says where the mistake is
    if kind is not None:
        return kind(problem.detail)
    detail = problem.detail or repr(answer.body[:100])
    return errors.ServerUnreachable(f"{url} answered {answer.status}: {detail}")
