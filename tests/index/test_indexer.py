"""The indexer: follows what is recorded, and makes the index anew when it must."""

import threading
from pathlib import Path

import pytest

from tasktrail.errors import LockHeld
from tasktrail.index.indexer import (
    GATHER_SECONDS,
    Indexer,
    Progress,
    gather,
    index_in_memory,
)
from tasktrail.index.sqlite import SqliteDatabase
from tasktrail.index.state import Index
from tasktrail.model.ids import TrailKey
from tasktrail.query.reader import Reader
from tasktrail.store.locks import holding
from tests.support.index_digest import digest_of
from tests.support.make import event_bytes
from tests.support.make_trails import Trails, key_of, log_lines
from tests.support.waiting import PATIENCE_SECONDS, NotedStop, wait_until


def test_catching_up_indexes_what_is_new(tmp_path: Path) -> None:
    """Only trails that were touched since are read, and only their new lines."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 3), trails.log("a", task_id="other"))
        first = trails.index_all()
        trails.record(trails.log("b", task_id="other"))

        assert first == Progress(4, 2, was_rebuilt=True)
        assert trails.index_all() == Progress(1, 1, was_rebuilt=False)
        assert trails.index_all() == Progress(0, 0, was_rebuilt=False)


def test_what_is_not_recorded_is_not_indexed(tmp_path: Path) -> None:
    """Lines are seen when the checkpoint has passed them, not before."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("a"))
        heads = trails.record(trails.log("b"), move_checkpoint=False)
        before = trails.index_all().entries
        trails.move_checkpoints(heads)

        assert (before, trails.index_all().entries) == (1, 1)


def test_every_partition_is_followed(tmp_path: Path) -> None:
    """Each up to its own checkpoint."""
    with Trails(tmp_path, partitions=4) as trails:
        trails.record(*(trails.log("a", task_id=f"gh-{n}") for n in range(20)))

        assert trails.index_all().entries == 20
        assert trails.index.positions() == dict(enumerate(trails.pos))


def test_sessions_are_indexed(tmp_path: Path) -> None:
    """Their trails are followed like those of tasks."""
    with Trails(tmp_path) as trails:
        trails.record(event_bytes("session:started", None, session_id="s-1"))
        trails.index_all()

        assert TrailKey("sessions", "s-1").name in digest_of(trails)


def test_rebuilding_gives_the_same_index(tmp_path: Path) -> None:
    """Whatever the passes in which it was made before."""
    with Trails(tmp_path, partitions=2) as trails:
        for n in range(4):
            trails.record(*log_lines(trails, 3, task_id=f"gh-{n % 2}"), event_bytes("task:failed"))
            trails.index_all()
        live = digest_of(trails)
        progress = trails.indexer.rebuild()

        assert progress == Progress(16, 2, was_rebuilt=True)
        assert digest_of(trails) == live


def test_where_the_journal_does_not_reach_all_trails_are_looked_at(tmp_path: Path) -> None:
    """A lost journal of touched trails costs a walk, no entry."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 2))
        trails.index_all()
        trails.record(trails.log("b", task_id="other"))
        trails.layout.touched(0).unlink()

        assert trails.index_all() == Progress(1, 2, was_rebuilt=False)
        assert trails.index.status().entries == 3


@pytest.mark.parametrize("harm", ["missing", "garbage", "half", "version", "tables"])
def test_an_index_that_is_no_use_is_made_anew(tmp_path: Path, harm: str) -> None:
    """Without being asked, and with the same answers."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 500), event_bytes("task:started"))
        trails.index_all()
        whole = digest_of(trails)
        trails.database.close()
        harm_index(trails.layout.index, harm)

        assert trails.index_all() == Progress(501, 1, was_rebuilt=True)
        assert digest_of(trails) == whole


