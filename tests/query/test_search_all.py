"""Search across tasks: hits newest first, and how much is searched of how much there is."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasktrail.model.filters import EntryFilter, TaskFilter, parse_filter
from tasktrail.query import search_all
from tasktrail.query.search_all import SearchStep
from tests.query.histories import reader_of
from tests.support.make_trails import Trails

NEEDLE = EntryFilter(search=("needle",))


@pytest.fixture
def trails(tmp_path: Path) -> Iterator[Trails]:
    """Three tasks, the last one not indexed yet; each has the text, some letters in disguise."""
    with Trails(tmp_path, partitions=2) as made:
        made.record(*(made.log(f"Needle {n}", task_id="gh-1") for n in range(5)))
        made.record(made.log("hay", task_id="gh-2"), made.log("nee\u0064le", task_id="gh-2"))
        made.index_all()
        made.record(made.log("NEEDLE", task_id="gh-3", level="error"))
        yield made


def hits_of(steps: Iterator[SearchStep]) -> list[tuple[str, int]]:
    """Task and seq of every hit."""
    return [(hit["task_id"], hit["seq"]) for step in steps for hit in step.hits]


def last(steps: Iterator[SearchStep]) -> SearchStep:
    """The step that says how it ended."""
    return list(steps)[-1]


def test_hits_come_newest_first(trails: Trails) -> None:
    """The task with the latest entry first, and within a task its newest entry."""
    assert hits_of(reader_of(trails).search(NEEDLE)) == [
        ("gh-3", 1),
        ("gh-2", 2),
        *(("gh-1", seq) for seq in (5, 4, 3, 2, 1)),
    ]


def test_the_end_says_how_much_was_found_and_searched(trails: Trails) -> None:
    """Also where not everything is shown."""
    progress = last(reader_of(trails).search(NEEDLE, limit=2)).progress

    assert (progress.shown, progress.found, progress.ended) == (2, 7, "complete")
    assert (progress.searched_trails, progress.total_trails) == (3, 3)
    assert progress.searched_bytes == progress.total_bytes > 0


def test_a_task_may_show_only_so_many(trails: Trails) -> None:
    """The others are counted."""
    assert hits_of(reader_of(trails).search(NEEDLE, per_task=1)) == [
        ("gh-3", 1),
        ("gh-2", 2),
        ("gh-1", 5),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("needle level:error", [("gh-3", 1)]),
        ("needle task:gh-2", [("gh-2", 2)]),
        ("needle seq:4..", [("gh-1", 5), ("gh-1", 4)]),
        ("level:error", [("gh-3", 1)]),
        ("needle channel:events", []),
        ("-needle task:gh-2", [("gh-2", 1)]),
    ],
)
def test_filters_hold(trails: Trails, query: str, expected: list[tuple[str, int]]) -> None:
    """All of them, with text and without."""
    assert hits_of(reader_of(trails).search(parse_filter({"q": [query]}))) == expected


def test_tasks_can_be_chosen(trails: Trails) -> None:
    """By what a list of tasks is filtered by."""
    trails.index_all()

    assert hits_of(reader_of(trails).search(NEEDLE, tasks=TaskFilter(search="gh-2"))) == [
        ("gh-2", 2)
    ]


def test_a_search_ends_when_its_time_is_over(trails: Trails) -> None:
    """It says so, and how far it came."""
    progress = last(reader_of(trails).search(NEEDLE, seconds=-1)).progress

    assert progress.ended == "time"
    assert progress.searched_trails < progress.total_trails


def test_a_search_can_be_stopped(trails: Trails) -> None:
    """By whoever does not want its answer any more."""
    stop = threading.Event()
    stop.set()

    assert last(reader_of(trails).search(NEEDLE, stop=stop)).progress.ended == "stopped"


def test_groups_of_any_size_find_the_same(trails: Trails, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many trails are read at once decides nothing."""
    monkeypatch.setattr(search_all, "FIRST_GROUP_BYTES", 1)
    monkeypatch.setattr(search_all, "HITS_AT_ONCE", 1)

    assert len(hits_of(reader_of(trails).search(NEEDLE))) == 7


def test_a_trail_that_vanishes_costs_only_itself(trails: Trails) -> None:
    """The others are searched all the same."""
    steps = reader_of(trails).search(NEEDLE)
    (trails.layout.tasks / "gh-2" / "08-log.jsonl").write_bytes(b"")

    assert len(hits_of(steps)) == 6


def test_an_empty_root_has_no_hits(tmp_path: Path) -> None:
    """The one step says that everything was searched."""
    with Trails(tmp_path) as trails:
        (step,) = reader_of(trails).search(NEEDLE)

    assert (step.hits, step.progress.ended) == ([], "complete")
