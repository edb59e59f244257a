"""The fold from entries to a task."""

from typing import Any

import pytest
from msgspec import Raw

from tasktrail.model.task import Task, apply, micro_usd
from tests.support.make import entry

Step = tuple[str, dict[str, Any]]


def folded(*steps: Step) -> Task:
    """The task after these events, in their order."""
    task = Task("gh-1")
    for seq, (event_type, fields) in enumerate(steps, 1):
        apply(task, entry(seq, event_type, **fields))
    return task


def said(event_type: str, **data: object) -> Step:
    """An event with nothing but data."""
    return event_type, {"data": data}


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ([said("webhook:received"), said("notification:ops")], "detected"),
        ([said("task:created")], "pending"),
        ([said("task:created"), said("task:started")], "active"),
        ([said("task:created"), said("task:output", content="x")], "active"),
        ([said("task:log", message="x")], "active"),
        ([said("task:started"), said("task:created")], "active"),
        ([said("task:started"), said("task:completed")], "completed"),
        ([said("task:started"), said("task:completed", status="failed")], "failed"),
        ([said("task:failed", error="x")], "failed"),
        ([said("task:completed"), said("task:output", content="late")], "completed"),
        ([said("task:completed"), said("task:started"), said("task:created")], "completed"),
        ([said("task:status", status="blocked")], "blocked"),
        ([said("task:started"), said("task:status", status="cancelled")], "cancelled"),
    ],
)
def test_the_status_follows_the_events(steps: list[Step], status: str) -> None:
    """Statuses as the design names them; a late start never reopens a task."""
    assert folded(*steps).status == status


def test_the_first_terminal_event_stands() -> None:
    """A failure after the completion changes nothing but is counted as an entry."""
    task = folded(said("task:completed", result="ok"), said("task:failed", error="boom"))

    assert (task.status, task.error, task.counts.entries) == ("completed", None, 2)
    assert task.completed_at == "2025-11-22T01:46:41.000000Z"


def test_a_missing_error_may_come_later() -> None:
    """A failed completion carries no error text; the later failure names it."""
    task = folded(said("task:completed", status="failed"), said("task:failed", error="boom"))

    assert (task.status, task.error) == ("failed", "boom")
    assert task.completed_at == "2025-11-22T01:46:41.000000Z"


def test_known_values_are_never_replaced() -> None:
    """The dashboard's and the engine's task:created merge in either order."""
    dashboard = said("task:created", source="dashboard", conversation_id="c", input_message="Do it")
    engine = said("task:created", source="unknown", session_id="s", assigned_agent="brain")

    for task in (folded(dashboard, engine), folded(engine, dashboard)):
        assert (task.source, task.conversation_id, task.session_id) == ("dashboard", "c", "s")
        assert (task.agent, task.title) == ("brain", "Do it")


def test_a_title_that_is_cut_says_so() -> None:
    """It ends with a mark, whoever gave it; one that just fits does not."""
    long, fits = said("task:created", title="x" * 201), said("task:created", title="x" * 200)
    asked = said("task:created", input_message="y" * 300)
    given = said("task:titled", title="z" * 201)

    assert folded(long).title == "x" * 199 + "…"
    assert folded(fits).title == "x" * 200
    assert folded(asked).title == "y" * 199 + "…"
    assert folded(long, given).title == "z" * 199 + "…"


def test_an_attempt_opens_by_its_number() -> None:
    """Attempt 2 runs after attempt 1 failed; its end is its own."""
    again: dict[str, Any] = {"attempt": 2}
    task = folded(
        said("task:failed", error="boom"),
        ("task:started", again),
        ("task:completed", again),
    )

    assert [(one.number, one.status) for one in task.attempts] == [(1, "failed"), (2, "completed")]
    assert (task.status, task.error) == ("completed", None)


def test_a_worker_spawned_after_the_end_opens_an_attempt() -> None:
    """A coordinator that tries again says so by a new worker."""
    task = folded(
        ("worker:spawned", {"worker_id": "w-1"}),
        said("task:failed", error="boom"),
        ("worker:spawned", {"worker_id": "w-2"}),
    )

    assert (task.status, len(task.attempts), task.worker_id) == ("active", 2, "w-2")


def test_costs_add_up_over_attempts_and_unknown_is_not_zero() -> None:
    """Reported dollars become integer micro-dollars; nobody's report is no cost."""
    first = said("task:completed", status="failed", cost_usd=0.1, input_tokens=5)
    second = ("task:completed", {"attempt": 2, "data": {"cost_usd": "0.2"}})
    task = folded(first, second)

    assert (task.cost_micro_usd, task.input_tokens, task.output_tokens) == (300_000, 5, None)
    assert folded(said("task:completed")).cost_micro_usd is None


