"""The append lock: one thread of one process at a time, and nobody waits for ever."""

import signal
import threading
from pathlib import Path

import pytest

from tasktrail.errors import Overloaded
from tasktrail.ingest.spool_lock import AppendLock
from tasktrail.store.locks import FileLock
from tests.ingest.spool_support import child, next_line


def test_a_stopped_holder_is_waited_for_a_bounded_time(tmp_path: Path) -> None:
    """A process that was stopped under the lock costs others an Overloaded, no hang."""
    path = tmp_path / "append.lock"
    lock = AppendLock(path, wait_seconds=0.05)
    with child("hold", path) as holder:
        assert next_line(holder) == "held"
        holder.send_signal(signal.SIGSTOP)

        with pytest.raises(Overloaded) as refused, lock.holding():
            pass
        assert refused.value.retry_after_seconds > 0
    lock.close()


def test_the_lock_of_a_killed_holder_is_free(tmp_path: Path) -> None:
    """Death is the only thing that is needed to let go."""
    path = tmp_path / "append.lock"
    lock = AppendLock(path, wait_seconds=10)
    with child("hold", path) as holder:
        assert next_line(holder) == "held"
        holder.kill()
        with lock.holding():
            is_free = FileLock(path).acquire()

    assert not is_free
    lock.close()


def test_threads_of_one_process_take_turns(tmp_path: Path) -> None:
    """Two threads are never in the block together."""
    lock = AppendLock(tmp_path / "append.lock", wait_seconds=10)
    inside: list[int] = []
    crowds: list[int] = []

    def run() -> None:
        for _ in range(200):
            with lock.holding():
                inside.append(1)
                crowds.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert crowds == [1] * 800
    lock.close()


def test_a_busy_thread_is_waited_for_a_bounded_time(tmp_path: Path) -> None:
    """A thread that stays in the block costs the others an Overloaded."""
    lock = AppendLock(tmp_path / "append.lock", wait_seconds=0.05)
    refusals: list[Overloaded] = []

    def run() -> None:
        try:
            with lock.holding():
                pass
        except Overloaded as error:
            refusals.append(error)

    with lock.holding():
        other = threading.Thread(target=run)
        other.start()
        other.join()

    assert len(refusals) == 1
    lock.close()


def test_a_deleted_lock_file_is_made_again(tmp_path: Path) -> None:
    """Whoever deletes the file does not split the lock: the new file is the one that counts."""
    path = tmp_path / "append.lock"
    lock = AppendLock(path, wait_seconds=1)
    with lock.holding():
        pass
    path.unlink()

    with lock.holding():
        assert not FileLock(path).acquire()
    lock.close()
