"""Lists of sessions, workers and events, newest first."""

from pathlib import Path

from tasktrail.index.coordinator_pages import (
    costs_of_worker,
    count_events,
    count_sessions,
    count_workers,
    find_worker,
    list_events,
    list_sessions,
    list_workers,
    tasks_of_session,
    workers_under,
)
from tasktrail.index.cost_sums import NOTHING
from tasktrail.model.ledger_filters import EventFilter, WorkerFilter
from tasktrail.model.times import parse_time
from tests.support.make_trails import Trails
from tests.support.money import NOON, coordinated, told


def test_sessions_are_all_that_anything_names(tmp_path: Path) -> None:
    """Started, or only named by a task or a worker; newest first."""
    with Trails(tmp_path) as trails:
        trails.record(*coordinated(), told("task:created", task_id="t", session_id="s-2"))
        trails.record(told("worker:spawned", task_id="u", worker_id="w", session_id="s-3"))
        trails.index_all()
        with trails.index.snapshot() as queries:
            every = list_sessions(queries, limit=9)
            after = list_sessions(queries, limit=9, before=(every[0].first_at, every[0].session_id))
            tasks = [task.task_id for task in tasks_of_session(queries, "s-1")]
            total = count_sessions(queries)

    assert [one.session_id for one in every] == ["s-3", "s-2", "s-1"]
    assert (after, total, tasks) == (every[1:], 3, ["gh-450"])
    assert (every[2].git_commit, every[2].exit_reason, every[1].started_at) == (
        "abc",
        "normal",
        parse_time(NOON),  # its own time: nobody said that it began
    )


def test_workers_are_found_by_task_session_and_status(tmp_path: Path) -> None:
    """And those that a worker started, by its name."""
    with Trails(tmp_path) as trails:
        trails.record(*coordinated())
        trails.record(told("worker:spawned", task_id="t", worker_id="a", parent_worker_id="w-1"))
        trails.index_all()
        with trails.index.snapshot() as queries:
            every = list_workers(queries, WorkerFilter(), limit=9)
            failed = list_workers(queries, WorkerFilter(status="failed"), limit=9)
            of_task = count_workers(queries, WorkerFilter(task_id="gh-450", session_id="s-1"))
            under = workers_under(queries, "w-1")
            sums = costs_of_worker(queries, "w-1"), costs_of_worker(queries, "a")
            nobody = find_worker(queries, "nobody")

    assert [one.worker_id for one in every] == ["a", "w-2", "w-1"]
    assert [one.worker_id for one in under] == ["a"]
    assert (of_task, nobody, failed) == (2, None, every[2:])
    assert (sums[0].cost, sums[1]) == (4_500, NOTHING)


def test_events_are_found_by_what_they_are_about(tmp_path: Path) -> None:
    """Newest first by their own times, and after any place in that order."""
    with Trails(tmp_path) as trails:
        trails.record(*coordinated())
        trails.index_all()
        with trails.index.snapshot() as queries:
            every = list_events(queries, EventFilter(), limit=9)
            first = every[0]
            place = (first.at, f"{first.key.family}/{first.key.id}", first.seq)
            after = list_events(queries, EventFilter(), limit=9, before=place)
            about = list_events(queries, EventFilter(context_id="gh-450"), limit=9)
            severe = count_events(queries, EventFilter(severities=("warning",)))
            late = count_events(queries, EventFilter(since=every[1].at))

    assert [one.event_type for one in every] == ["session:ended", "decision", "session:started"]
    assert (after, about, severe, late) == (every[1:], every[1:2], 1, 2)
