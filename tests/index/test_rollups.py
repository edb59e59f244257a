"""Counts that no entry is read for."""

from tasktrail.index.entries import Counted, Kind
from tasktrail.index.rollups import RollupBatch, sources_of, stats_of

KINDS = [
    Counted(1, Kind("log", "warning", "git", "plan", "task:log"), 2),
    Counted(2, Kind("log", "info", "git", "", "task:log"), 3),
    Counted(3, Kind("log", "debug", "agent", "plan", "task:log"), 4),
]


def test_counts_add_up_by_level_source_and_stage() -> None:
    """Levels come lowest first, names in their order; an entry without a stage counts in none."""
    stats = stats_of(KINDS)

    assert stats == {
        "total": 9,
        "by_level": {"debug": 4, "info": 3, "warning": 2},
        "by_source": {"agent": 4, "git": 5},
        "by_stage": {"plan": 6},
        "by_channel": {"log": 9},
        "by_event_type": {"task:log": 9},
    }
    assert list(stats["by_level"]) == ["debug", "info", "warning"]  # type: ignore[call-overload]


def test_no_entries_have_empty_counts() -> None:
    """Nothing is absent because nothing is there."""
    named = ("by_level", "by_source", "by_stage", "by_channel", "by_event_type")

    assert stats_of([]) == {"total": 0} | {name: {} for name in named}


def test_each_source_is_named_once() -> None:
    """In the order of their names."""
    assert sources_of(KINDS) == ["agent", "git"]


def test_times_that_fall_are_still_between_the_least_and_the_most() -> None:
    """The first and the last are those of the entries, whatever their clocks said."""
    batch = RollupBatch()
    batch.add((7, 1, 0), (1, 2), [50, 20])
    batch.add((7, 1, 0), (3, 4), [90, 40])

    assert list(batch.rows()) == [(7, 1, 0, 4, 1, 4, 50, 40, 20, 90)]


def test_entries_of_one_run_may_come_in_any_order() -> None:
    """What says the same comes together: the first and the last are those by seq all the same."""
    batch = RollupBatch()
    batch.add((7, 1, 0), (2, 5), [20, 50])
    batch.add((7, 1, 0), (1, 4), [10, 40])
    batch.add((7, 1, 0), (3, 3), [90])

    assert list(batch.rows()) == [(7, 1, 0, 5, 1, 5, 10, 50, 10, 90)]


def test_a_batch_gives_one_row_per_count() -> None:
    """However many entries of a kind there were, with the first and last; taken rows are gone."""
    batch = RollupBatch()
    for seq, kind in enumerate((1, 1, 2), 3):
        batch.add((7, kind, 0), (seq, seq), [seq * 10])

    assert sorted(batch.rows()) == [
        (7, 1, 0, 2, 3, 4, 30, 40, 30, 40),
        (7, 2, 0, 1, 5, 5, 50, 50, 50, 50),
    ]
    assert list(batch.rows()) == []
