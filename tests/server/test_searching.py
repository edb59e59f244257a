"""A search is told line by line, and stops with its reader."""

from threading import Event
from typing import Any

import msgspec

from tasktrail.errors import QueryTimeout, StorageFailed
from tasktrail.server.searching import search_lines
from tests.server.fake_questions import FakeStep, progress
from tests.server.fakes import row


def lines_of(steps: Any, **options: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - of any kind
    """The lines as objects."""
    options = {"limit": 10, "preview": None} | options
    return [msgspec.json.decode(line) for line in search_lines(steps, Event(), **options)]


def test_hits_come_between_a_start_and_an_end() -> None:
    """The end says how many there are, and whether that is all."""
    steps = [
        FakeStep([row("gh-1", 1)], progress(1, 1)),
        FakeStep([row("gh-2", 5)], progress(2, 3)),
        FakeStep([], progress(2, 7, "complete")),
    ]
    start, first, second, end = lines_of(steps)

    assert start == {"type": "start", "limit": 10}
    assert [one["entry"]["task_id"] for one in (first, second)] == ["gh-1", "gh-2"]
    assert (end["type"], end["shown"], end["found"]) == ("end", 2, 7)
    assert (end["ended"], end["is_complete"]) == ("complete", True)


def test_a_hit_says_the_title_of_its_task() -> None:
    """Where it has one; beside the entry, which stays as it is everywhere."""
    rows, titles = [row("gh-1", 1), row("gh-2", 2)], {"gh-1": "Mend it"}
    _, first, second = lines_of([FakeStep(rows, progress(2, 2), titles=titles)])

    assert (first["title"], "title" in first["entry"], "title" in second) == (
        "Mend it",
        False,
        False,
    )


def test_progress_is_told_now_and_then() -> None:
    """Five times a second at most, whatever the steps."""
    times = iter([0.0, 0.1, 0.3, 0.3, 0.35])
    steps = [FakeStep([], progress(0, 0)) for _ in range(3)]
    kinds = [one["type"] for one in lines_of(steps, clock=lambda: next(times))]

    assert kinds == ["start", "progress"]


def test_a_search_that_took_too_long_says_so() -> None:
    """What was found so far stands before it."""
    steps = [FakeStep([row("gh-1", 1)], progress(1, 1, "time"))]
    end = lines_of(steps)[-1]

    assert (end["ended"], end["is_complete"]) == ("time", False)


def test_a_search_that_breaks_off_says_why() -> None:
    """The stream has begun, so the problem is its last line."""

    def steps() -> Any:  # noqa: ANN401 - a generator
        yield FakeStep([row("gh-1", 1)], progress(1, 1))
        raise StorageFailed("EIO")

    kinds = lines_of(steps())

    assert [one["type"] for one in kinds] == ["start", "hit", "error"]
    assert (kinds[-1]["code"], kinds[-1]["detail"]) == ("storage_failed", "EIO")


def test_whoever_reads_no_further_stops_the_search() -> None:
    """Nobody looks on for a reader that is gone."""
    stop = Event()
    lines = search_lines([FakeStep([], progress(0, 0))], stop, limit=1, preview=None)
    next(lines)
    before = stop.is_set()
    lines.close()  # type: ignore[attr-defined]

    assert (before, stop.is_set()) == (False, True)


def test_hits_can_be_shortened() -> None:
    """`preview` cuts the message and tells its size."""
    steps = [FakeStep([row("gh-1", 1, message="x" * 50)], progress(1, 1, "complete"))]
    hit = lines_of(steps, preview=5)[1]["entry"]

    assert (hit["message"], hit["size"]) == ("xxxxx", 50)


def test_a_timeout_is_a_line_too() -> None:
    """Every error that has a name is told by it."""

    def steps() -> Any:  # noqa: ANN401 - a generator
        yield FakeStep([], progress(0, 0))
        raise QueryTimeout("10 s")

    assert lines_of(steps())[-1]["code"] == "query_timeout"
