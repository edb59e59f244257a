"""Executions of scheduled jobs: since when each is known, whether it ended, and how.

An execution is known as soon as any entry names it, whether its job logs anything or not. It ends
by its own `execution:completed` or `execution:failed`; where there is none, by the end of the task
that was told under its id. The first end of a kind stands.
"""

from typing import Final

import msgspec
from msgspec import Struct

from tasktrail.index.database import Queries, Writing, as_list
from tasktrail.model.codec import integer_of, number_of, plain_text
from tasktrail.model.entry import Entry
from tasktrail.model.event import Event
from tasktrail.model.ids import TrailKey
from tasktrail.model.shapes import first_of
from tasktrail.model.statuses import outcome_of
from tasktrail.model.view import sent_at

RUNNING: Final = "running"
STATUSES: Final = (RUNNING, "completed", "failed")
OWN_END, TASK_END, NO_END = 1, 2, 3
SUMMARY_KEYS: Final = ("result_summary", "summary", "result")
ERROR_KEYS: Final = ("error_message", "error")
MILLISECONDS: Final = 1_000


class Told(Struct):
    """What one trail tells of an execution."""

    job_id: str = ""
    first_at: int = 0
    started_at: int | None = None
    ended_at: int | None = None
    end_rank: int = NO_END
    status: str = RUNNING
    duration_ms: int | None = None
    summary: str | None = None
    error: str | None = None


class Execution(Struct, frozen=True):
    """An execution as all its trails tell it."""

    id: str
    trail: TrailKey  # the first that knew it
    told: Told
    entries: int
    updated_at: int


class ExecutionTable:
    """Fills the table of executions, within one transaction."""

    event_types: Final = frozenset(
        {
            *("execution:started", "execution:completed", "execution:failed"),
            *("task:started", "task:completed", "task:failed"),
        }
    )

    def __init__(self, writing: Writing) -> None:
        self._writing = writing

    def meet(self, execution_id: str, job_id: str, *, trail: int, at: int) -> None:
        """An entry of the trail names an execution; the first that does says since when."""
        told = self._find(execution_id, trail)
        if told is None or (job_id and not told.job_id):
            told = told or Told(first_at=at)
            told.job_id = told.job_id or job_id
            self._save(execution_id, trail, told)

    def take(self, entry: Entry, key: TrailKey, *, trail: int) -> None:
        """A beginning or an end; of events that name no execution nothing is kept."""
        del key
        event = entry.event
        execution_id = event.text("execution_id")
        if not execution_id:
            return
        at = sent_at(event, entry.recorded_at)
        told = self._find(execution_id, trail) or Told(event.text("job_id") or "", at)
        if event.event_type.endswith(":started"):
            told.started_at = at if told.started_at is None else told.started_at
        else:
            _end(told, event, at)
        self._save(execution_id, trail, told)

    def flush(self) -> None:
        """Nothing waits: executions are few."""

    def forget(self, trail: int) -> None:
        """Nothing of the trail is known any more."""
        self._writing.execute("drop_executions", trail=trail)

    def _find(self, execution_id: str, trail: int) -> Told | None:
        rows = self._writing.query("execution_in_trail", execution_id=execution_id, trail=trail)
        return Told(*rows[0]) if rows else None

    def _save(self, execution_id: str, trail: int, told: Told) -> None:
        said = msgspec.structs.asdict(told)
        self._writing.execute("save_execution", execution_id=execution_id, trail=trail, **said)


def _end(told: Told, event: Event, at: int) -> None:
    """The end that the event tells, unless a better one is known."""
    is_own = event.event_type.startswith("execution:")
    rank = OWN_END if is_own else TASK_END
    if rank >= told.end_rank:
        return
    outcome = event.event_type.partition(":")[2] if is_own else outcome_of(event)
    told.end_rank, told.ended_at = rank, at
    told.status = "completed" if outcome == "completed" else "failed"
    told.summary, told.error = _text(event, SUMMARY_KEYS), _text(event, ERROR_KEYS)
    told.duration_ms = integer_of(event.data.get("duration_ms"))
    seconds = number_of(event.data.get("duration_seconds"))
    if told.duration_ms is None and seconds is not None:
        told.duration_ms = round(seconds * MILLISECONDS)


def _text(event: Event, names: tuple[str, ...]) -> str | None:
    name = first_of(event.data, names)
    return plain_text(event.data[name]) or None if name else None


def list_executions(queries: Queries, *, job_id: str | None, status: tuple[str, ...]) -> list[str]:
    """The ids of the executions that match, the newest first."""
    wanted = as_list(status) if status else None
    if job_id is None:
        rows = queries.query("execution_list", status=wanted)
    else:
        rows = queries.query("execution_list_of_job", job=job_id, status=wanted)
    return [execution_id for execution_id, *_ in rows]


def trails_of_execution(queries: Queries, execution_id: str) -> list[TrailKey]:
    """The trails that name it, the first one first."""
    rows = queries.query("executions_of_ids", execution_id=execution_id)
    return [TrailKey(family, name) for _, family, name, *_ in rows]


def find_execution(queries: Queries, execution_id: str) -> Execution | None:
    """The execution as all its trails tell it."""
    found: Execution | None = None
    for _, family, name, job_id, *rest, _ in queries.query(
        "executions_of_ids", execution_id=execution_id
    ):
        told = Told(job_id or "", *rest)
        if found is None:
            ((entries, updated_at),) = queries.query("execution_entries", execution_id=execution_id)
            at = told.first_at if updated_at is None else updated_at
            found = Execution(execution_id, TrailKey(family, name), told, entries, at)
        else:
            _join(found.told, told)
    return found


def _join(told: Told, other: Told) -> None:
    """What another trail tells of the same execution is added."""
    told.job_id = told.job_id or other.job_id
    starts = [at for at in (told.started_at, other.started_at) if at is not None]
    told.started_at = min(starts, default=None)
    if _order(other) < _order(told):
        told.end_rank, told.status, told.ended_at = other.end_rank, other.status, other.ended_at
        told.duration_ms, told.summary, told.error = other.duration_ms, other.summary, other.error


def _order(told: Told) -> int:
    """A failure before a completion, the execution's own word before the task's."""
    return told.end_rank * 2 + (told.status == "completed")
