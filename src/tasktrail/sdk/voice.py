"""How a task speaks: what all its loggers and calls share, and the stage they are in.

A voice knows the ids that stand in each event of the task, and the outbox that keeps them.
Nothing here raises: what cannot be said is counted.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Final

from tasktrail.model.levels import RANKS, level_said
from tasktrail.model.times import utc_text
from tasktrail.sdk.durable import DurableOutbox
from tasktrail.sdk.encoding import encode_any, text_of_any
from tasktrail.sdk.outbox import Outbox
from tasktrail.sdk.records import NANOS_PER_MICRO, Head, event_record, head_of
from tasktrail.sdk.trouble import Trouble

Fields = Mapping[str, object]

MAX_HEADS: Final = 1_000  # sources and stages of one task whose JSON is remembered
URGENT_LEVEL: Final = "warning"  # from here on an entry does not wait in a buffer
ENTRY: Final = "task:log"
ENDS: Final = frozenset({"task:completed", "task:failed"})
NO_TASK: Final = "unknown"  # the trail of what names no task

# The stage of each task, by its id: own for every thread and every coroutine.
STAGES: Final[ContextVar[Mapping[str, str] | None]] = ContextVar("tasktrail_stages", default=None)


class Mouth:
    """The way into an outbox for everything that is said as an event."""

    def __init__(self, outbox: Outbox, trouble: Trouble, now: Callable[[], int]) -> None:
        """`now` is in nanoseconds since the epoch."""
        self.outbox = outbox
        self.trouble = trouble
        self.now = now

    def say(self, event_type: str, task_id: str | None, fields: Fields, *, durable: bool) -> None:
        """One event of those top-level fields; at once for a warning and for a task's end."""
        try:
            nanos = self.now()
            event: dict[str, object] = {"type": event_type}
            if task_id is not None:
                event["task_id"] = task_id
            event["timestamp"] = utc_text(nanos // NANOS_PER_MICRO)
            event.update(fields)
            event["type"] = event_type
            is_urgent = event_type in ENDS or rank_of(event.get("level")) >= RANKS[URGENT_LEVEL]
            blob = encode_any(event)
            record = event_record(nanos, task_id, blob)
            self.outbox.put(record, size=len(blob), is_urgent=is_urgent, is_durable=durable)
        except Exception as error:  # noqa: BLE001 - a job is never harmed by logging
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """Something is lost; a module's names are gone where a finaliser speaks at the very end."""
        reason = "the interpreter has ended" if utc_text is None else repr(error)
        self.trouble.lose(1, reason)


class Voice:
    """The voice of one task."""

    def __init__(
        self, mouth: Mouth, task_id: object, *, ids: Fields, least: int = 0, durable: bool = False
    ) -> None:
        """`least`: entries of a lower rank are not said. An id that is none is told once."""
        self.mouth = mouth
        self.outbox = DurableOutbox(mouth.outbox) if durable else mouth.outbox
        self.task_id = _task_id(task_id, mouth.trouble)
        self.ids = known(ids)
        self.least = least
        self.is_durable = durable
        self._heads: dict[tuple[str | None, str, str | None], Head] = {}

    @property
    def stage(self) -> str | None:
        """The stage that this thread or coroutine is in."""
        stages = STAGES.get()
        return stages.get(self.task_id) if stages else None

    def head(self, source: str | None, level: str, stage: str | None) -> Head:
        """What stands first in every entry from there."""
        said_by = (source, level, stage)
        found = self._heads.get(said_by)
        if found is None:
            where = known({"source": source, "level": level, "stage": stage})
            found = head_of({"type": ENTRY, "task_id": self.task_id, **self.ids, **where})
            if len(self._heads) >= MAX_HEADS:
                self._heads.clear()
            self._heads[said_by] = found
        return found

    def say(
        self, event_type: str, said: object, envelope: Fields, *, durable: bool = False
    ) -> None:
        """One event of this task: what is `None` is not known, and not said.

        What is no mapping goes as it is, and becomes a dead letter as at every other door.
        """
        try:
            fields: dict[str, object] = dict(self.ids)
            stage = self.stage
            if stage is not None:
                fields["stage"] = stage
            if isinstance(said, Mapping):
                said = known(said)
            else:
                self._tell_no_mapping(event_type, said)
            fields.update(known(envelope), data=said)
        except Exception as error:  # noqa: BLE001 - a mapping of a job, or all is over
            self.mouth.fail(error)
            return
        self.mouth.say(event_type, self.task_id, fields, durable=durable or self.is_durable)

    def _tell_no_mapping(self, event_type: object, said: object) -> None:
        call = f"event({text_of_any(event_type)!r}, …) of task {self.task_id!r}"
        kind = type(said).__name__
        self.mouth.trouble.tell(
            "no mapping", f"{call}: expected a mapping as data, found {kind}: it is a dead letter"
        )


def rank_of(level: object) -> int:
    """The rank of a level; of info for what is none."""
    return RANKS[level_said(level) or "info"]


def known(fields: Fields) -> Fields:
    """The fields that are not `None`."""
    for value in fields.values():
        if value is None:  # not `None in …`: a value's own comparison may raise
            return {name: one for name, one in fields.items() if one is not None}
    return fields


def _task_id(given: object, trouble: Trouble) -> str:
    text = "" if given is None else text_of_any(given)
    if text:
        return text
    trouble.tell("task", f"expected a task's id, found {given!r}: its entries go to {NO_TASK!r}")
    return NO_TASK
