"""What vanished is counted exactly where it can be, and called unknown where it cannot."""

import json

import pytest
from msgspec.structs import replace

from tasktrail.ingest.pump_state import PumpState
from tasktrail.ingest.redis_pump_gaps import (
    Gap,
    begin_state,
    compare_counts,
    is_continued,
    lost_unseen,
    open_gap,
    trimmed_gap,
)
from tasktrail.ingest.redis_pump_group import GroupPlace, Look
from tasktrail.model.event import address_of, parse_event

NOW = 1_763_776_000_000_000
# Ten entries 1-0 to 10-0 were added and pumped up to 10-0.
PUMPED = PumpState("e", last_id="10-0", counted=10, added=10, run_id="r", xadds=100)


def look(first: int, last: int, *, added: int | None = None, xadds: int | None = 100) -> Look:
    """A stream that holds the entries `first`-0 to `last`-0; none where `first` is greater."""
    is_empty = first > last
    return Look(
        added=last if added is None else added,
        length=0 if is_empty else last - first + 1,
        first_id=None if is_empty else f"{first}-0",
        last_id=None if is_empty else f"{last}-0",
        generated_id=f"{last}-0",
        run_id="r",
        xadds=xadds,
    )


EMPTY = replace(look(1, 0), added=0)


def test_a_hole_that_was_passed_over_is_behind_the_last_sound_place() -> None:
    """Entries 4-0 to 6-0 were trimmed while 7-0 to 10-0 were read: the gap begins at 3-0."""
    passed = replace(PUMPED, counted=7, sound_id="3-0")
    state, gap = compare_counts(passed, look(7, 10))

    assert gap is not None
    assert (gap.after, gap.before, gap.missing) == ("3-0", None, 3)
    assert (state.counted, state.sound_id) == (10, "10-0")


def test_a_place_is_sound_only_where_counts_could_be_compared() -> None:
    """While entries on both sides of the last one are left, nothing is known of holes."""
    open_ended = replace(PUMPED, counted=7, sound_id="3-0")
    state, gap = compare_counts(open_ended, look(7, 15))

    assert gap is None
    assert (state.counted, state.sound_id) == (7, "3-0")


@pytest.mark.parametrize(
    ("seen", "missing"),
    [
        (look(1, 10), None),  # nothing new
        (look(1, 15), None),  # five wait
        (look(11, 15), None),  # what was pumped is gone, nothing else
        (look(13, 15), 2),  # two of those that waited are gone
        (look(11, 10), None),  # everything pumped and removed
        (look(16, 15), 5),  # all that waited is gone
    ],
)
def test_counts_tell_what_vanished(seen: Look, missing: int | None) -> None:
    """What lacks between our count and the first entry left was never read."""
    _, gap = compare_counts(PUMPED, seen)

    assert (gap and gap.missing) == missing


def test_a_gap_is_told_once() -> None:
    """After it was told, the count goes on from where it should be."""
    seen = look(13, 15)
    state, gap = compare_counts(PUMPED, seen)

    assert gap == Gap("entries were removed before they were read", "10-0", "13-0", 2)
    assert compare_counts(state, seen)[1] is None


def test_an_unknown_count_is_learned_when_nothing_waits() -> None:
    """Without a count nothing is missing; it begins where all has been read."""
    unknown = replace(PUMPED, counted=None)
    waiting, _ = compare_counts(unknown, look(5, 15))
    learned, gap = compare_counts(unknown, look(5, 10))

    assert (waiting.counted, learned.counted, gap) == (None, 10, None)


def test_a_redis_that_does_not_count_has_no_gaps_to_tell() -> None:
    """Before version 7 Redis did not say how many entries were ever added."""
    seen = replace(look(13, 15), added=None)

    assert compare_counts(PUMPED, seen)[1] is None


def test_a_grown_stream_is_the_one_that_was_pumped() -> None:
    """Trimmed, grown or untouched: all that may happen to one stream."""
    assert all(is_continued(PUMPED, one) for one in (look(1, 10), look(13, 15), look(11, 10)))


@pytest.mark.parametrize(
    "seen",
    [
        EMPTY,
        look(1, 3),  # set back
        replace(look(11, 13), added=3),  # made anew, with fewer entries than we had counted
        replace(look(11, 30), added=20),  # made anew, and grown beyond it
    ],
)
def test_a_stream_made_anew_is_recognised(seen: Look) -> None:
    """Its counts or ids do not go on from ours."""
    assert not is_continued(PUMPED, seen)


