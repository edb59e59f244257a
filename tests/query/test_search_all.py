"""Search across tasks: hits newest first, and how much is searched of how much there is."""

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from tasktrail.model.filters import EntryFilter, TaskFilter, parse_filter
from tasktrail.query import search_all
from tasktrail.query.search_all import SearchStep, SearchTarget
from tasktrail.query.text_scan import Sized
from tasktrail.store import byte_search
from tasktrail.store.byte_search import Places
from tests.query.histories import reader_of, said
from tests.support.make_trails import Trails, log_lines

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


def test_hits_come_with_the_titles_of_their_tasks(tmp_path: Path) -> None:
    """With the step in which they are told; a task that has none is not among them."""
    with Trails(tmp_path) as trails:
        trails.record(said("task:created", data={"title": "Mend the needle"}))
        trails.record(trails.log("needle", task_id="gh-1"), trails.log("needle", task_id="gh-2"))
        trails.index_all()
        steps = list(reader_of(trails).search(EntryFilter(search=("needle",), channel=("log",))))

    assert [hit["task_id"] for step in steps for hit in step.hits] == ["gh-2", "gh-1"]
    assert {name: one for step in steps for name, one in step.titles.items()} == {
        "gh-1": "Mend the needle"
    }


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


def test_a_filter_without_text_reads_no_bytes_but_those_it_shows(
    trails: Trails, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index knows how many there are, and which trails have any."""
    trails.index_all()
    monkeypatch.setattr(search_all, "ask_about", None)
    steps = list(reader_of(trails).search(parse_filter({"q": ["level:error,info"]}), limit=2))

    assert [(hit["task_id"], hit["seq"]) for one in steps for hit in one.hits] == [
        ("gh-3", 1),
        ("gh-2", 2),
    ]
    assert (steps[-1].progress.found, steps[-1].progress.ended) == (8, "complete")


@pytest.mark.parametrize(
    ("query", "trails_left"),
    [("job:J", 1), ("worker:w-1", 1), ("session:S", 1), ("since:2025-11-22T01:46:47Z", 2)],
)
def test_trails_that_cannot_match_are_not_searched(
    tmp_path: Path, query: str, trails_left: int
) -> None:
    """By whom their entries belong to, and when they were."""
    with Trails(tmp_path) as trails:
        trails.record(
            trails.log("needle", task_id="gh-1", timestamp="2025-11-22T01:46:40Z"),
            trails.log(
                "needle",
                task_id="gh-2",
                timestamp="2025-11-22T01:46:49Z",
                job_id="J",
                worker_id="w-1",
                session_id="S",
            ),
            trails.log("needle", task_id="gh-3", timestamp="2025-11-22T01:46:50Z"),
        )
        trails.index_all()
        wanted = parse_filter({"q": [f"needle {query}"]})
        steps = list(reader_of(trails).search(wanted))

        assert steps[-1].progress.total_trails == trails_left
        assert steps[-1].progress.found == trails_left


def test_tasks_are_listed_with_all_their_hits(trails: Trails) -> None:
    """Not only with those that would be shown; the limit is one of tasks."""
    steps = list(reader_of(trails).search(NEEDLE, by_task=True, limit=2))
    tasks = [task for step in steps for task in step.tasks]

    assert [(one["task_id"], one["hits"], one["latest"]["seq"]) for one in tasks] == [
        ("gh-3", 1, 1),
        ("gh-2", 1, 2),
    ]
    every = [
        (task["task_id"], task["hits"])
        for step in reader_of(trails).search(NEEDLE, by_task=True)
        for task in step.tasks
    ]
    assert every == [("gh-3", 1), ("gh-2", 1), ("gh-1", 5)]
    listed = reader_of(trails).search(EntryFilter(level=("info",)), by_task=True)
    assert [task["hits"] for step in listed for task in step.tasks] == [2, 5]


def test_what_is_not_shown_is_counted_as_far_as_it_costs_little(
    trails: Trails, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frequent text is found at once, and the end says that there may be more."""
    monkeypatch.setattr(search_all, "MOST_COUNTED", 2)
    progress = last(reader_of(trails).search(NEEDLE, limit=2)).progress

    assert (progress.shown, progress.ended) == (2, "limit")
    assert 2 < progress.found < 7


def test_progress_moves_within_one_large_trail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits sees how far it is, however few tasks there are."""
    monkeypatch.setattr(search_all, "TELL_SECONDS", 0)
    monkeypatch.setattr(byte_search, "FIRST_BLOCK_BYTES", 4_096)
    monkeypatch.setattr(byte_search, "BLOCK_BYTES", 4_096)
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 500))
        far = [step.progress.searched_bytes for step in reader_of(trails).search(NEEDLE)]

    assert far == sorted(far)
    assert len(set(far)) > 5


def test_the_end_of_a_large_trail_is_looked_at_before_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its newest hit is told before anybody asked where the text stands in the whole file."""
    asked: list[object] = []
    monkeypatch.setattr(search_all, "FIRST_GROUP_BYTES", 1)
    monkeypatch.setattr(search_all, "ask_about", lambda *given: asked.append(given))
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 20), trails.log("Needle"))
        found = hits_of(reader_of(trails).search(NEEDLE))

    assert [seq for _, seq in found] == [21]
    assert asked == []


