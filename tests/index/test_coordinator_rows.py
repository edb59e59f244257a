"""What entries say of sessions and workers, and what all of it comes to."""

from tasktrail.index.coordinator_rows import (
    Fact,
    called_by,
    fact_of,
    in_order,
    session_row,
    worker_row,
)
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


def test_a_worker_that_began_again_is_told_by_its_latest_run() -> None:
    """It lasts from its first start to its last end; of all else the last that was said stands."""
    row = worker_row(
        "w",
        [
            fact("spawned", 10, b'{"pid":1,"log_file":"a","task_id":"t1"}', recorded=5),
            fact("failed", 20, b'{"exit_code":1}'),
            fact("spawned", 30, b'{"pid":2,"task_id":"t2"}'),
            fact("completed", 40, b'{"exit_code":0}'),
        ],
    )

    assert row == ("w", None, "t2", 10, 40, 2, "completed", 0, "a", None, None, 5)


def test_a_worker_that_runs_again_has_not_ended() -> None:
    """The end of an earlier run is no end of this one."""
    first = [fact("spawned", 10), fact("failed", 20, b'{"exit_code":1}')]
    again = worker_row("w", [*first, fact("spawned", 30)])
    told_twice = worker_row("w", [*first, fact("failed", 25, b'{"exit_code":2}')])

    assert again[3:8] == (10, None, None, "spawned", None)
    assert told_twice[3:8] == (10, 25, None, "failed", 2)


def test_a_guessed_end_gives_way_to_one_that_was_told() -> None:
    """Whichever is the later; alone it stands, and a cancelled worker is told as such."""
    begin, guess = fact("spawned", 10), fact("completed", 30, b'{"inferred":true}')
    told = worker_row("w", [begin, fact("failed", 20), guess])
    cancelled = fact("completed", 30, b'{"inferred":true,"status":"cancelled"}')

    assert told[3:7] == (10, 20, None, "failed")
    assert worker_row("w", [begin, guess])[4] == 30
    assert worker_row("w", [begin, cancelled])[6] == "cancelled"


def test_a_file_that_was_imported_is_no_start() -> None:
    """It says where the conversation is."""
    row = worker_row("w", [fact("imported", 99, b'{"log_file":"a.jsonl"}')])

    assert row[3:9] == (None, None, None, None, None, "a.jsonl")
    assert worker_row("w", [fact("spawned", 100), fact("imported", 99)])[6] == "spawned"


def test_a_session_that_was_taken_up_again_has_not_ended() -> None:
    """Until it ends again; files of it may be read in any order."""
    first = [fact("ended", 20, b'{"exit_reason":"error"}'), fact("started", 10)]
    again = session_row("s", [fact("started", 30), *first])
    over = session_row("s", [*first, fact("started", 30), fact("ended", 40)])

    assert (again[1:3], again[4]) == ((10, None), None)
    assert (over[1:3], over[4]) == ((10, 40), None)


def test_a_worker_known_by_its_calls_has_no_status() -> None:
    """Whose it is, others say first, and its calls where nobody else does."""
    called = called_by(
        "w", entry(7, "task:api_call", data={"session_id": "s-7", "model": "m"}), TASK, 1
    )
    alone = worker_row("w", [called])
    introduced = worker_row("w", [fact("spawned", 5, b'{"task_id":"mine"}'), called])
    stray = called_by(
        "w", entry(7, "task:api_call", data={}), TrailKey("sessions", "unassigned"), 1
    )

    assert (called.seq, alone[1:8]) == (0, ("s-7", "gh-1", None, None, None, None, None))
    assert introduced[1:7] == ("s-7", "mine", 5, None, None, "spawned")
    assert stray.values == {}


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
