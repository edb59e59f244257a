"""Trails in the index: their state, and lists of tasks."""

from pathlib import Path

import pytest

from tasktrail.index.sqlite import SqliteDatabase
from tasktrail.index.tasks import (
    add_state,
    count_tasks,
    find_state,
    fresh_state,
    list_tasks,
    trails_to_search,
)
from tasktrail.model.filters import EntryFilter, parse_task_filter
from tasktrail.model.ids import TrailKey
from tests.support.make import START, event_bytes
from tests.support.make_trails import SECOND, Trails, key_of


def recorded(folder: Path) -> Trails:
    """Four tasks and a session, indexed."""
    trails = Trails(folder)
    trails.record(
        event_bytes("task:created", "a", data={"title": "Fix the Login", "source": "github"}),
        event_bytes("task:created", "b", session_id="s-1", data={"source": "jira"}),
        event_bytes("task:started", "b"),
        event_bytes("task:failed", "c", job_id="j-1", data={"error": "x"}),
        event_bytes("task:started", "d", job_id="j-1", session_id="s-1"),
        event_bytes("session:started", None, session_id="s-1"),
    )
    trails.index_all()
    return trails


@pytest.mark.parametrize(
    ("params", "ids"),
    [
        ({}, ["d", "c", "b", "a"]),
        ({"status": "running"}, ["d", "b"]),
        ({"status": "failed,pending"}, ["c", "a"]),
        ({"source": "jira"}, ["b"]),
        ({"session_id": "s-1"}, ["d", "b"]),
        ({"session_id": "s-1", "source": "jira"}, ["b"]),
        ({"job_id": "j-1"}, ["d", "c"]),
        ({"job_id": "j-1", "session_id": "s-1"}, ["d"]),
        ({"job_id": "nobody"}, []),
        ({"search": "LOGIN"}, ["a"]),
        ({"search": "%"}, []),
        ({"search": "b"}, ["b"]),
        ({"since": "2025-11-22T01:46:43Z"}, ["d", "c"]),
    ],
)
def test_tasks_are_listed_newest_first(
    tmp_path: Path, params: dict[str, str], ids: list[str]
) -> None:
    """The filter decides which, the time of the first entry in which order; no session is one."""
    wanted = parse_task_filter({name: [text] for name, text in params.items()})
    with recorded(tmp_path) as trails, trails.index.snapshot() as queries:
        listed = list_tasks(queries, wanted, limit=10, before=None)

        assert [one.id for one in listed] == ids
        assert count_tasks(queries, wanted) == len(ids)


def test_a_list_goes_on_after_a_place(tmp_path: Path) -> None:
    """The next page begins after the last task of the one before."""
    with recorded(tmp_path) as trails, trails.index.snapshot() as queries:
        first = list_tasks(queries, parse_task_filter({}), limit=2, before=None)
        second = list_tasks(queries, parse_task_filter({}), limit=9, before=first[-1].place)

    assert [[one.id for one in page] for page in (first, second)] == [["d", "c"], ["b", "a"]]


def test_a_state_is_kept_as_it_is(tmp_path: Path) -> None:
    """Summary, places and times come back; a trail that is not known has none."""
    with recorded(tmp_path) as trails, trails.index.snapshot() as queries:
        state = find_state(queries, key_of("b"))

        assert state is not None
        assert state.task == trails.writer(key_of("b")).documents.task
        assert (state.as_of, state.created) == (2, START + 2 * SECOND)
        assert state.places == {"events": trails.layout.channel(state.key, "events").stat().st_size}
        assert find_state(queries, key_of("unknown")) is None


def test_a_session_has_a_state_of_its_own(tmp_path: Path) -> None:
    """Sessions are indexed too, apart from a task of the same name."""
    with recorded(tmp_path) as trails, trails.index.snapshot() as queries:
        state = find_state(queries, TrailKey("sessions", "s-1"))

        assert state is not None
        assert (state.task.kind, state.task.counts.entries) == ("session", 1)
        assert find_state(queries, key_of("s-1")) is None


def test_figures_beyond_all_measure_do_not_stop_the_index(tmp_path: Path) -> None:
    """A producer that reports nonsense gets nonsense back, and everybody else is indexed."""
    huge = 10**4_000
    with Trails(tmp_path) as trails:
        said = {"cost_usd": 1e300, "input_tokens": huge, "pr_number": -huge}
        trails.record(event_bytes("task:completed", "a", data=said))
        trails.record(event_bytes("task:started", "b"))
        trails.index_all()
        with trails.index.snapshot() as queries:
            state = find_state(queries, key_of("a"))

        assert trails.index.status().entries == 2
        assert state is not None
        assert state.task == trails.writer(key_of("a")).documents.task


def test_a_sum_that_cannot_be_written_costs_itself() -> None:
    """Python writes no number of more than 4,300 digits; then the figure is not known."""
    database = SqliteDatabase(None)
    state = fresh_state(key_of(), 1)
    state.task.input_tokens = 10**4_400
    with database.writing() as writing:
        add_state(writing, state)
    with database.snapshot() as queries:
        found = find_state(queries, key_of())
    database.close()

    assert found is not None
    assert found.task.input_tokens is None


@pytest.mark.parametrize(
    ("wanted", "counts"),
    [
        (EntryFilter(), [1, 1, 1, 2, 1]),
        (EntryFilter(search=("x",)), [None] * 5),
        (EntryFilter(search=("x",), level=("error",)), [1]),
    ],
)
def test_what_is_to_be_searched_is_counted_only_where_counts_decide(
    tmp_path: Path, wanted: EntryFilter, counts: list[int | None]
) -> None:
    """The latest trail first; all of them where nothing but a text is asked for."""
    with recorded(tmp_path) as trails, trails.database.snapshot() as queries:
        found = list(trails_to_search(queries, wanted))

    assert [matching for _, _, matching, _ in found] == counts
    assert all(sizes for _, sizes, *_ in found)
