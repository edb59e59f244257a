"""What entries say of sessions and workers, and what all of it comes to. Pure.

The order in which things were recorded decides, over all trails: a time is that of the first entry
that sets it, any other value the one said last. Nothing that was said is erased by silence.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from tasktrail.index.database import Row
from tasktrail.model.codec import Fields, integer_of, plain_text, text_of
from tasktrail.model.entry import Entry
from tasktrail.model.ids import TrailKey
from tasktrail.model.view import sent_at

SESSION: Final = "s:"
WORKER: Final = "w:"
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
    at = sent_at(entry.event, entry.recorded_at)
    blob = msgspec.json.encode(known)
    return Fact(subject + name, trail, entry.seq, entry.recorded_at, at, verb, blob)


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
    }


def session_row(session_id: str, facts: Sequence[Fact]) -> Row:
    """The session that the facts, in their order, come to."""
    last = _last(facts)
    texts = tuple(last.get(name) for name in ("git_commit", "exit_reason", "config", "branch"))
    times = _first_at(facts, "started"), _first_at(facts, "ended")
    return (session_id, *times, *texts, last.get("host"), last.get("pid"), facts[0].recorded)


def worker_row(worker_id: str, facts: Sequence[Fact]) -> Row:
    """The worker that the facts, in their order, come to."""
    last = _last(facts)
    return (
        worker_id,
        last.get("session_id"),
        last.get("task_id"),
        _first_at(facts, "spawned"),
        _first_at(facts, "completed", "failed"),
        last.get("pid"),
        max(reversed(facts), key=_own_time).verb,  # whichever came last, told late or not
        last.get("exit_code"),
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


def _own_time(fact: Fact) -> int:
    return fact.at


def _first_at(facts: Sequence[Fact], *verbs: str) -> int | None:
    return next((fact.at for fact in facts if fact.verb in verbs), None)


def _first(data: Fields, names: Sequence[str]) -> str | None:
    return next((text for name in names if (text := text_of(data.get(name)))), None)
