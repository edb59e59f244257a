"""The lives of sessions and workers."""

import json

from tasktrail.formats.events import Owner
from tasktrail.formats.lives import Life, begun, ended, found_in, guessed_end
from tasktrail.formats.translator import Source, Translated
from tests.support.importing import Event, types_of

OWNER = Owner.of("t", "s", "w")


def told(made: list[Translated]) -> list[Event]:
    """The events."""
    return [json.loads(one.blob) for one in made]


def test_a_main_worker_begins_and_ends_with_its_session() -> None:
    """Another one has a life of its own in it."""
    main = told(begun(OWNER, "i", {}, "1") + ended(OWNER, "i", "failed", "2"))
    other = told(begun(OWNER, "i", {}, "1", is_main=False))
    sessionless = told(begun(Owner.of("t", None, "w"), "i", {}, "1"))

    assert types_of(main) == ["session:started", "worker:spawned", "worker:failed", "session:ended"]
    assert main[-1]["data"] == {"exit_reason": "error"}
    assert types_of(other) == types_of(sessionless) == ["worker:spawned"]


def test_a_guess_says_that_it_is_one() -> None:
    """It has the time at which something was last heard, and is no error."""
    life = Life("s", outcome="failed", last_at="2026-01-01", is_begun=True)
    events = told(guessed_end(OWNER, "x", life))

    assert types_of(events) == ["task:status", "worker:failed", "session:ended"]
    assert {(event["timestamp"], event["data"]["inferred"]) for event in events} == {
        ("2026-01-01", True)
    }
    assert events[1]["level"] == "info"
    assert life.is_over


def test_other_guesses_have_other_names() -> None:
    """One that was withdrawn is no conflict with the next."""
    lives = [Life(outcome=outcome, last_at=at) for outcome in "ab" for at in "12"]
    names = {one.identity for life in lives for one in guessed_end(OWNER, "x", life)}

    assert len(names) == 2 * len(lives)


def test_where_nothing_was_done_no_task_ends() -> None:
    """A file of summaries only."""
    assert types_of(told(guessed_end(OWNER, "x", Life()))) == ["worker:completed", "session:ended"]


def test_a_day_between_two_times_interrupts() -> None:
    """Less does not, nor does a time that goes back, or none."""
    life = Life(last_at="2026-01-02T10:00:00Z")
    later = ("2026-01-03T09:00:00Z", "2026-01-03T10:00:01Z", "2025-01-01T00:00:00Z", None, "soon")

    assert [life.is_interrupted(at) for at in later] == [False, True, False, False, False]


def test_a_place_is_told_once_and_marked() -> None:
    """Its time is nobody's."""
    here = told(found_in(OWNER, Source("a", "/a"), "form", "2026"))
    again = told(found_in(OWNER, Source("a", "/a"), "form", "2027"))
    there = told(found_in(OWNER, Source("a", "/b/a"), "form", "2026"))

    assert found_in(OWNER, Source("stdin"), "form", None) == []
    assert here[0]["timestamp_is_estimated"] is True
    assert here[0]["event_id"] == again[0]["event_id"] != there[0]["event_id"]
