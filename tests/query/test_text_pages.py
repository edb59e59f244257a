"""Searches in a task: bounded in time, the page first, the count after it."""

import shutil
from pathlib import Path

import pytest

from tasktrail.model.filters import EntryFilter
from tasktrail.query import text_pages, text_scan
from tasktrail.query.text_pages import DOWN, UP, Bounds, Searched, search_page
from tasktrail.store import byte_search
from tests.query.histories import reader_of
from tests.support.make_trails import Trails, key_of, log_lines

LINE = EntryFilter(search=("line",))


def searched(folder: Path, bounds: Bounds, *, seconds: float = 60.0) -> Searched:
    """What a search of a task of 1,000 lines gives."""
    with Trails(folder) as trails:
        trails.record(*log_lines(trails, 1_000))
        return reader_of(trails).on_trail(
            key_of(),
            lambda view: search_page(trails.layout, view, LINE, bounds, seconds=seconds),
        )


@pytest.fixture(autouse=True)
def by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No task is so short that its candidates are read one by one."""
    monkeypatch.setattr(text_pages, "FEW_CANDIDATES", -1)


@pytest.mark.parametrize(("way", "first"), [(UP, 101), (DOWN, 899)])
def test_what_lies_around_the_page_is_counted_too(tmp_path: Path, way: str, first: int) -> None:
    """The count is of all entries, wherever the page lies."""
    found = searched(tmp_path, Bounds(way, 100, 900, 0, 5))

    assert found.pointers[0].seq == first
    assert (len(found.pointers), found.total, found.is_partial) == (6, 1_000, False)


def test_a_count_that_takes_too_long_says_so(tmp_path: Path) -> None:
    """The page is whole, the count is what was found so far."""
    found = searched(tmp_path, Bounds(UP, -1, 2_000, 0, 5), seconds=-1)

    assert (len(found.pointers), found.is_partial, found.cut_at) == (6, True, None)
    assert 6 <= found.total < 1_000


def test_a_page_that_takes_too_long_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """It is not full, and says up to where it was looked."""
    found = searched(tmp_path, Bounds(UP, -1, 2_000, 0, 500), seconds=-1)

    assert found.is_partial
    assert found.cut_at == found.pointers[-1].seq < 500


def test_pages_cut_by_time_still_join(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their cursors lead through all entries, each once."""
    monkeypatch.setattr(text_pages, "LOOKS_AT_ONCE", 100)
    monkeypatch.setattr(text_pages.search_page, "__kwdefaults__", {"pick": None, "seconds": -1})
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 350))
        reader, cursor, seen, pages = reader_of(trails), None, list[int](), 0
        while pages < 10:
            page = reader.logs("gh-1", LINE, cursor=cursor, limit=300)
            seen += [row["seq"] for row in page["logs"]]
            pages, cursor = pages + 1, page["next_cursor"]
            if cursor is None:
                break

    assert seen == list(range(1, 351))
    assert pages > 2


def test_a_frequent_text_is_counted_as_far_as_it_costs_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is whole, and there are at least so many."""
    monkeypatch.setattr(text_pages, "MOST_COUNTED", 50)
    found = searched(tmp_path, Bounds(DOWN, -1, 2_000, 0, 5))

    assert [one.seq for one in found.pointers] == [1_000, 999, 998, 997, 996, 995]
    assert found.is_partial
    assert 50 <= found.total < 1_000


@pytest.mark.parametrize("most", [10, 1_000])
def test_what_must_not_be_there_is_subtracted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """What is left out is counted; where that is too much, there are at least so many."""
    monkeypatch.setattr(text_pages, "MOST_COUNTED", most)
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 200))
        reader, wanted = reader_of(trails), EntryFilter(without=("line 1",))
        page = reader.logs("gh-1", wanted, limit=2)
        last = reader.logs("gh-1", wanted, limit=2, order="desc")

    assert [row["seq"] for row in page["logs"]] == [2, 3]
    assert [row["seq"] for row in last["logs"]] == [200, 99]
    if most == 10:
        assert page["is_partial"]
        assert 3 <= page["total_count"] < 89
    else:
        assert page["total_count"] == last["total_count"] == 89


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_a_rare_text_is_asked_of_the_whole_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    """Beyond what lies near, a program says where, once, and every hit is found once."""
    if shutil.which("rg") is None:
        pytest.skip("needs ripgrep: apt-get install ripgrep")
    monkeypatch.setattr(byte_search, "RIPGREP_BYTES", 0)
    monkeypatch.setattr(byte_search, "FIRST_BLOCK_BYTES", 4_096)
    monkeypatch.setattr(byte_search, "BLOCK_BYTES", 4_096)
    monkeypatch.setattr(text_scan, "NEAR_BYTES", 8_192)
    asked: list[int] = []

    def counted(*told: object) -> object:
        asked.append(1)
        return byte_search.find_places(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(text_scan, "find_places", counted)
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 900))
        page = reader_of(trails).logs("gh-1", EntryFilter(search=("line 99",)), order=order)
    found = [row["seq"] for row in page["logs"]]

    assert sorted(found) == [99]
    assert page["total_count"] == 1
    assert len(asked) == 1