class Asked:
    """A question that finds nothing, or everything, and says in a diary what became of it."""

    def __init__(self, diary: list[str], trails: Sequence[Sized], *, finds: bool) -> None:
        (self.trail,) = (key.id for key, _ in trails)
        self.diary, self.finds = diary, finds
        diary.append(f"asked {self.trail}")

    def answer(self) -> list[Places]:
        """No place, or that of the first line."""
        self.diary.append(f"heard {self.trail}")
        return [[0] if self.finds else []]

    def drop(self) -> None:
        """Nobody wants to know."""
        self.diary.append(f"dropped {self.trail}")


def diary_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, finds: bool) -> list[str]:
    """What is asked and heard when five trails are searched one by one, up to the third."""
    diary: list[str] = []
    stop, ask = threading.Event(), partial(Asked, diary, finds=finds)
    monkeypatch.setattr(search_all, "FIRST_GROUP_BYTES", 1)
    monkeypatch.setattr(search_all, "LARGEST_GROUP_BYTES", 1)
    monkeypatch.setattr(search_all.Search, "_ask", lambda _, group: asked_of(ask, group))
    monkeypatch.setattr(search_all, "TELL_SECONDS", -1)
    with Trails(tmp_path) as trails:
        for number in range(5):
            trails.record(trails.log("needle", task_id=f"t{number}"))
        trails.index_all()
        for step in reader_of(trails).search(NEEDLE, stop=stop):
            if step.progress.searched_trails == 3:
                stop.set()
    return diary


def asked_of(ask: Callable[[Sequence[Sized]], Asked], group: Sequence[SearchTarget]) -> object:
    """A group, and what was asked about it."""
    trails = [(one.key, one.sizes) for one in group]
    return trails, ask(trails)


def test_while_nothing_is_found_the_next_trails_are_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program looks while we do; when the search ends, it is told to."""
    diary = diary_of(tmp_path, monkeypatch, finds=False)

    assert diary[:6] == ["asked t4", "heard t4", "asked t3", "asked t2", "heard t3", "asked t1"]
    assert diary[-1] == "dropped t0"


def test_once_something_is_found_nothing_is_asked_ahead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is shown first must not wait for what is only counted."""
    diary = diary_of(tmp_path, monkeypatch, finds=True)

    in_turns = [f"{done} t{n}" for n in (4, 3, 2, 1, 0) for done in ("asked", "heard")]
    assert diary == in_turns[: len(diary)]
    assert len(diary) >= len(in_turns) - 2


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
