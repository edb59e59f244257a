"""What a coordinator tells: the design's calls, by position and by name."""

import os
import threading
from pathlib import Path
from typing import Any

import tasktrail
from tasktrail.model.event import address_of, parse_event
from tasktrail.sdk.coordinator_log import MOST_WORKERS, CoordinatorLog
from tasktrail.sdk.encoding import encode_any
from tasktrail.sdk.trouble import Trouble
from tests.index.test_coordinator import sql
from tests.support.make_trails import Trails

Row = dict[str, Any]


class Heard:
    """A client that keeps what it is told, and what is wrong."""

    def __init__(self) -> None:
        self.events: list[Row] = []
        self.wrong: list[str] = []
        self.trouble = Trouble(self.wrong.append)
        self._lock = threading.Lock()

    def send(self, event_type: str, /, **said: Any) -> None:  # noqa: ANN401 - whatever is said
        """Keeps the event as it would be sent."""
        with self._lock:
            said = {name: value for name, value in said.items() if value is not None}
            self.events.append({"type": event_type, **said})

    @property
    def last(self) -> Row:
        """The event told last."""
        return self.events[-1]


def tell_the_design(logger: CoordinatorLog) -> str:
    """The session's id, after the design's calls, word by word as it writes them."""
    sid = logger.start_session({"a": 1}, {"commit": "abc", "branch": "main"})
    logger.log_task(sid, "gh-450", "detected", issue_number=450, title="Fix login")
    logger.log_worker(sid, "w-abc123", "gh-450", "spawned", pid=12345, log_file="logs/gh-450.jsonl")
    logger.log_event(
        sid,
        "decision",
        "info",
        "Preserved worktree",
        context_type="worktree",
        context_id="gh-450",
        details={"file_age_minutes": 0.2},
    )
    logger.log_api_call(
        "w-abc123",
        model="claude-sonnet-4-5",
        tokens_input=5000,
        tokens_output=2000,
        estimated_cost_usd=0.045,
        duration_ms=3200,
    )
    logger.log_worker(sid, "w-abc123", "gh-450", "completed", exit_code=0)
    logger.log_task(sid, "gh-450", "completed", pr_number=496)
    logger.end_session(sid, exit_reason="normal")
    return sid


def test_the_designs_calls_become_events() -> None:
    """One each, with the ids that are known by then."""
    heard = Heard()
    sid = tell_the_design(CoordinatorLog(heard))

    assert [event["type"] for event in heard.events] == [
        "session:started",
        "task:status",
        "worker:spawned",
        "coordinator:event",
        "task:api_call",
        "worker:completed",
        "task:completed",
        "session:ended",
    ]
    assert heard.events[0]["data"]["pid"] == os.getpid()
    assert {event.get("session_id") for event in heard.events} == {sid}
    assert [event.get("task_id") for event in heard.events[1:7]] == ["gh-450"] * 6


def test_what_is_told_is_found_in_the_tables(tmp_path: Path) -> None:
    """Through a real client, a trail and the index: right answers to the design's SQL."""
    heard = Heard()
    logger = CoordinatorLog(heard)
    sid = logger.start_session(session_id="s-1")
    logger.log_task(sid, "gh-450", "active", title="Fix login")
    logger.log_api_call("w-1", model="claude-sonnet-4-5", tokens_input=5000, tokens_output=2000)
    logger.log_worker(sid, "w-1", "gh-450", "spawned")
    logger.log_task(sid, "gh-450", "failed", failure_reason="boom")
    with Trails(tmp_path) as trails:
        trails.record(*(encode_any(event) for event in heard.events))
        trails.index_all()
        tasks = sql(trails, "SELECT task_id, status, failure_reason FROM tasks")
        cost = sql(trails, "SELECT task_id, estimated_cost_usd FROM api_calls")

    assert tasks == [("gh-450", "failed", "boom")]
    assert cost == [("gh-450", 0.045)]


