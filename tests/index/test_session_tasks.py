"""Which sessions had to do with which task, and how it stood for each of them."""

from pathlib import Path

from tasktrail.index.coordinator_pages import list_sessions, tasks_of_session
from tests.support.make_trails import Trails
from tests.support.money import call, told


def stands(trails: Trails, session: str) -> dict[str, str]:
    """The tasks of the session, and how they stand for it."""
    trails.index_all()
    with trails.index.snapshot() as queries:
        return {one.task_id: one.status for one in tasks_of_session(queries, session)}


def tries(session: str, worker: str, *ends: str) -> list[bytes]:
    """A session tries the task `t` by a worker."""
    ids = {"task_id": "t", "session_id": session}
    begins = [told("worker:spawned", **ids, worker_id=worker), told("task:started", **ids)]
    return [*begins, *(told(end, **ids) for end in ends)]


def test_a_task_stands_for_each_session_as_it_ended_there(tmp_path: Path) -> None:
    """That the second session finished it does not make the first one's try a success."""
    with Trails(tmp_path) as trails:
        trails.record(*tries("s-1", "a", "task:failed"))
        alone = stands(trails, "s-1")
        trails.record(*tries("s-2", "b", "task:completed"))

        assert (alone, stands(trails, "s-1")) == ({"t": "failed"}, {"t": "failed"})
        assert stands(trails, "s-2") == {"t": "completed"}


def test_a_session_may_try_a_task_again(tmp_path: Path) -> None:
    """The first end of a try stands, a new worker is a new try; also in one pass of the indexer."""
    with Trails(tmp_path) as trails:
        trails.record(*tries("s", "a", "task:failed", "task:completed"))
        first = stands(trails, "s")
        trails.record(*tries("s", "b", "task:completed"), *tries("s-2", "c"))
        second = stands(trails, "s")
        trails.indexer.rebuild()

        assert (first, second, stands(trails, "s")) == (
            {"t": "failed"},
            {"t": "completed"},
            {"t": "completed"},
        )


def test_what_a_session_did_not_say_itself_is_told_by_the_task(tmp_path: Path) -> None:
    """The session that had it last has it as it is, whoever ended it."""
    with Trails(tmp_path) as trails:
        trails.record(*tries("s", "a"), told("task:failed", task_id="t"))

        assert stands(trails, "s") == {"t": "failed"}


def test_a_session_that_only_calls_models_is_known_with_its_tasks(tmp_path: Path) -> None:
    """Of how they stand it says nothing."""
    with Trails(tmp_path) as trails:
        trails.record(told("task:created", task_id="t"), call("t", session_id="s-calls"))
        trails.record(*tries("s-2", "b", "task:completed"))
        found = stands(trails, "s-calls")
        with trails.index.snapshot() as queries:
            known = {one.session_id for one in list_sessions(queries, limit=9)}

    assert (found, known) == ({"t": "completed"}, {"s-calls", "s-2"})
