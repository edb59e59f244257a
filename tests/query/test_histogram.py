"""The histogram: every entry in one bucket, every bucket there."""

from pathlib import Path

import pytest

from tasktrail.errors import InvalidFilter
from tasktrail.model.filters import parse_filter
from tests.query.histories import reader_of, staged


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