def test_a_stream_that_was_never_pumped_goes_on_in_any_case() -> None:
    """Where nothing was read, nothing can contradict."""
    assert is_continued(PumpState("e", counted=0), EMPTY)


@pytest.mark.parametrize(("new_xadds", "missing"), [(100, None), (103, 3)])
def test_the_same_redis_knows_whether_something_came_unseen(
    new_xadds: int, missing: int | None
) -> None:
    """It counts its XADD commands, also those whose entries it was told to forget."""
    gap = lost_unseen(PUMPED, replace(EMPTY, xadds=new_xadds), was_all_read=False)

    assert (gap and gap.missing) == missing


def test_entries_of_the_new_stream_are_not_missing() -> None:
    """XADD commands whose entries are there now were not lost."""
    seen = replace(look(11, 14), added=4, xadds=104)

    assert lost_unseen(PUMPED, seen, was_all_read=False) is None


def test_another_redis_leaves_it_open() -> None:
    """A restarted Redis knows nothing of before: something may be missing."""
    seen = replace(EMPTY, run_id="other", xadds=0)
    gap = lost_unseen(PUMPED, seen, was_all_read=False)

    assert gap is not None
    assert gap.missing is None
    assert lost_unseen(PUMPED, seen, was_all_read=True) is None


def test_what_was_known_to_wait_is_missing_with_another_redis() -> None:
    """Entries that were seen waiting and never read are at least what was lost."""
    waiting = replace(PUMPED, added=14)
    gap = lost_unseen(waiting, replace(EMPTY, run_id="other", xadds=0), was_all_read=True)

    assert gap is not None
    assert gap.missing == 4


def test_a_counter_that_was_reset_proves_nothing() -> None:
    """Fewer XADD commands than before: somebody cleared the statistics."""
    gap = lost_unseen(PUMPED, replace(EMPTY, xadds=3), was_all_read=False)

    assert gap is not None
    assert gap.missing is None


def test_trimmed_entries_that_were_pumped_are_not_missing() -> None:
    """Only what the spool does not have is told."""
    assert trimmed_gap(PUMPED, ["4-0", "10-0"]) is None
    assert trimmed_gap(PUMPED, ["10-0", "11-0", "12-0"]) == Gap(
        "entries were removed while they were pending", "11-0", "12-0", 2
    )


def test_entries_from_before_the_first_contact_count_as_missing() -> None:
    """What was pending when we came was never pumped by us."""
    assert trimmed_gap(replace(PUMPED, since_id="10-0"), ["4-0"]) is not None


def test_a_group_that_was_read_before_sets_the_start() -> None:
    """A state begins where the group stands, and at zero where nothing was read."""
    assert begin_state("e", GroupPlace("7-0", 5, 0, 0)) == PumpState(
        "e", last_id="7-0", since_id="7-0", sound_id="7-0", counted=5
    )
    unread = PumpState("e", counted=0, sound_id="0-0")
    assert begin_state("e", GroupPlace("0-0", None, 0, 0)) == unread


def test_a_gap_is_an_event_of_our_own_session() -> None:
    """It can be recorded like any other, and says stream, places and how many."""
    state = open_gap(PUMPED, Gap("why", "10-0", "13-0", 2), stream="s", at=NOW, acks=["11-0"])

    assert state.gaps == 1
    assert state.open_gap is not None
    assert state.open_gap.acks == ("11-0",)
    event = parse_event(state.open_gap.event.encode())
    assert address_of(event).partition_key == "tasktrail"
    assert event.identity == state.open_gap.identity
    told = json.loads(event.data_blob)
    assert (told["stream"], told["after"], told["before"], told["missing"]) == (
        *("s", "10-0", "13-0"),
        2,
    )
    assert told["message"] == "2 entries of the Redis stream s are missing: why"


def test_the_next_gap_has_another_identity() -> None:
    """Two gaps at the same place are two."""
    gap = Gap("why", "10-0", None, None)
    first = open_gap(PUMPED, gap, stream="s", at=NOW, acks=[])
    second = open_gap(first, gap, stream="s", at=NOW, acks=[])

    assert first.open_gap is not None
    assert second.open_gap is not None
    assert first.open_gap.identity != second.open_gap.identity
