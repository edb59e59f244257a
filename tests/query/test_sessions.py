"""Sessions and workers, as they are answered everywhere."""

from pathlib import Path

import pytest

from tasktrail.errors import InvalidCursor, NotFound
from tests.support.make_trails import Trails
from tests.support.money import coordinated, ledger_of, told


def test_a_session_has_its_facts_tasks_workers_and_cost(tmp_path: Path) -> None:
    """Attempts are kept: both workers are there."""
    with Trails(tmp_path) as trails:
        trails.record(*coordinated())
        answer = ledger_of(trails).session("s-1")

    assert (answer["git_commit"], answer["exit_reason"], bytes(answer["config"])) == (
        "abc",
        "normal",
        b'{"a":1}',
    )
    assert answer["started_at"] == "2026-01-15T12:00:00.000000Z"
    assert answer["title"] == "Fix login"
    assert (answer["task_counts"], answer["worker_count"]) == ({"completed": 1}, 2)
    assert answer["tasks"] == [
        {
            "task_id": "gh-450",
            "title": "Fix login",
            "status": "completed",
            "cost_micro_usd": 12_000,
            "unpriced_calls": 0,
        }
    ]
    assert [one["worker_id"] for one in answer["workers"]] == ["w-1", "w-2"]
    assert answer["cost_micro_usd"] == 12_000


def test_a_task_of_two_sessions_is_in_both(tmp_path: Path) -> None:
    """Tried again by another session, it loses neither."""
    with Trails(tmp_path) as trails:
        trails.record(*coordinated())
        trails.record(told("worker:spawned", task_id="gh-450", session_id="s-2", worker_id="w-3"))
        ledger = ledger_of(trails)
        tasks = [ledger.session(name)["tasks"][0]["task_id"] for name in ("s-1", "s-2")]

    assert tasks == ["gh-450", "gh-450"]


def test_lists_are_paged_without_gap_or_repetition(tmp_path: Path) -> None:
    """Also while others arrive in between."""
    with Trails(tmp_path) as trails:
        for n in range(5):
            trails.record(
                told("worker:spawned", task_id="t", session_id=f"s{n}", worker_id=f"w{n}")
            )
        ledger = ledger_of(trails)
        first = ledger.workers({"limit": ["2"]})
        sessions = ledger.sessions({"limit": ["2"]})
        trails.record(told("worker:spawned", task_id="t", session_id="s9", worker_id="w9"))
        trails.index_all()
        rest = ledger.workers({"limit": ["9"], "cursor": [first["next_cursor"]]})
        more = ledger.sessions({"limit": ["9"], "cursor": [sessions["next_cursor"]]})

    assert [one["worker_id"] for one in first["workers"] + rest["workers"]] == [
        "w4",
        "w3",
        "w2",
        "w1",
        "w0",
    ]
    assert [one["session_id"] for one in sessions["sessions"]] == ["s4", "s3"]
    assert [one["session_id"] for one in more["sessions"]] == ["s2", "s1", "s0"]
    assert (first["total_count"], rest["next_cursor"], more["next_cursor"]) == (5, None, None)


def test_a_cursor_belongs_to_its_list(tmp_path: Path) -> None:
    """Another filter's is refused."""
    with Trails(tmp_path) as trails:
        trails.record(*coordinated())
        ledger = ledger_of(trails)
        cursor = ledger.workers({"limit": ["1"]})["next_cursor"]

        with pytest.raises(InvalidCursor):
            ledger.workers({"status": ["failed"], "cursor": [cursor]})
        with pytest.raises(InvalidCursor):
            ledger.sessions({"cursor": [cursor]})


def test_a_worker_has_those_that_it_started(tmp_path: Path) -> None:
    """Sub-agents are workers with a parent."""
    with Trails(tmp_path) as trails:
        trails.record(*coordinated())
        trails.record(
            told("worker:spawned", task_id="gh-450", worker_id="a", parent_worker_id="w-1")
        )
        answer = ledger_of(trails).worker("w-1")

    assert (answer["status"], answer["exit_code"], answer["log_file"]) == ("failed", 1, "w1.jsonl")
    assert (answer["calls"], answer["cost_micro_usd"]) == (1, 4_500)
    assert [one["worker_id"] for one in answer["workers"]] == ["a"]
    assert answer["task_title"] == answer["workers"][0]["task_title"] == "Fix login"


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    """With the id that was asked for."""
    with Trails(tmp_path) as trails:
        ledger = ledger_of(trails)

        with pytest.raises(NotFound, match="s-9"):
            ledger.session("s-9")
        with pytest.raises(NotFound, match="w-9"):
            ledger.worker("w-9")
