"""What entries say of sessions and workers, and what all of it comes to. Pure.

Times are the own times of what was said, in whatever order it was recorded: the start is the
earliest, the end that of the latest run, so what began again after its end has none. A guessed end
gives way to one that was told. Any other value is the one recorded last, over all trails; nothing
that was said is erased by silence.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from tasktrail.index.database import Row
from tasktrail.model.codec import Fields, integer_of, plain_text, text_of
from tasktrail.model.entry import Entry
from tasktrail.model.ids import UNASSIGNED_SESSION, TrailKey
from tasktrail.model.statuses import parse_status
from tasktrail.model.view import sent_at

SESSION: Final = "s:"
WORKER: Final = "w:"
CALLED: Final = "called"
ENDS: Final = ("completed", "failed")
SESSION_TEXTS: Final[dict[str, tuple[str, ...]]] = {
    "git_commit": ("git_commit", "commit"),
    "exit_reason": ("exit_reason",),
    "branch": ("branch", "git_branch"),
    "host": ("host", "hostname"),
}
WORKER_TEXTS: Final[dict[str, tuple[str, ...]]] = {
    "log_file": ("log_file",),
    "parent_worker_id": ("parent_worker_id",),
    "agent": ("agent_type", "agent"),
}


class Fact(NamedTuple):
    """What one entry said; the columns of `facts`, in their order."""

    subject: str
    trail: int
    seq: int
    recorded: int
    at: int
    verb: str
    said: bytes

    @property
    def values(self) -> dict[str, Any]:
        """What it named."""
        values: dict[str, Any] = msgspec.json.decode(self.said)
        return values


def fact_of(entry: Entry, key: TrailKey, trail: int) -> Fact | None:
    """What the entry says of the session or worker that it names; `None` when it names none."""
    family, _, verb = entry.event.event_type.partition(":")
    if family == "session":
        name = key.id if key.family == "sessions" else entry.event.text("session_id")
        subject, said = SESSION, _of_session(entry.event.data)
    else:
        name = entry.event.text("worker_id")
        subject, said = WORKER, _of_worker(entry, key)
    if not name:
        return None
    known = {field: value for field, value in said.items() if value is not None}
    if plain_text(entry.event.data.get("inferred")) == "true":
        known["inferred"] = True
    at = sent_at(entry.event, entry.recorded_at)
    blob = msgspec.json.encode(known)
    return Fact(subject + name, trail, entry.seq, entry.recorded_at, at, verb, blob)


def called_by(worker_id: str, entry: Entry, key: TrailKey, trail: int) -> Fact:
    """What a call says of its worker: that there is one, and whose it is.

    It has the place before all entries, so that of every trail one such fact is kept, the first.
    """
    in_session = key.family == "sessions"
    said = {
        "session_id": key.id if in_session else entry.event.text("session_id"),
        "task_id": None if in_session else key.id,
    }
    if said["session_id"] == UNASSIGNED_SESSION:
        said["session_id"] = None
    known = {field: value for field, value in said.items() if value is not None}
    at = sent_at(entry.event, entry.recorded_at)
    blob = msgspec.json.encode(known)
    return Fact(WORKER + worker_id, trail, 0, entry.recorded_at, at, CALLED, blob)


def _of_session(data: Fields) -> dict[str, object]:
    said: dict[str, object] = {name: _first(data, keys) for name, keys in SESSION_TEXTS.items()}
    config = data.get("config")
    if config is not None and bytes(config) != b"null":
        said["config"] = plain_text(config) if bytes(config)[:1] == b'"' else bytes(config).decode()
    return said | {"pid": integer_of(data.get("pid"))}


def _of_worker(entry: Entry, key: TrailKey) -> dict[str, object]:
    event = entry.event
    in_session = key.family == "sessions"
    said: dict[str, object] = {
        name: _first(event.data, keys) for name, keys in WORKER_TEXTS.items()
    }
    return said | {
        "session_id": key.id if in_session else event.text("session_id"),
        "task_id": event.text("task_id") if in_session else key.id,
        "pid": integer_of(event.data.get("pid")),
        "exit_code": integer_of(event.data.get("exit_code")),
        "status": parse_status(text_of(event.data.get("status"))),
    }


def session_row(session_id: str, facts: Sequence[Fact]) -> Row:
    """The session that the facts, in their order, come to."""
    last, end = _last(facts), _end_of(facts, "started", ("ended",))
    reason = end.values.get("exit_reason") if end else None
    times = _first_at(facts, "started"), end.at if end else None
    said = (last.get(name) for name in ("config", "branch", "host", "pid"))
    return (session_id, *times, last.get("git_commit"), reason, *said, facts[0].recorded)


def worker_row(worker_id: str, facts: Sequence[Fact]) -> Row:
    """The worker that the facts, in their order, come to."""
    last = _last([fact for fact in facts if fact.verb == CALLED])
    last |= _last([fact for fact in facts if fact.verb != CALLED])
    spawned, end = _first_at(facts, "spawned"), _end_of(facts, "spawned", ENDS)
    is_running = any(fact.verb == "spawned" for fact in facts)
    return (
        worker_id,
        last.get("session_id"),
        last.get("task_id"),
        spawned,
        end.at if end else None,
        last.get("pid"),
        _status_of(end) if end else "spawned" if is_running else None,
        end.values.get("exit_code") if end else None,
        last.get("log_file"),
        last.get("parent_worker_id"),
        last.get("agent"),
        facts[0].recorded,
    )


def in_order(facts: Sequence[Fact], trails: Mapping[int, str]) -> list[Fact]:
    """The facts as they were recorded; `trails` are names that no index chooses."""

    def place(fact: Fact) -> tuple[int, str, int]:
        return fact.recorded, trails.get(fact.trail, ""), fact.seq

    return sorted(facts, key=place)


ROW_OF: Final[dict[str, Callable[[str, Sequence[Fact]], Row]]] = {
    SESSION: session_row,
    WORKER: worker_row,
}


def _last(facts: Sequence[Fact]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for fact in facts:
        values |= fact.values
    return values


def _end_of(facts: Sequence[Fact], begin: str, ends: Sequence[str]) -> Fact | None:
    """The end of the latest run, by the times at which things happened, told late or not."""
    found: list[Fact] = []
    for fact in sorted(facts, key=_own_time):
        if fact.verb in ends:
            found.append(fact)
        elif fact.verb == begin:
            found = []
    found = [fact for fact in found if "inferred" not in fact.values] or found
    return found[-1] if found else None


def _status_of(end: Fact) -> str:
    """How it ended; an event that tells a good end may say that it was cancelled."""
    return "cancelled" if end.values.get("status") == "cancelled" else end.verb


def _own_time(fact: Fact) -> int:
    return fact.at


def _first_at(facts: Sequence[Fact], verb: str) -> int | None:
    return min((fact.at for fact in facts if fact.verb == verb), default=None)


def _first(data: Fields, names: Sequence[str]) -> str | None:
    return next((text for name in names if (text := text_of(data.get(name)))), None)
