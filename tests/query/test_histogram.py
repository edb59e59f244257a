"""The histogram: every entry in one bucket, every bucket there."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tasktrail.errors import InvalidFilter
from tasktrail.index.entries import Candidates
from tasktrail.model.filters import parse_filter
from tests.query.histories import reader_of, staged
from tests.support.make_trails import Trails, log_lines


@pytest.mark.parametrize("query", ["", "level:error", "thinking", "seq:3..8"])
@pytest.mark.parametrize("buckets", [1, 3, 1_000])
def test_buckets_add_up(tmp_path: Path, query: str, buckets: int) -> None:
    """Their sum is the count of what matches, and none is missing between the first and last."""
    with staged(tmp_path) as trails:
        reader = reader_of(trails)
        wanted = parse_filter({"q": [query]})
        found = reader.histogram("gh-1", wanted, buckets=buckets)
        expected = reader.logs("gh-1", wanted)["total_count"]

    assert found["total_count"] == expected == sum(one["total"] for one in found["buckets"])
    assert len(found["buckets"]) <= buckets
    assert all(sum(one["by_level"].values()) == one["total"] for one in found["buckets"])
    assert [one["at"] for one in found["buckets"]] == sorted(one["at"] for one in found["buckets"])


def test_a_bucket_names_its_ends(tmp_path: Path) -> None:
    """The seqs of its first and last entry."""
    with staged(tmp_path) as trails:
        (bucket,) = reader_of(trails).histogram("gh-1", buckets=1)["buckets"]

    assert (bucket["first_seq"], bucket["last_seq"]) == (1, 9)


def test_no_entries_make_no_buckets(tmp_path: Path) -> None:
    """Times that nobody said are null."""
    with staged(tmp_path) as trails:
        found = reader_of(trails).histogram("gh-1", parse_filter({"q": ["nowhere"]}))

    assert (found["buckets"], found["since"], found["until"]) == ([], None, None)


@pytest.mark.parametrize("buckets", [0, 1_001])
def test_a_number_of_buckets_has_its_bounds(tmp_path: Path, buckets: int) -> None:
    """Whoever asks for millions is refused."""
    with staged(tmp_path) as trails, pytest.raises(InvalidFilter, match="buckets"):
        reader_of(trails).histogram("gh-1", buckets=buckets)


@pytest.mark.parametrize("query", ["", "level:error", "source:git", "since:2026-02-14T10:00:01Z"])
@pytest.mark.parametrize("buckets", [1, 7, 300])
def test_blocks_tell_the_same_as_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str, buckets: int
) -> None:
    """Also where producers' clocks do not rise, and of a part that is not indexed."""
    with Trails(tmp_path) as trails:
        trails.record(*_unsteady(trails, 0, 2_100))
        trails.index_all()
        trails.record(*_unsteady(trails, 2_100, 2_150))
        wanted, reader = parse_filter({"q": [query]}), reader_of(trails)
        found = reader.histogram("gh-1", wanted, buckets=buckets)
        monkeypatch.setattr(Candidates, "_by_blocks", lambda *_: None)

        assert found == reader.histogram("gh-1", wanted, buckets=buckets)
        assert found["total_count"] > 0


def test_a_histogram_of_a_long_task_reads_few_entries(tmp_path: Path) -> None:
    """Full blocks tell by their sums: without their entries the answer stays."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 2_100))
        trails.index_all()
        before = reader_of(trails).histogram("gh-1", buckets=1)
        with closing(sqlite3.connect(trails.layout.index)) as connection, connection:
            connection.execute("DELETE FROM entries WHERE seq < 2048")

        assert before["total_count"] == 2_100
        assert reader_of(trails).histogram("gh-1", buckets=1) == before


def _unsteady(trails: Trails, first: int, behind: int) -> Iterator[bytes]:
    for number in range(first, behind):
        at = (number * 7) % 5_000 if number % 50 == 0 else number
        stamp = f"2026-02-14T10:00:{at // 1_000:02d}.{at % 1_000:03d}000Z"
        level = "error" if number % 9 == 0 else "info"
        source = "git" if number % 4 else "agent"
        yield trails.log("x", timestamp=stamp, level=level, source=source)
