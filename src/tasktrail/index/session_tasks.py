"""Which sessions are told of where, and how a task stood for each of them.

A task may be tried by several sessions. Each keeps what it said itself: that one failed and another
finished is no contradiction. Only what names its session counts here.
"""

from typing import Final, NamedTuple

from tasktrail.index.database import Writing
from tasktrail.model.codec import text_of
from tasktrail.model.entry import Entry
from tasktrail.model.event import Event
from tasktrail.model.ids import UNASSIGNED_SESSION, TrailKey
from tasktrail.model.statuses import TERMINAL, outcome_of, parse_status
from tasktrail.model.view import sent_at

BEGINS: Final = frozenset({"task:started", "worker:spawned"})
ENDS: Final = frozenset({"task:completed", "task:failed"})
CALL: Final = "task:api_call"

Pair = tuple[str, int]


class Stand(NamedTuple):
    """A row of `session_tasks` without its key."""

    status: str | None
    first_at: int
    at: int
    last_seq: int


class SessionTasks:
    """The rows of `session_tasks`, within one transaction."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._stands: dict[Pair, Stand] = {}
        self._reopened: dict[Pair, Stand] = {}

    def take(self, entry: Entry, key: TrailKey, *, trail: int) -> None:
        """An entry of a trail, in the order of `seq`."""
        event, in_task = entry.event, key.family == "tasks"
        session = event.text("session_id") if in_task else key.id
        if session is None or session == UNASSIGNED_SESSION:
            return
        pair, at = (session, trail), sent_at(event, entry.recorded_at)
        known = self._stands.get(pair, Stand(None, entry.recorded_at, at, 0))
        known = known._replace(at=min(at, known.at))
        if in_task and event.event_type != CALL:
            known = known._replace(status=self._status(known, event), last_seq=entry.seq)
            if _is_new_try(event):
                self._reopened[pair] = known
        self._stands[pair] = known

    @staticmethod
    def _status(known: Stand, event: Event) -> str | None:
        """The first end stands until the session tries the task again."""
        if _is_new_try(event):
            return "active"
        return known.status if known.status in TERMINAL else _status_said(event) or known.status

    def flush(self) -> None:
        """What was taken is in the database, though not yet committed."""
        again, self._reopened = self._reopened, {}
        stands, self._stands = self._stands, {}
        self._writing.insert("reopen_session_tasks", ((*pair, *one) for pair, one in again.items()))
        self._writing.insert("add_session_tasks", ((*pair, *one) for pair, one in stands.items()))


def _is_new_try(event: Event) -> bool:
    return event.event_type == "worker:spawned" and "parent_worker_id" not in event.data


def _status_said(event: Event) -> str | None:
    """How the task stands by what the event says; `None` when it says nothing of it."""
    if event.event_type in ENDS:
        return outcome_of(event) or "completed"
    if event.event_type == "task:status":
        return parse_status(text_of(event.data.get("status")))
    if event.event_type == "task:created":
        return "pending"
    return "active" if event.event_type in BEGINS else None
