"""The tables of coordinators, and the design's own questions to them in SQL."""

import sqlite3
from pathlib import Path

from tasktrail.index.said import local_date, said_by
from tests.support.make_trails import Trails
from tests.support.money import call, coordinated, ledger_of, told

Rows = list[tuple[object, ...]]


def sql(trails: Trails, text: str) -> Rows:
    """The rows of a statement, with the functions that `tasktrail sql` has."""
    connection = sqlite3.connect(trails.layout.index)
    connection.create_function("said_by", 5, said_by(trails.layout))
    connection.create_function("date", 1, local_date)
    try:
        return connection.execute(text).fetchall()
    finally:
        connection.close()


def indexed(tmp_path: Path, *events: bytes) -> Trails:
    """A root with these events, indexed."""
    trails = Trails(tmp_path)
    trails.record(*events)
    trails.index_all()
    return trails


def test_the_five_tables_have_the_designs_columns(tmp_path: Path) -> None:
    """Each begins with the columns that it was drawn with."""
    columns = {
        "sessions": "session_id, started_at, ended_at, git_commit, exit_reason, config",
        "tasks": "task_id, session_id, issue_number, title, detected_at, started_at, completed_at,"
        " failed_at, status, pr_number",
        "workers": "worker_id, session_id, task_id, spawned_at, completed_at, pid, status,"
        " exit_code, log_file",
        "events": "event_id, session_id, timestamp, event_type, context_type, context_id, severity,"
        " message, details",
        "api_calls": "call_id, worker_id, timestamp, model, tokens_input, tokens_output,"
        " tokens_total, estimated_cost_usd, duration_ms, success, tokens_input_uncached,"
        " tokens_cache_read, tokens_cache_write_5m, tokens_cache_write_1h, tokens_reasoning,"
        " cost_micro_usd, reported_cost_micro_usd, price_version",
    }
    with indexed(tmp_path, *coordinated()) as trails:
        found = {name: sql(trails, f"SELECT {said} FROM {name}") for name, said in columns.items()}  # noqa: S608

    assert {name: len(rows) for name, rows in found.items()} == {
        "sessions": 1,
        "tasks": 1,
        "workers": 2,
        "events": 3,
        "api_calls": 2,
    }


def test_the_designs_questions_are_answered(tmp_path: Path) -> None:
    """Word by word as they were written."""
    with indexed(tmp_path, *coordinated(), told("task:started", task_id="gh-451")) as trails:
        cost = sql(
            trails,
            "SELECT t.task_id, t.title, SUM(ac.estimated_cost_usd) AS cost FROM tasks t"
            " JOIN workers w ON w.task_id = t.task_id"
            " JOIN api_calls ac ON ac.worker_id = w.worker_id GROUP BY t.task_id",
        )
        active = sql(trails, "SELECT task_id FROM tasks WHERE status = 'active'")
        minutes = sql(
            trails,
            "SELECT task_id, (julianday(completed_at) - julianday(started_at)) * 24 * 60 AS minutes"
            " FROM tasks WHERE completed_at IS NOT NULL",
        )
        events = sql(trails, "SELECT * FROM events WHERE context_id = 'gh-450' ORDER BY timestamp")
        workers = sql(
            trails,
            "SELECT w.worker_id, COUNT(ac.call_id) AS api_calls, SUM(ac.tokens_total)"
            " FROM workers w LEFT JOIN api_calls ac ON ac.worker_id = w.worker_id"
            " WHERE w.task_id = 'gh-450' GROUP BY w.worker_id",
        )
        log_file = sql(trails, "SELECT log_file FROM workers WHERE worker_id = 'w-1'")

    assert cost == [("gh-450", "Fix login", 0.012)]
    assert active == [("gh-451",)]
    assert [(name, round(float(str(spent)), 3)) for name, spent in minutes] == [("gh-450", 30.017)]
    assert [row[7:9] for row in events] == [("Preserved worktree", '{"age":0.2}')]
    assert workers == [("w-1", 1, 1_100), ("w-2", 1, 2_100)]
    assert log_file == [("w1.jsonl",)]


def test_calls_without_a_worker_are_in_the_cost_of_their_task(tmp_path: Path) -> None:
    """Also in the design's own question, which asks by way of workers; and nobody is made up."""
    totals = told("task:completed", task_id="c", cost_usd=0.5)
    with indexed(tmp_path, call("a"), call("a", worker_id="w"), call("b"), totals) as trails:
        cost = sql(
            trails,
            "SELECT t.task_id, SUM(ac.estimated_cost_usd) FROM tasks t"
            " JOIN workers w ON w.task_id = t.task_id"
            " JOIN api_calls ac ON ac.worker_id = w.worker_id GROUP BY t.task_id",
        )
        workers = sql(trails, "SELECT worker_id, status FROM workers ORDER BY worker_id")
        known = [one["worker_id"] for one in ledger_of(trails).workers()["workers"]]

    assert cost == [("a", 0.009), ("b", 0.0045), ("c", 0.5)]
    assert workers == [("tasks/a", None), ("tasks/b", None), ("tasks/c", None), ("w", None)]
    assert known == ["w"]