def test_a_call_by_an_unknown_worker_names_only_the_worker() -> None:
    """It is attached when the worker becomes known; what is no worker's is the session's."""
    heard = Heard()
    logger = CoordinatorLog(heard)
    logger.start_session(session_id="s-1")
    logger.log_api_call("w-9", "m", 1, 2, 3, 0.5, 10)
    unknown = heard.last
    logger.log_api_call(None, model="m")

    assert address_of(parse_event(encode_any(unknown))).trail == ("sessions", "unassigned")
    assert unknown["data"]["tokens_total"] == 3
    assert heard.last["session_id"] == "s-1"


def test_nothing_that_is_not_named_is_said() -> None:
    """So that no call erases what another one said."""
    heard = Heard()
    CoordinatorLog(heard).log_task("s-1", "gh-1", "blocked")

    assert heard.last["data"] == {"status": "blocked"}


def test_every_status_has_its_event() -> None:
    """Those that begin and end a task are the events of a beginning and an end."""
    heard = Heard()
    logger = CoordinatorLog(heard)
    for status in ("pending", "active", "completed", "failed", "cancelled", "merged"):
        logger.log_task("s-1", "gh-1", status)
    logger.log_worker("s-1", "w-1", "gh-1", "paused")

    assert [event["type"] for event in heard.events] == [
        "task:status",
        "task:started",
        "task:completed",
        "task:failed",
        "task:status",
        "task:status",
        "worker:paused",
    ]
    assert heard.last["data"] == {"status": "paused"}


def test_the_severity_may_be_left_out() -> None:
    """By position too; then it is info."""
    heard = Heard()
    logger = CoordinatorLog(heard)
    logger.log_event("s-1", "trigger")
    plain = heard.last["data"]
    logger.log_event("s-1", "trigger", "woke up")
    short = heard.last["data"]
    logger.log_event("s-1", "error", "error", "boom", "task", "gh-1")

    assert (plain["severity"], plain["message"]) == ("info", "")
    assert (short["severity"], short["message"]) == ("info", "woke up")
    assert (heard.last["data"]["severity"], heard.last["task_id"]) == ("error", "gh-1")


def test_an_event_about_a_worker_is_its_tasks() -> None:
    """As far as the worker is known."""
    heard = Heard()
    logger = CoordinatorLog(heard)
    logger.log_worker("s-1", "w-1", "gh-1", "spawned")
    logger.log_event("s-1", "decision", context_type="worker", context_id="w-1")
    known = heard.last
    logger.log_event("s-1", "decision", context_type="worktree", context_id="gh-2")

    assert (known["task_id"], known["worker_id"]) == ("gh-1", "w-1")
    assert "task_id" not in heard.last


def test_only_so_many_workers_are_remembered() -> None:
    """The oldest are forgotten, and a later word completes what is known."""
    heard = Heard()
    logger = CoordinatorLog(heard)
    for n in range(MOST_WORKERS + 1):
        logger.log_worker("s-1", f"w-{n}", f"gh-{n}", "spawned")
    logger.log_api_call("w-0", model="m")
    forgotten = heard.last
    logger.log_worker(None, "w-5", None, "completed")

    assert "task_id" not in forgotten
    assert (heard.last["task_id"], heard.last["session_id"]) == ("gh-5", "s-1")


def test_a_real_client_takes_it() -> None:
    """And it is one of the public names."""
    assert tasktrail.CoordinatorLog is CoordinatorLog


def test_usual_names_of_tokens_are_passed_on_and_others_told() -> None:
    """All of them are kept; a name that nobody counts is told once."""
    heard = Heard()
    logger = CoordinatorLog(heard)
    for _ in range(2):
        logger.log_api_call("w", "m", 10, 5, cached_read_tokens=900, image_tokens=3, max_tokens=9)

    assert heard.last["data"]["cached_read_tokens"] == 900
    assert heard.last["data"]["image_tokens"] == 3
    (wrong,) = heard.wrong
    assert wrong.startswith("log_api_call: image_tokens is kept, but no tokens are known by that")