def test_figures_beyond_sense_cost_only_themselves() -> None:
    """Tokens that no 64 bits can hold are not known, alone or summed up."""
    huge = said("task:completed", status="failed", input_tokens="9" * 4300, output_tokens=2**63 - 1)
    again = ("task:completed", {"attempt": 2, "data": {"output_tokens": 2**63 - 1}})
    task = folded(huge, again)

    assert (task.input_tokens, task.output_tokens) == (None, 2**63 - 1)


def test_warnings_and_errors_are_counted() -> None:
    """The list shows trouble at a glance."""
    task = folded(
        ("task:log", {"level": "warn"}),
        ("task:log", {"level": "critical"}),
        ("task:log", {"level": "error"}),
    )

    assert (task.counts.entries, task.counts.warnings, task.counts.errors) == (3, 1, 2)
    assert task.counts.by_channel == {"log": 3}


def test_progress_and_stage_are_the_latest() -> None:
    """What the task is doing now."""
    task = folded(
        ("stage:started", {"stage": "fetch"}),
        ("task:progress", {"stage": "edit", "data": {"percent": 68}}),
        said("task:output", content="x"),
    )

    assert (task.stage, task.percent) == ("edit", 68.0)


def test_created_at_is_when_the_producer_says() -> None:
    """Until task:created comes, the first entry's time stands in; only the first one counts."""
    early = folded(said("task:output"))
    task = folded(
        said("task:output"),
        ("task:created", {"timestamp": "2026-02-14T10:00:00Z"}),
        ("task:created", {"timestamp": "2026-02-14T11:00:00Z"}),
    )

    assert early.created_at == "2025-11-22T01:46:41.000000Z"
    assert task.created_at == "2026-02-14T10:00:00.000000Z"


@pytest.mark.parametrize(
    ("raw", "amount"),
    [(b"0.000001", 1), (b'"1.5"', 1_500_000), (b"null", None), (b'"x"', None), (b"1e305", None)],
)
def test_dollars_become_micro_dollars(raw: bytes, amount: int | None) -> None:
    """Whole micro-dollars, and none where none is said."""
    assert micro_usd(Raw(raw)) == amount


HOUR, DAY = "2026-01-01T11:00:00Z", "2026-01-03T10:00:00Z"
SPAWNED: Step = ("worker:spawned", {"worker_id": "w", "timestamp": "2026-01-01T09:00:00Z"})
GUESSED: Step = (
    "task:status",
    {"timestamp": "2026-01-01T10:00:00Z", "data": {"status": "cancelled", "inferred": True}},
)


@pytest.mark.parametrize(
    ("worker", "at", "attempts", "status"),
    [
        ("w", HOUR, 1, "active"),  # it went on
        ("w", DAY, 2, "active"),  # it was taken up again
        ("w", "2026-01-01T09:30:00Z", 1, "cancelled"),  # an earlier part of it, told late
        ("v", HOUR, 2, "active"),  # another worker tries
    ],
)
def test_a_guessed_end_gives_way(worker: str, at: str, attempts: int, status: str) -> None:
    """It was taken for granted because nothing was heard for a day."""
    again: Step = ("worker:spawned", {"worker_id": worker, "timestamp": at})
    task = folded(SPAWNED, GUESSED, again)

    assert (len(task.attempts), task.status) == (attempts, status)


@pytest.mark.parametrize(
    ("worker", "at", "ended"),
    [
        ("w", HOUR, ("completed", "2026-01-01T11:00:00.000000Z")),  # the history grew
        ("w", "2026-01-01T10:00:00Z", ("cancelled", "2026-01-01T10:00:00.000000Z")),  # said again
        ("v", HOUR, ("cancelled", "2026-01-01T10:00:00.000000Z")),  # of another worker
    ],
)
def test_a_later_guess_replaces_an_earlier_one(
    worker: str, at: str, ended: tuple[str, str]
) -> None:
    """So that a history that is imported while it grows ends as one that is imported whole."""
    guess = {"status": "completed", "inferred": True}
    later: Step = ("task:status", {"worker_id": worker, "timestamp": at, "data": guess})
    task = folded(SPAWNED, GUESSED, later)

    assert (task.status, task.completed_at) == ended
    assert len(task.attempts) == 1


def test_what_is_told_replaces_a_guess() -> None:
    """The end that a source tells, however late; a guess replaces nothing."""
    told = said("task:failed", error="boom")
    task = folded(SPAWNED, GUESSED, told, GUESSED)

    assert (task.status, task.error, len(task.attempts)) == ("failed", "boom", 1)
