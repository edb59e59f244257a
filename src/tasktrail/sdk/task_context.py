"""A task as its job sees it: what it says, does, asks and costs, and how it ends.

As a context manager it is the current task, and tells its own beginning and end: an exception that
leaves the block makes the task failed, and goes on. A task that this process only joined, or that
was begun before, is the current one and tells neither. An exception that leaves such a block, or
comes after the end, is an entry of level error. Without `with`, only what is called is told.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import Token, copy_context
from functools import wraps
from types import TracebackType
from typing import Final, ParamSpec, Self, TypeVar

from tasktrail.sdk.encoding import text_of_any
from tasktrail.sdk.home import Door
from tasktrail.sdk.stage_block import StageBlock
from tasktrail.sdk.surroundings import (
    TASK_ID_VARIABLE,
    inherited_task_id,
    reset_current,
    set_current,
)
from tasktrail.sdk.task_logger import TaskLogger, logger_of, traceback_of
from tasktrail.sdk.voice import STAGES, Fields, Voice

P = ParamSpec("P")
R = TypeVar("R")
NOTHING: Final[Fields] = {}
STOPPED: Final = (KeyboardInterrupt, GeneratorExit)  # by whoever ran it, or took what it yields
CANCELLED: Final = "CancelledError"  # of asyncio, which a job without it does not import
NANOS_PER_MILLI: Final = 1_000_000


class TaskContext:
    """One task of this process; made by `Client.task` and `Client.join`."""

    def __init__(self, voice: Voice, client: Door, *, created: Fields | None) -> None:
        """`created` is what is known of a new task; `None`: somebody else tells its life."""
        self.task_id: Final = voice.task_id
        self.logger: Final[TaskLogger] = logger_of(voice)
        self._voice = voice
        self.client: Final = client
        self._created = created
        self._is_ended = False
        self._blocks: list[tuple[Token[object], int]] = []  # and the process that tells its end
        self._is_begun = False  # also in a process that was forked since
        self._told_error = 0  # the id of the last exception that a stage told

    def event(
        self,
        event_type: str,
        said: Fields | None = None,
        /,
        *,
        durable: bool = False,
        **envelope: object,
    ) -> None:
        """Any event of this task; `envelope` stands at its top level. Never raises."""
        fields = NOTHING if said is None else said
        self._voice.say(event_type, fields, envelope, durable=durable)

    @property
    def job_id(self) -> str:
        """The job that the task is an execution of; else the task is the job."""
        return str(self._voice.ids.get("job_id") or self.task_id)

    @property
    def is_joined(self) -> bool:
        """Whether somebody else tells its beginning and end."""
        return self._created is None

    @property
    def is_ended(self) -> bool:
        """Whether its outcome was said here."""
        return self._is_ended

    @property
    def lost(self) -> int:
        """How many events of this process could not be kept."""
        return self._voice.mouth.trouble.lost

    @property
    def current_stage(self) -> str | None:
        """The stage that this thread or coroutine is in."""
        return self._voice.stage

    def __enter__(self) -> Self:
        created = None if self._is_begun else self._created
        self._blocks.append((set_current(self), 0 if created is None else os.getpid()))
        if created is not None:
            self._is_begun = True
            self.event("task:created", created)
            self.event("task:started")
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        is_ours = self.leave() == os.getpid() and not self._is_ended
        if not is_ours:
            self._note(error)
        elif error is None or _is_clean_exit(error):
            self.result()
        elif isinstance(error, STOPPED) or type(error).__name__ == CANCELLED:
            said = {"status": "cancelled", "error": text_of_any(error)}
            self._end("task:completed", said, durable=False)
        else:
            self.fail(error)

    def leave(self) -> int:
        """It is no more the current task; nothing is told of its end.

        Returns the process that was to tell it; 0 for none.
        """
        if not self._blocks:
            return 0
        token, teller = self._blocks.pop()
        reset_current(token)
        return teller

    def _note(self, error: BaseException | None) -> None:
        """An exception that makes no end is an entry, unless a stage told it."""
        if isinstance(error, Exception) and id(error) != self._told_error:
            said = traceback_of(error)
            self.logger.error(said["error"], metadata=said)

    def stage(self, name: str) -> StageBlock[Self]:
        """A block in which everything that this thread or coroutine tells is of that stage.

        Entered again, it is the stage's next time.
        """
        return StageBlock(lambda: self._staged(name))

    @contextmanager
    def _staged(self, name: str) -> Iterator[Self]:
        outer = self._voice.stage
        named = text_of_any(name)
        token = STAGES.set({**(STAGES.get() or {}), self.task_id: named})
        began = time.monotonic_ns()
        try:
            self.event("stage:started", {"parent": outer})
            try:
                yield self
            except BaseException as error:
                self._told_error = id(error)
                said = {"duration_ms": _since(began), **traceback_of(error)}
                self.event("stage:failed", said, stage=named)
                raise
            self.event("stage:completed", {"duration_ms": _since(began)}, stage=named)
        finally:
            with suppress(ValueError):  # ended by another coroutine than it began in
                STAGES.reset(token)

    def carry(self, function: Callable[P, R]) -> Callable[P, R]:
        """The function, with this task and the stage of now: for executors and plain threads."""
        context = copy_context()
        context.run(set_current, self)

        @wraps(function)
        def carried(*args: P.args, **kwargs: P.kwargs) -> R:
            return context.copy().run(function, *args, **kwargs)

        return carried

    def environ(self) -> dict[str, str]:
        """What a child process needs in its environment to join this task."""
        return {**self.client.home.environ(), TASK_ID_VARIABLE: self.task_id}

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        """In another process it is the same task, joined."""
        home = self.client.home
        return home.rejoin, (home, self.task_id, dict(self._voice.ids))

    def output(self, content: object, *, durable: bool = False, **fields: object) -> None:
        """Something that the agent said."""
        self.event("task:output", {"content": text_of_any(content), **fields}, durable=durable)

    def thinking(self, content: object, *, durable: bool = False, **fields: object) -> None:
        """Something that the agent thought."""
        self.event("task:thinking", {"content": text_of_any(content), **fields}, durable=durable)

    def tool_call(
        self, name: str, tool_input: object = None, *, durable: bool = False, **fields: object
    ) -> None:
        """A tool was called."""
        said = {"name": name, "input": {} if tool_input is None else tool_input, **fields}
        self.event("task:tool_call", said, durable=durable)

    def tool_result(
        self,
        name: str,
        content: object = "",
        *,
        is_error: bool = False,
        durable: bool = False,
        **fields: object,
    ) -> None:
        """What a tool answered."""
        said = {"name": name, "content": content, "is_error": is_error, **fields}
        self.event("task:tool_result", said, durable=durable)

    def user_input(
        self, content: object, *, question_type: str | None = None, durable: bool = False
    ) -> None:
        """What a person answered."""
        said = {"content": text_of_any(content), "question_type": question_type}
        self.event("task:user_input", said, durable=durable)

    def knowledge_query(
        self,
        query: str,
        *,
        tool_name: str | None = None,
        durable: bool = False,
        **fields: object,
    ) -> None:
        """A knowledge search was asked; also `org_id` and `source_types`."""
        said = {"tool_name": tool_name, "query": query, **fields}
        self.event("knowledge:query", said, durable=durable)

    def knowledge_result(
        self,
        query: str,
        *,
        tool_name: str | None = None,
        results_count: int | None = None,
        durable: bool = False,
        **fields: object,
    ) -> None:
        """What a search found; also `results_preview`, `query_time_ms` and `cached`."""
        said = {"tool_name": tool_name, "query": query, "results_count": results_count}
        self.event("knowledge:result", {**said, **fields}, durable=durable)

    def webhook(self, stage: str, /, *, durable: bool = False, **fields: object) -> None:
        """A step of the webhook that led here: received, validated, matched."""
        self.event(f"webhook:{stage}", fields, durable=durable)

    def response_posted(
        self,
        method: str,
        *,
        source: str | None = None,
        mcp_detected: bool | None = None,
        fallback_posted: bool | None = None,
        durable: bool = False,
        **fields: object,
    ) -> None:
        """How the result was posted: `mcp`, `fallback` or `failed`."""
        said = {"method": method, "source": source}
        how = {"mcp_detected": mcp_detected, "fallback_posted": fallback_posted}
        self.event("task:response_posted", {**said, **how, **fields}, durable=durable)

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
        durable: bool = False,
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
        self.event("task:api_call", said, durable=durable)

    def result(self, result: object = None, *, durable: bool = False, **figures: object) -> None:
        """The task ended well; figures such as `cost_usd`, `duration_seconds`, `input_tokens`."""
        said = {"status": "completed", "result": result, **figures}
        self._end("task:completed", said, durable=durable)

    def fail(self, error: object, *, durable: bool = False, **figures: object) -> None:
        """The task failed; an exception tells its type and traceback too."""
        why = traceback_of(error) if isinstance(error, BaseException) else None
        said = {**(why or {"error": text_of_any(error)}), **figures}
        self._end("task:failed", said, durable=durable)

    def _end(self, event_type: str, said: Mapping[str, object], *, durable: bool) -> None:
        """The end, once: what comes later would only be kept as an entry.

        The end of a task that our parent told us of is the parent's to tell; ours is an entry.
        """
        self._is_ended = True
        if not self.is_joined or self.task_id != inherited_task_id():
            self.event(event_type, said, durable=durable)
        elif event_type == "task:failed":
            self.logger.error(said["error"], metadata=said, durable=durable)
        else:
            result = said.get("result")
            text = said.get("status", "completed") if result is None else result
            self.output(text, durable=durable, outcome=said)


def _is_clean_exit(error: BaseException) -> bool:
    return isinstance(error, SystemExit) and error.code in {None, 0}


def _since(began: int) -> float:
    return round((time.monotonic_ns() - began) / NANOS_PER_MILLI, 3)
