"""What a page begins with, counts of a filter, and parts of an entry."""

from pathlib import Path

import msgspec
import pytest

from tasktrail.errors import EntryNotFound, InvalidFilter
from tasktrail.model.filters import parse_filter
from tests.query.histories import reader_of, staged
from tests.support.make_trails import Trails


def test_a_page_begins_with_everything_of_one_moment(tmp_path: Path) -> None:
    """The same as by single questions; the last entries, oldest first."""
    with staged(tmp_path) as trails:
        reader = reader_of(trails)
        found = reader.open("gh-1", tail=2)

        assert found["task"] == reader.task("gh-1")
        assert found["stats"] == reader.stats("gh-1")
        assert found["stages"] == reader.stages("gh-1")["stages"]
        assert found["logs"] == reader.logs("gh-1")["logs"][-2:]
    assert (found["head"], found["total_count"], found["sources"]) == (9, 9, ["system"])


def test_what_came_before_the_tail_is_one_page_away(tmp_path: Path) -> None:
    """Its cursor goes on, newest first."""
    with staged(tmp_path) as trails:
        reader = reader_of(trails)
        cursor = reader.open("gh-1", tail=2)["next_cursor"]
        before = reader.logs("gh-1", order="desc", limit=2, cursor=cursor)

    assert [row["seq"] for row in before["logs"]] == [7, 6]


@pytest.mark.parametrize("query", ["level:error", "thinking", "seq:2..4", "stage:plan"])
def test_counts_of_a_filter_are_those_of_its_entries(tmp_path: Path, query: str) -> None:
    """By level, source, stage, channel and type."""
    with staged(tmp_path) as trails:
        reader, wanted = reader_of(trails), parse_filter({"q": [query]})
        stats = reader.stats("gh-1", wanted)
        rows = reader.logs("gh-1", wanted)["logs"]

    assert stats["total"] == len(rows) == sum(stats["by_level"].values())
    assert stats["by_event_type"] == {
        name: sum(row["event_type"] == name for row in rows)
        for name in sorted({row["event_type"] for row in rows})
    }


def test_an_entry_can_be_read_in_parts(tmp_path: Path) -> None:
    """Its message as it is, its line as it stands."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("Wörld", metadata={"a": 1}))
        reader = reader_of(trails)

        assert reader.body("gh-1", 1).decode() == "Wörld"
        assert reader.body("gh-1", 1, "metadata") == b'{"a":1}'
        assert msgspec.json.decode(reader.body("gh-1", 1, "line"))["message"] == "Wörld"


def test_parts_that_are_not_there_are_named(tmp_path: Path) -> None:
    """Another part, another entry."""
    with staged(tmp_path) as trails:
        with pytest.raises(InvalidFilter, match="part"):
            reader_of(trails).body("gh-1", 1, "secret")
        with pytest.raises(EntryNotFound):
            reader_of(trails).body("gh-1", 99)
