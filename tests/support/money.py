"""Roots with model calls and coordinators in them, and who answers about them."""

from typing import Any

from tasktrail.model.codec import encode
from tasktrail.query.ledger import Ledger
from tasktrail.query.reader import Reader
from tests.support.make_trails import Trails

NOON = "2026-01-15T12:00:00Z"
SONNET = "claude-sonnet-4-5"

Row = dict[str, Any]


def told(kind: str, /, *, at: str = NOON, **fields: Any) -> bytes:  # noqa: ANN401 - JSON
    """An event; ids stand beside `data`, everything else in it."""
    names = ("task_id", "session_id", "worker_id", "event_id", "attempt")
    ids = {name: fields.pop(name) for name in names if name in fields}
    return encode({"type": kind, "timestamp": at, **ids, "data": fields})


def call(name: str | None = "gh-1", /, *, at: str = NOON, **fields: Any) -> bytes:  # noqa: ANN401
    """A model call of a task: 1,000 tokens in and 100 out, unless told otherwise."""
    ids = {} if name is None else {"task_id": name}
    usual = {"model": SONNET, "input_tokens": 1_000, "output_tokens": 100}
    return told("task:api_call", at=at, **(ids | usual | fields))


def reader_of(trails: Trails) -> Reader:
    """A reader of what is recorded, indexed."""
    trails.index_all()
    return Reader(trails.layout, trails.root, trails.index)


def ledger_of(trails: Trails) -> Ledger:
    """Who answers about money and workers."""
    return reader_of(trails).ledger


def coordinated() -> list[bytes]:
    """A session with a task that one worker failed and the next one finished."""
    ids = {"task_id": "gh-450", "session_id": "s-1"}
    return [
        told("session:started", session_id="s-1", git_commit="abc", config={"a": 1}),
        told("task:status", **ids, status="detected", title="Fix login", issue_number=450),
        told("worker:spawned", **ids, worker_id="w-1", pid=11, log_file="w1.jsonl"),
        call(None, **ids, worker_id="w-1", call_id="m1"),
        told("worker:failed", **ids, worker_id="w-1", exit_code=1, at="2026-01-15T12:10:00Z"),
        told("task:failed", **ids, error="boom", at="2026-01-15T12:10:01Z"),
        told("worker:spawned", **ids, worker_id="w-2", at="2026-01-15T12:20:00Z"),
        call(None, worker_id="w-2", at="2026-01-15T12:21:00Z", input_tokens=2_000),
        told(
            "coordinator:event",
            **ids,
            event_type="decision",
            severity="warning",
            message="Preserved worktree",
            context_type="worktree",
            context_id="gh-450",
            details={"age": 0.2},
            at="2026-01-15T12:22:00Z",
        ),
        told("worker:completed", **ids, worker_id="w-2", at="2026-01-15T12:30:00Z", exit_code=0),
        told("task:completed", **ids, pr_number=496, at="2026-01-15T12:30:01Z"),
        told("session:ended", session_id="s-1", exit_reason="normal", at="2026-01-15T12:31:00Z"),
    ]
