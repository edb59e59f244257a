"""A process records the partitions it owns, and gives way to others."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tasktrail.errors import LockHeld
from tasktrail.ingest.partition import Partition
from tasktrail.ingest.recording import Recording, gather
from tasktrail.store.locks import FileLock
from tests.support.waiting import PATIENCE_SECONDS, NotedStop, wait_until
from tests.support.workshop import Workshop


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """An empty root with four partitions."""
    return Workshop(tmp_path, partitions=4)


def recording(workshop: Workshop) -> Recording:
    """A recorder of one process, not yet running."""
    return Recording(workshop.layout, workshop.root, spool=workshop.spool, watch=workshop.watch)


@contextmanager
def running(one: Recording) -> Iterator[None]:
    """A block in which the recorder records."""
    stop = threading.Event()
    thread = threading.Thread(target=one.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_everything_accepted_is_recorded_while_it_runs(workshop: Workshop) -> None:
    """All partitions are owned, and what comes later is recorded too."""
    one = recording(workshop)
    with running(one):
        wait_until(lambda: one.status().owned == (0, 1, 2, 3))
        for number in range(20):
            workshop.accept("task:log", f"t-{number}")
        wait_until(lambda: all(workshop.lines(f"t-{number}") for number in range(20)))

    assert one.status().troubles == {}


def test_two_recorders_share_the_partitions(workshop: Workshop) -> None:
    """The second gets its half, and all of it when the first is gone."""
    first, second = recording(workshop), recording(workshop)
    with running(second):
        with running(first):
            wait_until(lambda: len(first.status().owned) == len(second.status().owned) == 2)
            assert set(first.status().owned) | set(second.status().owned) == {0, 1, 2, 3}
        wait_until(lambda: len(second.status().owned) == 4)


def test_a_partition_in_trouble_is_taken_up_again(workshop: Workshop) -> None:
    """The trouble is told while it lasts; then everything is recorded."""
    obstacle = workshop.layout.tasks
    obstacle.rmdir()
    obstacle.write_text("in the way")
    one = recording(workshop)
    with running(one):
        for number in range(8):
            workshop.accept("task:log", f"t-{number}")
        wait_until(lambda: bool(one.status().troubles))
        obstacle.unlink()
        obstacle.mkdir()
        wait_until(lambda: all(workshop.lines(f"t-{n}") for n in range(8)))
        wait_until(lambda: not one.status().troubles)


def test_a_mistake_of_ours_is_said_and_tried_again(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A partition that fails in an unforeseen way shows in the status, and nothing is lost."""

    def fail(_self: Partition) -> int:
        raise ZeroDivisionError("nobody thought of this")

    workshop.accept("task:log", "t")
    one = recording(workshop)
    with running(one):
        with monkeypatch.context() as broken:
            broken.setattr(Partition, "step", fail)
            workshop.accept("task:log", "t")
            wait_until(lambda: len(one.status().troubles) == 4)
        wait_until(lambda: one.status().troubles == {})
        wait_until(lambda: len(workshop.lines("t")) == 2)

    said = [record for record in caplog.records if "stopped" in record.message]
    assert len(said) == 4
    assert all(record.exc_info for record in said)


def test_recording_now_records_what_is_there(workshop: Workshop) -> None:
    """A reading command without a service does the work itself, and is done."""
    for number in range(8):
        workshop.accept("task:log", f"t-{number}")
    recording(workshop).record_now()

    assert all(workshop.lines(f"t-{number}") for number in range(8))


def test_recording_now_has_an_end_where_more_and_more_comes(workshop: Workshop) -> None:
    """What was accepted when it was asked for is recorded; the rest may wait for the next one."""
    later = iter(range(50))
    workshop.watch.subscribe(lambda _: workshop.accept("task:log", f"t-1 {next(later)}"))
    workshop.accept("task:log", "t-1")
    recording(workshop).record_now()

    assert workshop.lines("t-1")
    assert next(later) == 1


def test_recording_now_waits_for_whoever_records(workshop: Workshop) -> None:
    """With a recorder at work it is enough that the spool of that moment is recorded."""
    one = recording(workshop)
    with running(one):
        wait_until(lambda: len(one.status().owned) == 4)
        workshop.accept("task:log", "t-0")
        recording(workshop).record_now(timeout_seconds=PATIENCE_SECONDS)

        assert workshop.lines("t-0")


def test_a_lock_that_nobody_works_behind_is_said(workshop: Workshop) -> None:
    """A stopped owner keeps its lock: the command says so instead of waiting for ever."""
    workshop.accept("task:log", "t-0")
    locks = [FileLock(workshop.layout.partition_lock(n)) for n in range(4)]
    assert all(lock.acquire() for lock in locks)

    with pytest.raises(LockHeld, match="held by another process"):
        recording(workshop).record_now(timeout_seconds=0.1)
    for lock in locks:
        lock.release()


def test_a_recorder_that_is_stopped_at_once_still_records(workshop: Workshop) -> None:
    """Whatever was accepted before is in its trail when the recorder has ended."""
    workshop.accept("task:log", "t-0")
    stop = threading.Event()
    stop.set()
    recording(workshop).run(stop)

    assert workshop.lines("t-0")


def test_what_is_accepted_and_not_recorded_is_known(workshop: Workshop) -> None:
    """In whatever partition it waits; an empty spool is not behind."""
    one = recording(workshop)
    found = [one.is_behind()]
    workshop.accept("task:log", "t-3")
    found.append(one.is_behind())
    one.record_now()

    assert [*found, one.is_behind()] == [False, True, False]


@pytest.mark.parametrize(
    ("taken", "seconds", "waiting", "waits"),
    [
        (1, 1.0, 9, []),
        (99, 1.0, 9, []),
        (100, 0.01, 9, [0.01]),
        (100, 0.01, 0, []),
        (5_000, 9.0, 9, [0.05]),
        (20_000, 9.0, 9, []),
    ],
)
def test_only_under_load_a_batch_is_waited_for(
    taken: int, seconds: float, waiting: int, waits: list[float]
) -> None:
    """Few events are recorded at once; many wait as long as the last batch took, up to a bound.

    Where nothing came meanwhile there is no load.
    """
    stop = NotedStop()
    gather(stop, taken, seconds, waiting=lambda: waiting)

    assert stop.waits == waits
