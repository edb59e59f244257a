"""The progress emitter of a job, and one that records what goes through it.

A `CapturingEmitter` is put around the emitter that a job has. Each call writes one entry, then goes
on unchanged; what the wrapped emitter raises is raised, what goes wrong with recording is not: the
wrapped emitter gets a word of warning.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, Final, Protocol, Self
from weakref import WeakKeyDictionary

from tasktrail.sdk.encoding import text_of_any
from tasktrail.sdk.task_logger import merged

Fields = Mapping[str, object]

EMIT: Final = "emit_"
PROGRESS: Final = "task:progress"
WARNING: Final = "Failed to persist log"


class ProgressEmitter(Protocol):
    """What a job tells its progress to."""

    def emit_stage(self, stage: str, message: str) -> None:
        """A stage begins."""

    def emit_info(self, message: str) -> None:
        """Something worth saying."""

    def emit_progress(self, count: int, metadata: Fields | None = None) -> None:
        """So many are done."""

    def emit_error(self, stage: str, error: object) -> None:
        """Something went wrong in that stage."""

    def emit_complete(self, summary: Fields) -> None:
        """The job is done."""


class Recorder(Protocol):
    """The part of a task that an emitter needs; `TaskContext` has it."""

    @property
    def task_id(self) -> str:
        """Whose entries they are."""

    @property
    def job_id(self) -> str:
        """Of which job."""

    @property
    def lost(self) -> int:
        """How many entries could not be kept."""

    def event(
        self,
        event_type: str,
        said: Fields | None = None,
        /,
        **envelope: Any,  # noqa: ANN401 - labels of any kind
    ) -> None:
        """One event of the task."""


class _Place:
    """The stage that a job last named: its own for every thread and coroutine.

    A thread that has named none is where the thread is that made the emitter.
    """

    def __init__(self) -> None:
        self._home = threading.get_ident()
        self._at_home: str | None = None

    @property
    def stage(self) -> str | None:
        """Where this thread or coroutine is."""
        stages = _STAGES.get()
        stage = stages.get(self) if stages else None
        return stage or (None if threading.get_ident() == self._home else self._at_home)

    def enter(self, stage: str) -> None:
        """There is this thread or coroutine from now on."""
        _STAGES.set(WeakKeyDictionary({**(_STAGES.get() or {}), self: stage}))
        if threading.get_ident() == self._home:
            self._at_home = stage


# Forgotten with their emitters: the thread of a scheduler sees very many.
_STAGES: Final[ContextVar[WeakKeyDictionary[_Place, str] | None]] = ContextVar(
    "tasktrail_emitter_stages", default=None
)


class CapturingEmitter:
    """Records what is emitted in a task, and passes it on.

    Calls that are not named here go on to the wrapped emitter as well; those that emit something
    are recorded with their arguments.
    """

    def __init__(
        self,
        wrapped: ProgressEmitter,
        task: Recorder,
        *,
        job_id: str | None = None,
        item: str | None = None,
        place: _Place | None = None,
    ) -> None:
        """`job_id` is the task's unless told; `item` is what the job works on here."""
        self._wrapped = wrapped
        self._task = task
        self._job_id = job_id or task.job_id
        self._item = item
        self._place = place or _Place()
        self._lost = task.lost
        self._has_warned = False

    def for_item(self, item: str) -> Self:
        """An emitter of the same job, in the same stage, for one of the job's items."""
        return type(self)(
            self._wrapped, self._task, job_id=self._job_id, item=item, place=self._place
        )

    def emit_stage(self, stage: str, message: str) -> None:
        """A stage begins; what follows is of that stage."""
        self._place.enter(stage)
        self._record(message)
        self._wrapped.emit_stage(stage, message)

    def emit_info(self, message: str) -> None:
        """Something worth saying."""
        self._record(message)
        self._wrapped.emit_info(message)

    def emit_progress(self, count: int, metadata: Fields | None = None) -> None:
        """So many are done; `percent` or `total` in the metadata say how far that is."""
        said = {"count": count} if metadata is None else merged(metadata, {"count": count})
        self._record(f"Progress: {count}", said, event_type=PROGRESS, percent=_percent(said))
        if metadata is None:
            self._wrapped.emit_progress(count)
        else:
            self._wrapped.emit_progress(count, metadata)

    def emit_error(self, stage: str, error: object) -> None:
        """Something went wrong in that stage, which stays the stage."""
        self._place.enter(stage)
        self._record(_text(error), level="error")
        self._wrapped.emit_error(stage, error)

    def emit_complete(self, summary: Fields) -> None:
        """The job is done."""
        self._record("Job completed", summary)
        self._wrapped.emit_complete(summary)

    def emit_attestations(self, count: int, entities: object) -> None:
        """So many attestations were made."""
        go_on = self._beyond("emit_attestations")
        self._record("Created attestations", {"count": count})
        go_on(count, entities)

    def emit_candidate_match(self, item: object, *said: object, **named: object) -> None:
        """An item was matched; score and reason follow."""
        go_on = self._beyond("emit_candidate_match")
        names = dict(zip(("score", "reason"), said, strict=False))
        rest = {"more": said[2:]} if len(said) > len(names) else {}
        metadata = {**names, **rest, **named}
        self._record(f"Candidate match: {_text(item)}", metadata, item=_text(item))
        go_on(item, *said, **named)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the wrapped one has
        """What only the wrapped emitter has; further `emit_…` are recorded on the way."""
        if name.startswith("_"):  # not ours, and not made yet where we are copied
            raise AttributeError(name)
        found = getattr(self._wrapped, name)
        if not name.startswith(EMIT) or not callable(found):
            return found

        def recorded(*said: object, **named: object) -> object:
            metadata = {**({"arguments": said} if said else {}), **named}
            self._record(name.removeprefix(EMIT).replace("_", " "), metadata)
            return found(*said, **named)

        return recorded

    def _beyond(self, name: str) -> Callable[..., object]:
        """The wrapped emitter's own; raises AttributeError as it would without us."""
        found: Callable[..., object] = getattr(self._wrapped, name)
        return found

    def _record(
        self,
        message: str,
        metadata: Fields | None = None,
        *,
        event_type: str = "task:log",
        level: str = "info",
        item: str | None = None,
        percent: float | None = None,
    ) -> None:
        """One entry; what goes wrong is the wrapped emitter's to tell, and nobody's to catch."""
        said: dict[str, object] = {"message": text_of_any(message)}
        if metadata is not None:
            said["metadata"] = metadata
        if percent is not None:
            said["percent"] = percent
        where = {"stage": self._place.stage, "item": item or self._item, "job_id": self._job_id}
        try:
            self._task.event(event_type, said, level=level, **where)
            before, self._lost = self._lost, self._task.lost
            reason = "events are lost" if self._lost > before else ""
        except Exception as error:  # noqa: BLE001 - a broken store never breaks the job
            reason = _text(error)
        self._warn(reason)

    def _warn(self, reason: str) -> None:
        """A word to the wrapped emitter when recording begins to fail."""
        if reason and not self._has_warned:
            with suppress(Exception):  # what it raises for us is not what the job asked for
                self._wrapped.emit_info(f"{WARNING}: {reason}")
        self._has_warned = bool(reason)


def _text(value: object) -> str:
    """What an error or a name says; its `repr` where it says nothing."""
    if isinstance(value, BaseException) and value.args:
        with suppress(Exception):
            return str(value) or repr(value)
    return text_of_any(value)


def _percent(said: Fields) -> float | None:
    """How far the job is, where the metadata tell."""
    percent, count, total = (said.get(name) for name in ("percent", "count", "total"))
    if isinstance(percent, int | float):
        return float(percent)
    if isinstance(count, int | float) and isinstance(total, int | float) and total > 0:
        return round(100 * count / total, 2)
    return None
