"""The filter itself: what both of two filters let through, and names that begin alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktrail.errors import InvalidFilter
from tasktrail.model.entry_filter import (
    NOTHING,
    EntryFilter,
    combined,
    fits_names,
    is_meant,
    lies_within,
    matches,
)

words = st.sampled_from(["a", "ab", "b", "a*", "ab*", "*"])
levels = st.sampled_from(["debug", "info", "warning", "error"])
filters = st.builds(
    EntryFilter,
    level=st.lists(levels, max_size=2, unique=True).map(tuple),
    min_level=st.none() | levels,
    source=st.lists(words, max_size=2).map(tuple),
    stage=st.lists(words, max_size=1).map(tuple),
    search=st.lists(words, max_size=2).map(tuple),
    without=st.lists(words, max_size=1).map(tuple),
    excluded=st.lists(st.tuples(st.just("source"), words), max_size=1).map(tuple),
    from_seq=st.none() | st.integers(0, 4),
    to_seq=st.none() | st.integers(0, 4),
)
rows = st.fixed_dictionaries(
    {
        "seq": st.integers(0, 4),
        "timestamp": st.just("2026-02-14T10:00:00Z"),
        "level": levels,
        "source": st.sampled_from(["a", "ab", "abc", "b"]),
        "stage": st.sampled_from([None, "a", "b"]),
        "message": st.sampled_from(["", "A*", "b", "ab"]),
    }
)


@given(filters, filters, rows)
def test_two_filters_together_let_through_what_both_do(
    one: EntryFilter, other: EntryFilter, row: dict[str, object]
) -> None:
    """For any filters and any row."""
    both = matches(one, row) and matches(other, row)

    assert matches(combined(one, other), row) == both


def test_contradictions_let_nothing_through() -> None:
    """They end in the one filter that says so, whatever the place of the page."""
    one = EntryFilter(source=("git",), after_seq=3)

    assert combined(one, EntryFilter(source=("agent",))) == EntryFilter(
        from_seq=NOTHING.from_seq, to_seq=NOTHING.to_seq, after_seq=3
    )
    assert NOTHING.is_impossible


def test_two_places_are_refused() -> None:
    """A page lies at one place."""
    with pytest.raises(InvalidFilter, match="after_seq"):
        combined(EntryFilter(after_seq=1), EntryFilter(after_seq=2))


def test_times_said_relative_to_now_stay_so() -> None:
    """Only those of the bound that holds are kept."""
    near = EntryFilter(since=90, ago=("since=1m",))
    far = EntryFilter(since=10, ago=("since=9m",))

    assert combined(near, far).ago == ("since=1m",)
    assert combined(near, EntryFilter(since=100)).ago == ()


def test_names_that_are_not_there_are_not_judged() -> None:
    """A kind of entry has no worker: it cannot fail a filter of workers."""
    wanted = EntryFilter(worker_id=("w-1",), source=("g*",))

    assert fits_names(wanted, {"source": "git"})
    assert not fits_names(wanted, {"source": "git", "worker_id": None})


def test_a_star_ends_a_prefix() -> None:
    """It stands for anything behind, also for nothing and for itself."""
    assert is_meant("tool:*", "tool:bash")
    assert is_meant("tool:*", "tool:*")
    assert not is_meant("tool", "tool:bash")
    assert not is_meant("*", None)


def test_a_stretch_has_its_ends() -> None:
    """Places are excluded, seqs included, `since` included and `until` not."""
    wanted = EntryFilter(after_seq=1, before_seq=9, from_seq=2, to_seq=3, since=5, until=7)

    assert lies_within(wanted, 2, 5)
    assert not lies_within(wanted, 4, 5)
    assert not lies_within(wanted, 2, 7)
