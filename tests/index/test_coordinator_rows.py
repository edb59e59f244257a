"""What entries say of sessions and workers, and what all of it comes to."""

from tasktrail.index.coordinator_rows import Fact, fact_of, in_order, session_row, worker_row
from tasktrail.model.ids import TrailKey
from tests.support.make import entry

TASK = TrailKey("tasks", "gh-1")
SESSION = TrailKey("sessions", "s-1")


def fact(verb: str, at: int = 0, said: bytes = b"{}", *, recorded: int = 0, trail: int = 1) -> Fact:
    """Something that was said of w."""
    return Fact("w:w", trail, 1, recorded, at, verb, said)


def test_a_worker_belongs_to_the_trail_that_tells_it() -> None:
    """In a session's trail it may name its task itself."""
    spawned = entry(1, "worker:spawned", data={"worker_id": "w-1", "pid": 7, "session_id": "s-9"})
    told = fact_of(spawned, TASK, 3)
    assert told is not None

    assert (told.subject, told.trail, told.verb) == ("w:w-1", 3, "spawned")
    assert told.values == {"task_id": "gh-1", "session_id": "s-9", "pid": 7}
    in_session = fact_of(
        entry(1, "worker:failed", data={"worker_id": "w", "exit_code": 2}), SESSION, 3
    )
    assert in_session is not None
    assert in_session.values["session_id"] == "s-1"


def test_a_session_is_told_with_its_configuration() -> None:
    """As JSON, whether it was sent so or as text; git's facts have two spellings."""
    started = entry(
        1, "session:started", data={"config": {"a": 1}, "commit": "c", "git_branch": "b"}
    )
    told = fact_of(started, SESSION, 1)
    assert told is not None

    assert told.subject == "s:s-1"
    assert told.values == {"config": '{"a":1}', "git_commit": "c", "branch": "b"}


def test_who_is_not_named_has_no_facts() -> None:
    """Nothing is made up."""
    assert fact_of(entry(1, "worker:spawned", data={"pid": 1}), TASK, 1) is None
    assert fact_of(entry(1, "session:started", data={}), TASK, 1) is None


def test_each_time_is_the_first_and_each_value_the_last() -> None:
    """And silence erases nothing."""
    row = worker_row(
        "w",
        [
            fact("spawned", 10, b'{"pid":1,"log_file":"a","task_id":"t1"}', recorded=5),
            fact("failed", 20, b'{"exit_code":1}'),
            fact("spawned", 30, b'{"pid":2,"task_id":"t2"}'),
            fact("completed", 40, b'{"exit_code":0}'),
        ],
    )

    assert row == ("w", None, "t2", 10, 20, 2, "completed", 0, "a", None, None, 5)


def test_the_status_is_what_happened_last_not_what_was_told_last() -> None:
    """A completion without detection, and a spawning that is told late."""
    late = worker_row("w", [fact("completed", 20), fact("spawned", 10)])

    assert (late[3], late[4], late[6]) == (10, 20, "completed")
    assert worker_row("w", [fact("failed", 5), fact("spawned", 5)])[6] == "spawned"


def test_a_session_ends_as_it_was_said() -> None:
    """Also when nobody said that it began."""
    row = session_row("s", [fact("ended", 9, b'{"exit_reason":"signal"}', recorded=3)])

    assert row == ("s", None, 9, None, "signal", None, None, None, None, 3)


def test_facts_are_in_the_order_of_recording_over_all_trails() -> None:
    """Ties are settled by the trail's name, which no index chooses."""
    facts = [fact("failed", trail=2), fact("spawned", trail=1), fact("completed", recorded=-1)]

    assert [one.verb for one in in_order(facts, {1: "tasks/b", 2: "tasks/a"})] == [
        "completed",
        "failed",
        "spawned",
    ]
