"""A task as its job sees it: what it says, does, asks and costs, and how it ends.

As a context manager it tells its own beginning and end: an exception that leaves the block makes
the task failed, and goes on. Without `with`, only what is called is told.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Final, Protocol, Self

from tasktrail.sdk.encoding import text_of_any
from tasktrail.sdk.task_logger import TaskLogger

# The stage of each task, by its id: own for every thread and every coroutine.
_STAGES: Final[ContextVar[Mapping[str, str]]] = ContextVar("tasktrail_stages")


class Send(Protocol):
    """How a task hands an event to its client."""

    def __call__(
        self,
        event_type: str,
        /,
        *,
        task_id: str | None = None,
        data: Mapping[str, object] | None = None,
        **envelope: object,
    ) -> None:
        """Never raises."""


class TaskContext:
    """One task of this process; made by `Client.task`."""

    def __init__(
        self,
        send: Send,
        task_id: str,
        *,
        created: Mapping[str, object],
        ids: Mapping[str, object],
    ) -> None:
        self.task_id = task_id
        self.logger = TaskLogger(self._send)
        self._send_event = send
        self._created = created
        self._ids = _known(ids)
        self._is_ended = False

    def _send(self, event_type: str, said: Mapping[str, object], /, **envelope: object) -> None:
        """One event of this task: what is `None` is not known, and not said."""
        fields = dict(self._ids)
        stage = self.current_stage
        if stage is not None:
            fields["stage"] = stage
        fields.update(_known(envelope))
        self._send_event(event_type, task_id=self.task_id, data=_known(said), **fields)

    @property
    def current_stage(self) -> str | None:
        """The stage that this thread or coroutine is in."""
        stages = _STAGES.get(None)
        return stages.get(self.task_id) if stages else None

    def __enter__(self) -> Self:
        self._send("task:created", self._created)
        self._send("task:started", {})
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if self._is_ended:
            return
        if error is None or _is_clean_exit(error):
            self.result()
        elif isinstance(error, KeyboardInterrupt):
            self._end("task:completed", {"status": "cancelled", "error": text_of_any(error)})
        else:
            self.fail(error)

    @contextmanager
    def stage(self, name: str) -> Iterator[Self]:
        """A block in which everything that this thread or coroutine tells is of that stage."""
        token = _STAGES.set({**_STAGES.get({}), self.task_id: name})
        try:
            self._send("stage:started", {})
            try:
                yield self
            except BaseException as error:
                self._send("stage:failed", {"error": text_of_any(error)})
                raise
            self._send("stage:completed", {})
        finally:
            _STAGES.reset(token)

    def output(self, content: object, **fields: object) -> None:
        """Something that the agent said."""
        self._send("task:output", {"content": text_of_any(content), **fields})

    def thinking(self, content: object, **fields: object) -> None:
        """Something that the agent thought."""
        self._send("task:thinking", {"content": text_of_any(content), **fields})

    def tool_call(self, name: str, tool_input: object = None, **fields: object) -> None:
        """A tool was called."""
        self._send("task:tool_call", {"name": name, "input": tool_input or {}, **fields})

    def tool_result(
        self, name: str, content: object = "", *, is_error: bool = False, **fields: object
    ) -> None:
        """What a tool answered."""
        said = {"name": name, "content": content, "is_error": is_error}
        self._send("task:tool_result", {**said, **fields})

    def user_input(self, content: object, *, question_type: str | None = None) -> None:
        """What a person answered."""
        said = {"content": text_of_any(content), "question_type": question_type}
        self._send("task:user_input", said)

    def knowledge_query(
        self, query: str, *, tool_name: str | None = None, **fields: object
    ) -> None:
        """A knowledge search was asked; also `org_id` and `source_types`."""
        self._send("knowledge:query", {"tool_name": tool_name, "query": query, **fields})

    def knowledge_result(
        self,
        query: str,
        *,
        tool_name: str | None = None,
        results_count: int | None = None,
        **fields: object,
    ) -> None:
        """What a search found; also `results_preview`, `query_time_ms` and `cached`."""
        said = {"tool_name": tool_name, "query": query, "results_count": results_count}
        self._send("knowledge:result", {**said, **fields})

    def api_call(  # noqa: PLR0913 - the figures of a model call, all by name
        self,
        *,
        model: str,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
        cache_read_tokens: int | None = None,
        cache_write_5m_tokens: int | None = None,
        cache_write_1h_tokens: int | None = None,
        reasoning_tokens: int | None = None,
        cost_usd: float | None = None,
        duration_ms: float | None = None,
        success: bool = True,
        call_id: str | None = None,
    ) -> None:
        """One model call; `input_tokens` is without cache, `None` is not known."""
        said = {
            "model": model,
            "call_id": call_id,
            "input_tokens": input_tokens,
            "output_tokens": output_tokens,
            "cache_read_tokens": cache_read_tokens,
            "cache_write_5m_tokens": cache_write_5m_tokens,
            "cache_write_1h_tokens": cache_write_1h_tokens,
            "reasoning_tokens": reasoning_tokens,
            "cost_usd": cost_usd,
            "duration_ms": duration_ms,
            "success": success,
        }
        self._send("task:api_call", said)

    def result(self, result: object = None, **figures: object) -> None:
        """The task ended well; figures such as `cost_usd`, `duration_seconds`, `input_tokens`."""
        self._end("task:completed", {"status": "completed", "result": result, **figures})

    def fail(self, error: object, **figures: object) -> None:
        """The task failed."""
        self._end("task:failed", {"error": text_of_any(error), **figures})

    def _end(self, event_type: str, said: Mapping[str, object]) -> None:
        """The end, once: what comes later would only be kept as an entry."""
        self._is_ended = True
        self._send(event_type, said)


def _is_clean_exit(error: BaseException) -> bool:
    return isinstance(error, SystemExit) and error.code in {None, 0}


def _known(fields: Mapping[str, object]) -> Mapping[str, object]:
    # Not `None in …`: a value's own comparison may raise.
    if all(value is not None for value in fields.values()):
        return fields
    return {name: value for name, value in fields.items() if value is not None}