def harm_index(path: Path, harm: str) -> None:
    """What may have happened to the file."""
    blob = path.read_bytes()
    if harm == "missing":
        path.unlink()
    elif harm == "garbage":
        path.write_bytes(b"not an index" * 1_000)
    elif harm == "half":
        path.write_bytes(blob[: len(blob) // 2])
    else:
        name, value = {"version": ("user_version", "999"), "tables": ("user_version", "1")}[harm]
        if harm == "tables":
            path.unlink()
        change_index(path, f"PRAGMA {name} = {value}")


def change_index(path: Path, text: str) -> None:
    """A statement by somebody else."""
    database = SqliteDatabase(path)
    database._write_connection().execute(text)  # noqa: SLF001 - what no query of ours does
    database.close()


def test_an_index_that_is_ahead_is_made_anew(tmp_path: Path) -> None:
    """A root that was put back to an earlier state does not keep entries of the later one."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("a"))
        checkpoint = trails.layout.checkpoint(0).read_bytes()
        trails.record(trails.log("b"))
        trails.index_all()
        trails.layout.checkpoint(0).write_bytes(checkpoint)

        assert trails.index_all() == Progress(1, 1, was_rebuilt=True)
        assert trails.index.status().entries == 1


def test_one_indexer_at_a_time(tmp_path: Path) -> None:
    """While another holds the lock, this one does not write."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("a"))
        with holding(trails.layout.index_lock), pytest.raises(LockHeld):
            trails.indexer.catch_up(lock_seconds=0.01)

        assert trails.index.positions() == {}
        assert trails.index_all().entries == 1


def test_a_trail_that_cannot_be_opened_costs_itself(tmp_path: Path) -> None:
    """A link in the place of a trail is not followed, and the others are indexed."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("a"), trails.log("b", task_id="other"))
        trails.index_all()
        trails.record(trails.log("a"), trails.log("b", task_id="other"))
        real = trails.layout.trail(key_of())
        real.rename(tmp_path / "elsewhere")
        real.symlink_to(tmp_path / "elsewhere")

        assert trails.index_all().entries == 1
        assert trails.index.positions() == {0: 400}


def test_it_runs_until_it_is_stopped(tmp_path: Path) -> None:
    """Woken, it indexes what was recorded; a second one stands by."""
    with Trails(tmp_path) as trails:
        stop, wake = threading.Event(), threading.Event()
        second = Indexer(trails.layout, trails.root, SqliteDatabase(trails.layout.index))
        threads = [
            threading.Thread(target=one.run, args=(stop, wake), kwargs={"is_coming": bool})
            for one in (trails.indexer, second)
        ]
        for thread in threads:
            thread.start()
        trails.record(*log_lines(trails, 3))
        index = Index(trails.database, trails.root)

        def is_indexed() -> bool:
            wake.set()
            return index.positions() == {0: 300}

        wait_until(is_indexed)
        stop.set()
        wake.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)

        assert index.status().entries == 3
        assert not any(thread.is_alive() for thread in threads)


def test_a_root_that_is_only_read_has_an_index_in_memory(tmp_path: Path) -> None:
    """It holds what the one on disk would, and leaves nothing behind."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 3), event_bytes("task:failed"))
        index = index_in_memory(trails.layout, trails.root)
        reader = Reader(trails.layout, trails.root, index, wait_seconds=0.0)
        tasks, logs = reader.tasks(), reader.logs("gh-1")
        index.database.close()

        assert "behind" not in tasks
        assert (tasks["total_count"], logs["total_count"]) == (1, 4)
        assert not trails.layout.index.exists()


class StopAfter(threading.Event):
    """It is set once it was asked a few times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.left = times

    def is_set(self) -> bool:
        """As said."""
        self.left -= 1
        return self.left < 0


def test_it_ends_in_the_middle_of_much_when_it_is_asked_to(tmp_path: Path) -> None:
    """A service does not wait for a whole index; the next pass goes on with what is left."""
    with Trails(tmp_path) as trails:
        trails.record(*(trails.log("a", task_id=f"gh-{n}") for n in range(5)))
        indexer = Indexer(trails.layout, trails.root, trails.database, entries_per_transaction=1)
        indexer.run(StopAfter(3), threading.Event(), is_coming=bool)
        begun = trails.index.status().entries
        rest = indexer.catch_up()

        assert (begun, rest.entries, rest.was_rebuilt) == (2, 3, False)
        assert trails.index.status().entries == 5


@pytest.mark.parametrize(
    ("longest_seconds", "coming", "waits"),
    [(60, [], 1), (60, [True, True], 3), (0, [True], 1)],
)
def test_a_pass_waits_only_for_what_is_coming(
    longest_seconds: float, coming: list[bool], waits: int
) -> None:
    """The end of a burst is indexed after a moment, however long the pass before it took."""
    stop, left = NotedStop(), iter(coming)
    gather(stop, longest_seconds, is_coming=lambda: next(left, False))

    assert stop.waits == [GATHER_SECONDS] * waits
