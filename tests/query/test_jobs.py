"""Jobs: their entries over several trails, and the items that lists and entries agree on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tasktrail.errors import InvalidCursor
from tasktrail.model.filters import EntryFilter
from tests.query.histories import reader_of, said
from tests.support.make_trails import Trails


@pytest.fixture
def trails(tmp_path: Path) -> Iterator[Trails]:
    """A job with a trail of its own and entries in another, not all of them indexed."""
    with Trails(tmp_path) as made:
        made.record(
            said("task:log", task="J", job_id="J", stage="read", data={"message": "needle"}),
            said("task:log", task="J", job_id="J", stage="read", item="read"),
            said("task:log", task="J", job_id="J", stage="read", item="x"),
            said("task:log", task="J"),
            said("task:log", task="other"),
        )
        made.index_all()
        made.record(said("task:log", task="other", job_id="J", stage="read"))
        yield made


def test_stages_and_items_come_in_order_with_their_counts(trails: Trails) -> None:
    """An item named like its stage is one item; what names neither is unknown."""
    assert reader_of(trails).job_stages("J") == {
        "job_id": "J",
        "stages": [
            {
                "stage": "read",
                "tasks": [{"task_id": "read", "log_count": 3}, {"task_id": "x", "log_count": 1}],
            },
            {"stage": "unknown", "tasks": [{"task_id": "unknown", "log_count": 1}]},
        ],
    }


def test_every_item_has_as_many_entries_as_the_list_says(trails: Trails) -> None:
    """The list and the entries go by one rule."""
    reader = reader_of(trails)
    for stage in reader.job_stages("J")["stages"]:
        for item in stage["tasks"]:
            found = reader.job_logs("J", name=item["task_id"])

            assert found["total_count"] == len(found["logs"]) == item["log_count"]
            assert {row["task_id"] for row in found["logs"]} == {item["task_id"]}


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 2, 3, 9])
def test_pages_over_trails_join_without_gap_or_double(
    trails: Trails, order: str, limit: int
) -> None:
    """Any number of entries at a time, in both directions."""
    reader = reader_of(trails)
    whole = reader.job_logs("J", order=order)
    rows, cursor = [], None
    while True:
        page = reader.job_logs("J", order=order, limit=limit, cursor=cursor)
        rows += page["logs"]
        assert page["total_count"] == 5
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert rows == whole["logs"]
    assert [row["trail_id"] for row in rows][:: 1 if order == "asc" else -1] == [*"JJJJ", "other"]


def test_an_offset_goes_over_trails(trails: Trails) -> None:
    """It counts entries, wherever they are."""
    (row,) = reader_of(trails).job_logs("J", offset=4)["logs"]

    assert (row["trail_id"], row["seq"]) == ("other", 2)


def test_a_job_can_be_searched(trails: Trails) -> None:
    """Filters hold within the job."""
    assert reader_of(trails).job_logs("J", EntryFilter(search=("NEEDLE",)))["total_count"] == 1


def test_an_unknown_job_is_an_empty_one(trails: Trails) -> None:
    """It may come yet."""
    reader = reader_of(trails)

    assert reader.job_logs("no")["logs"] == []
    assert reader.job_stages("no") == {"job_id": "no", "stages": []}


def test_a_cursor_of_another_job_is_refused(trails: Trails) -> None:
    """It belongs to its list."""
    cursor = reader_of(trails).job_logs("J", limit=1)["next_cursor"]

    with pytest.raises(InvalidCursor):
        reader_of(trails).job_logs("other", cursor=cursor)
