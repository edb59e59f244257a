"""Pages of entries: filters, orders, places and cursors."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tasktrail.errors import InvalidCursor, InvalidFilter, TaskNotFound
from tasktrail.model.filters import EntryFilter
from tasktrail.model.page import Paging
from tasktrail.query.pages import page_of
from tasktrail.query.reader import PageWords, Reader
from tests.support.make import event_bytes
from tests.support.make_trails import Trails, key_of, log_lines

MORE = EntryFilter()


@pytest.fixture(params=["indexed", "half", "not at all"])
def reader(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reader]:
    """Twelve entries: seq 1 to 12, of which every third is an error; indexed so far or not."""
    trails = Trails(tmp_path)
    events = [
        trails.log(f"line {n}", level="error" if n % 3 == 0 else "info") for n in range(1, 13)
    ]
    trails.record(*events[:6])
    if request.param != "not at all":
        trails.index_all()
    trails.record(*events[6:])
    if request.param == "indexed":
        trails.index_all()
    yield Reader(trails.layout, trails.root, trails.index, wait_seconds=0.0)
    trails.close()


def seqs(reader: Reader, wanted: EntryFilter = MORE, **paging: object) -> list[int]:
    """The seqs of a page."""
    page = reader.logs("gh-1", wanted, **paging)  # type: ignore[arg-type]
    return [row["seq"] for row in page["logs"]]


def walk(reader: Reader, wanted: EntryFilter, **paging: object) -> list[list[int]]:
    """The seqs of all pages from the first to the last."""
    found: list[list[int]] = []
    while not found or paging["cursor"] is not None:
        page = reader.logs("gh-1", wanted, **paging)  # type: ignore[arg-type]
        found.append([row["seq"] for row in page["logs"]])
        paging["cursor"] = page["next_cursor"]
    return found


@pytest.mark.parametrize(
    ("wanted", "paging", "expected"),
    [
        (MORE, {"limit": 4}, [1, 2, 3, 4]),
        (MORE, {"limit": 4, "order": "desc"}, [12, 11, 10, 9]),
        (MORE, {"limit": 4, "offset": 5}, [6, 7, 8, 9]),
        (MORE, {"limit": 4, "offset": 5, "order": "desc"}, [7, 6, 5, 4]),
        (MORE, {"offset": 50}, []),
        (EntryFilter(after_seq=10), {}, [11, 12]),
        (EntryFilter(before_seq=8), {"limit": 3}, [5, 6, 7]),
        (EntryFilter(before_seq=8), {"limit": 3, "offset": 2}, [3, 4, 5]),
        (EntryFilter(before_seq=8), {"limit": 3, "order": "desc"}, [7, 6, 5]),
        (EntryFilter(after_seq=2, before_seq=8), {"limit": 3}, [3, 4, 5]),
        (EntryFilter(min_level="error"), {}, [3, 6, 9, 12]),
        (EntryFilter(min_level="error", before_seq=12), {"limit": 2}, [6, 9]),
        (EntryFilter(search=("LINE 1",)), {}, [1, 10, 11, 12]),
        (EntryFilter(search=("line 1",)), {"limit": 2, "order": "desc"}, [12, 11]),
        (EntryFilter(search=("line 1",)), {"limit": 2, "offset": 1}, [10, 11]),
        (EntryFilter(search=("line 1",), before_seq=12), {"limit": 2}, [10, 11]),
        (EntryFilter(search=("line 1",), level=("error",)), {}, [12]),
    ],
)
def test_a_page_holds_what_was_asked_for(
    reader: Reader, wanted: EntryFilter, paging: PageWords, expected: list[int]
) -> None:
    """Whether the index has all entries, some or none."""
    assert seqs(reader, wanted, **paging) == expected


@pytest.mark.parametrize(
    ("wanted", "paging", "expected"),
    [
        (MORE, {}, [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [11, 12]]),
        (MORE, {"order": "desc"}, [[12, 11, 10, 9, 8], [7, 6, 5, 4, 3], [2, 1]]),
        (MORE, {"offset": 4}, [[5, 6, 7, 8, 9], [10, 11, 12]]),
        (EntryFilter(before_seq=9), {}, [[4, 5, 6, 7, 8], [1, 2, 3]]),
        (EntryFilter(after_seq=6), {}, [[7, 8, 9, 10, 11], [12]]),
        (EntryFilter(level=("error",)), {"limit": 3}, [[3, 6, 9], [12]]),
        (EntryFilter(search=("line 1",)), {"limit": 2}, [[1, 10], [11, 12]]),
        (EntryFilter(search=("line 1",)), {"limit": 2, "order": "desc"}, [[12, 11], [10, 1]]),
        (EntryFilter(search=("nowhere",)), {}, [[]]),
    ],
)
def test_pages_follow_each_other(
    reader: Reader, wanted: EntryFilter, paging: PageWords, expected: list[list[int]]
) -> None:
    """Each entry is on one page, and the last page has no cursor."""
    assert walk(reader, wanted, **({"limit": 5} | paging)) == expected


@pytest.mark.parametrize(
    ("wanted", "total"),
    [
        (MORE, 12),
        (EntryFilter(level=("error",)), 4),
        (EntryFilter(search=("line 1",)), 4),
        (EntryFilter(level=("critical",)), 0),
        (EntryFilter(after_seq=10), 12),
        (EntryFilter(before_seq=3, level=("error",)), 4),
    ],
)
def test_the_total_counts_what_matches_wherever_the_page_lies(
    reader: Reader, wanted: EntryFilter, total: int
) -> None:
    """It is after filters, and the same for every page."""
    assert reader.logs("gh-1", wanted, limit=1)["total_count"] == total


def test_cursors_stay_good_while_entries_arrive(tmp_path: Path) -> None:
    """Nothing is skipped or doubled, and the last page has what came meanwhile."""
    with Trails(tmp_path) as trails:
        reader = Reader(trails.layout, trails.root, trails.index, wait_seconds=0.0)
        trails.record(*log_lines(trails, 6))
        down = reader.logs("gh-1", limit=2, order="desc")
        up = reader.logs("gh-1", limit=4)
        trails.record(*log_lines(trails, 3))
        trails.index_all()
        trails.indexer.rebuild()

        assert seqs(reader, cursor=down["next_cursor"], limit=2, order="desc") == [4, 3]
        assert seqs(reader, cursor=up["next_cursor"]) == [5, 6, 7, 8, 9]


def test_a_cursor_belongs_to_its_question(reader: Reader) -> None:
    """Another filter, order or task refuses it."""
    cursor = str(reader.logs("gh-1", limit=2)["next_cursor"])
    others: list[tuple[EntryFilter, PageWords]] = [
        (EntryFilter(level=("error",)), {}),
        (EntryFilter(before_seq=9), {}),
        (MORE, {"order": "desc"}),
    ]

    for wanted, paging in others:
        asked: PageWords = {"cursor": cursor, **paging}
        with pytest.raises(InvalidCursor):
            reader.logs("gh-1", wanted, **asked)
    assert seqs(reader, cursor=cursor, limit=2) == [3, 4]


def test_a_page_out_of_bounds_is_refused(reader: Reader) -> None:
    """Whoever asks, REST or program."""
    with pytest.raises(InvalidFilter, match="limit"):
        reader.logs("gh-1", limit=10_001)
    with pytest.raises(TaskNotFound):
        reader.logs("gh-2")


def test_a_page_of_long_entries_ends_before_memory_does(tmp_path: Path) -> None:
    """The cursor goes on; every entry is whole, also one that is longer than a page."""
    with Trails(tmp_path) as trails:
        trails.record(*(trails.log("x" * size) for size in (10, 900, 10, 9_000, 10)))
        reader = Reader(trails.layout, trails.root, trails.index, wait_seconds=0.0)
        found: list[list[int]] = []
        cursor: object = None
        while cursor is not None or not found:
            paging = Paging(cursor=cursor if isinstance(cursor, str) else None)
            ask = partial(page_of, trails.layout, wanted=MORE, paging=paging)
            page = reader.on_trail(key_of(), partial(ask, max_bytes=1_500))
            found.append([len(row["message"]) for row in page["logs"]])
            cursor = page["next_cursor"]

    assert found == [[10, 900], [10], [9_000], [10]]


def test_a_line_that_can_no_longer_be_read_costs_itself(tmp_path: Path) -> None:
    """It is left out and counted; the others are answered."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 3), event_bytes("task:failed"))
        trails.index_all()
        path = trails.layout.channel(next(iter(trails.record(trails.log("5")))), "log")
        blob = path.read_bytes()
        path.write_bytes(blob.replace(b'"seq":2', b'"seq";2'))
        reader = Reader(trails.layout, trails.root, trails.index, wait_seconds=0.0)
        page = reader.logs("gh-1")

        assert [row["seq"] for row in page["logs"]] == [1, 3, 4, 5]
        assert (page["total_count"], page["unreadable"]) == (5, 1)


def test_previews_are_short(reader: Reader) -> None:
    """Every row says how long its message is."""
    rows = reader.logs("gh-1", limit=2, preview=4)["logs"]

    assert [(row["message"], row["size"]) for row in rows] == [("line", 6)] * 2