def test_today_is_the_users_day(tmp_path: Path) -> None:
    """What was called a moment ago was called today, wherever the user is."""
    with indexed(tmp_path, told("task:api_call", task_id="t", at="", cost_usd=2)) as trails:
        with trails.database.writing() as writing:
            writing.execute("drop_calls", names='["at:tasks/t:1"]')
        text = "SELECT SUM(estimated_cost_usd) FROM api_calls WHERE date(timestamp) = date('now')"
        trails.recorded_at = int(sql(trails, "SELECT strftime('%s')")[0][0]) * 1_000_000  # type: ignore[call-overload]
        trails.record(told("task:api_call", task_id="t", at="", cost_usd=3))
        trails.index_all()

        assert sql(trails, text) == [(3.0,)]


def test_every_status_keeps_its_first_time(tmp_path: Path) -> None:
    """A task that failed and then completed has both."""
    with indexed(tmp_path, *coordinated()) as trails:
        times = sql(
            trails,
            "SELECT issue_number, detected_at, started_at, failed_at, completed_at, pr_number"
            " FROM tasks",
        )

    assert times == [
        (
            450,
            "2026-01-15T12:00:00.000000Z",
            "2026-01-15T12:00:00.000000Z",
            "2026-01-15T12:10:01.000000Z",
            "2026-01-15T12:30:01.000000Z",
            496,
        )
    ]


def test_everything_is_accepted_in_any_order(tmp_path: Path) -> None:
    """A completion without detection, a worker without a task, a call without a worker."""
    with indexed(
        tmp_path,
        told("worker:completed", worker_id="w-9", exit_code=0),
        told("task:completed", task_id="gh-9"),
        call(None, session_id="s-9"),
        call(None, worker_id="w-nobody"),
    ) as trails:
        workers = sql(trails, "SELECT worker_id, task_id, status, spawned_at FROM workers")
        tasks = sql(trails, "SELECT task_id, status FROM tasks")
        calls = sql(trails, "SELECT worker_id, session_id, task_id FROM api_calls ORDER BY call_id")
        sessions = sql(trails, "SELECT session_id FROM sessions ORDER BY session_id")

    assert workers == [("w-9", None, "completed", None), ("w-nobody", None, None, None)]
    assert tasks == [("gh-9", "completed")]
    assert calls == [(None, "s-9", None), ("w-nobody", None, None)]
    assert sessions == [("s-9",)]


def test_a_task_without_a_price_has_no_cost_in_sql(tmp_path: Path) -> None:
    """NULL as everywhere; one that is priced in part says how much is not."""
    unpriced = {"model": "nobody-knows"}
    with indexed(
        tmp_path,
        call("a", **unpriced),
        call("b", **unpriced),
        call("b"),
        told("task:created", task_id="c"),
    ) as trails:
        rows = sql(trails, "SELECT cost_micro_usd, unpriced_calls FROM tasks ORDER BY task_id")

    assert rows == [(None, 1), (4_500, 1), (None, 0)]


MINUTES = (
    "SELECT status, started_at, completed_at,"
    " (julianday(completed_at) - julianday(started_at)) * 24 * 60 FROM tasks"
)


def test_a_start_and_an_end_are_of_one_attempt(tmp_path: Path) -> None:
    """A task that is tried again after it was only told to be done does not end before it began."""
    ids = {"task_id": "t", "session_id": "s"}
    done = told("task:completed", **ids, at="2026-01-15T10:00:00Z")
    again = told("worker:spawned", **ids, worker_id="w", at="2026-01-15T11:00:00Z")
    with indexed(tmp_path, done, again) as trails:
        running = sql(trails, MINUTES)
        trails.record(told("task:completed", **ids, at="2026-01-15T11:30:00Z"))
        trails.index_all()
        over = sql(trails, MINUTES)

    assert [row[:3] for row in running] == [("active", "2026-01-15T11:00:00.000000Z", None)]
    assert round(over[0][3]) == 30  # type: ignore[call-overload]


def test_a_late_start_is_not_taken_for_the_start_of_what_is_done(tmp_path: Path) -> None:
    """It is not known when that began."""
    ids = {"task_id": "t", "session_id": "s"}
    done = told("task:completed", **ids, at="2026-01-15T10:00:00Z")
    with indexed(tmp_path, done, told("task:started", **ids)) as trails:
        rows = sql(trails, MINUTES)

    assert rows == [("completed", None, "2026-01-15T10:00:00.000000Z", None)]


def test_activity_of_a_clock_that_steps_back_is_no_start(tmp_path: Path) -> None:
    """Nobody said when it began, and its first entry has a later time than its end."""
    said = told("task:output", task_id="t", content="x", at="2026-01-15T10:05:00Z")
    done = told("task:completed", task_id="t", at="2026-01-15T10:00:00Z")
    with indexed(tmp_path, said, done) as trails:
        rows = sql(trails, MINUTES)

    assert rows == [("completed", None, "2026-01-15T10:00:00.000000Z", None)]


def test_an_unpriced_call_has_no_cost_in_sql(tmp_path: Path) -> None:
    """NULL, which SUM passes over."""
    with indexed(tmp_path, call(model="nobody-knows"), call(cost_usd=0.5)) as trails:
        rows = sql(
            trails,
            "SELECT estimated_cost_usd, cost_micro_usd, reported_cost_micro_usd, price_version"
            " IS NULL FROM api_calls ORDER BY model DESC",
        )

    assert rows == [(None, None, None, 1), (0.5, 4_500, 500_000, 0)]
