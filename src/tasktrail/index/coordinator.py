"""The tables of coordinators: sessions, workers, the times of tasks, and events beside the tasks.

Everything is accepted in any order: a worker completed before it was spawned, a session that nobody
started, a task in several sessions, a worker of whom only calls are known. A session or worker is
worked out anew out of all that was said of it whenever something is added or forgotten.
"""

from collections.abc import Iterable
from typing import Final

from tasktrail.index.calls import names_of
from tasktrail.index.coordinator_rows import (
    ROW_OF,
    SESSION,
    WORKER,
    Fact,
    called_by,
    fact_of,
    in_order,
)
from tasktrail.index.database import Writing, as_list
from tasktrail.index.session_tasks import SessionTasks
from tasktrail.model.codec import integer_of, text_of
from tasktrail.model.entry import Entry
from tasktrail.model.ids import TrailKey
from tasktrail.model.statuses import outcome_of, parse_status
from tasktrail.model.view import level_of, sent_at

LIFE_EVENTS: Final = frozenset(
    {
        "session:started",
        "session:ended",
        "worker:spawned",
        "worker:imported",
        "worker:completed",
        "worker:failed",
    }
)
EVENT: Final = "coordinator:event"
CALL: Final = "task:api_call"
LISTED: Final = frozenset({EVENT, "session:started", "session:ended"})
TIME_EVENTS: Final = frozenset(
    {"task:created", "task:started", "task:status", "task:completed", "task:failed"}
)
ENDS: Final = {"completed": "completed_at", "failed": "failed_at"}
STATUS_TIMES: Final = {"detected": "detected_at", "active": "started_at"}
EVENT_TIMES: Final = {"task:created": "detected_at", "task:started": "started_at"}
TIMES: Final = ("detected_at", "started_at", "completed_at", "failed_at")
FACTS_AT_ONCE: Final = 4_000

TableRow = tuple[object, ...]


class CoordinatorTable:
    """Sessions, workers, times and events, within one transaction."""

    event_types: Final = LIFE_EVENTS | TIME_EVENTS | {EVENT, CALL}

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._facts: list[Fact] = []
        self._subjects: set[str] = set()
        self._callers: set[tuple[str, int]] = set()  # workers, and the trails of their calls
        self._sessions = SessionTasks(writing)
        self._times: dict[int, TableRow] = {}
        self._events: list[TableRow] = []

    def take(self, entry: Entry, key: TrailKey, *, trail: int) -> None:
        """One entry, into each table that it says something for."""
        event_type = entry.event.event_type
        self._sessions.take(entry, key, trail=trail)
        if event_type == CALL:
            self._take_call(entry, key, trail)
            return
        if event_type in LIFE_EVENTS:
            self._add(fact_of(entry, key, trail))
        if event_type in LISTED:
            self._events.append(_event_row(entry, key, trail))
        if key.family == "tasks" and event_type in TIME_EVENTS | {"worker:spawned"}:
            known, more = self._times.get(trail), _times_row(entry, trail)
            self._times[trail] = more if known is None else _filled(known, more)

    def _take_call(self, entry: Entry, key: TrailKey, trail: int) -> None:
        """The first call that a trail tells of a worker says that there is one."""
        worker = entry.event.text("worker_id")
        if worker is not None and (worker, trail) not in self._callers:
            self._callers.add((worker, trail))
            self._add(called_by(worker, entry, key, trail))

    def _add(self, fact: Fact | None) -> None:
        if fact is not None:
            self._facts.append(fact)
            self._subjects.add(fact.subject)
            if len(self._facts) >= FACTS_AT_ONCE:
                self._write_facts()

    def _write_facts(self) -> None:
        facts, self._facts = self._facts, []
        self._writing.insert("add_facts", facts)

    def flush(self) -> None:
        """What was taken is in the database, though not yet committed."""
        self._write_facts()
        self._sessions.flush()
        times, self._times = self._times, {}
        self._writing.insert("add_task_times", times.values())
        events, self._events = self._events, []
        self._writing.insert("add_coordinator_events", events)
        subjects, self._subjects = self._subjects, set()
        if subjects:
            self._work_out(subjects)

    def forget(self, trail: int) -> None:
        """What the trail told is forgotten."""
        self.flush()
        subjects = {one for (one,) in self._writing.query("subjects_of_trail", trail=trail)}
        for table in ("facts", "task_times", "coordinator_events", "session_tasks"):
            self._writing.execute(f"drop_{table}", trail=trail)
        self._work_out(subjects)

    def _work_out(self, subjects: Iterable[str]) -> None:
        """The rows of these sessions and workers, out of all that was said of them."""
        wanted = sorted(subjects)
        rows = self._writing.query("facts_about", subjects=as_list(wanted))
        facts = [Fact(*row) for row in rows]
        trails = names_of(self._writing, {fact.trail for fact in facts})
        told: dict[str, list[Fact]] = {}
        for fact in in_order(facts, trails):
            told.setdefault(fact.subject, []).append(fact)
        for kind, table in ((SESSION, "sessions"), (WORKER, "workers")):
            ids = [one.removeprefix(kind) for one in wanted if one.startswith(kind)]
            self._writing.execute(f"drop_{table}", ids=as_list(ids))
            known = ((name, told.get(kind + name)) for name in ids)
            self._writing.insert(
                f"add_{table}", (ROW_OF[kind](name, said) for name, said in known if said)
            )


def _event_row(entry: Entry, key: TrailKey, trail: int) -> TableRow:
    event = entry.event
    is_plain = event.event_type == EVENT
    session = key.id if key.family == "sessions" else event.text("session_id")
    named = text_of(event.data.get("event_type")) if is_plain else None
    return (
        sent_at(event, entry.recorded_at),
        trail,
        entry.seq,
        session,
        event.text("worker_id"),
        named or event.event_type,
        text_of(event.data.get("context_type")) or (None if is_plain else "session"),
        text_of(event.data.get("context_id")) or (None if is_plain else session),
        level_of(event),
    )


def _times_row(entry: Entry, trail: int) -> TableRow:
    event = entry.event
    name: str | None = EVENT_TIMES.get(event.event_type)
    if event.event_type == "worker:spawned":
        name = "started_at"
    elif event.event_type == "task:status":
        name = STATUS_TIMES.get(parse_status(text_of(event.data.get("status"))) or "")
    name = name or ENDS.get(outcome_of(event) or "")
    at = sent_at(event, entry.recorded_at)
    times = (at if name == one else None for one in TIMES)
    again = at if name == "completed_at" else None
    return (trail, integer_of(event.data.get("issue_number")), *times, again)


def _filled(known: TableRow, more: TableRow) -> TableRow:
    """The first times, each completed by what came later; but the last completion of all."""
    *firsts, last = (b if a is None else a for a, b in zip(known, more, strict=True))
    return (*firsts, last if more[-1] is None else more[-1])
