"""Locks between processes and between objects."""

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest

from tasktrail.errors import LockHeld
from tasktrail.store.locks import FileLock, holding
from tests.support.store_trails import open_descriptors

HOLD = """
import sys
from pathlib import Path
from tasktrail.store.locks import FileLock
lock = FileLock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
sys.stdin.read()
"""


def test_two_objects_never_hold_one_lock(tmp_path: Path) -> None:
    """Within one process the second object waits until the first lets go."""
    one, other = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    first, second = one.acquire(), other.acquire(0.01)
    one.release()

    assert (first, second, one.held) == (True, False, False)
    assert other.acquire()
    other.release()


def test_a_dead_process_frees_its_lock(tmp_path: Path) -> None:
    """Another process holds the lock while it lives, and not a moment longer."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    lock = FileLock(tmp_path / "lock")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        held_there = process.stdout.readline()
        while_it_lives = lock.acquire()
        process.kill()

    assert (held_there, while_it_lives) == (b"True\n", False)
    assert lock.acquire(5)
    lock.release()


def test_a_program_outlives_the_lock_of_its_parent(tmp_path: Path) -> None:
    """After the release the lock is free although a program started meanwhile still runs."""
    lock = FileLock(tmp_path / "lock")
    lock.acquire()
    with subprocess.Popen(["sleep", "30"], close_fds=False) as child:
        lock.release()
        free = FileLock(tmp_path / "lock").acquire()
        child.kill()

    assert free


def test_a_lock_file_deleted_in_between_is_not_a_second_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opened a file that is deleted before it is locked locks the one that has the name."""
    path, real = tmp_path / "lock", fcntl.flock
    deletions = [path]

    def flock(fd: int, operation: int) -> None:
        if deletions:
            deletions.pop().unlink()
        real(fd, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    one, other = FileLock(path), FileLock(path)
    taken = one.acquire(), other.acquire()
    one.release()
    other.release()

    assert taken == (True, False)


def test_a_held_lock_is_told(tmp_path: Path) -> None:
    """A block that needs the lock is refused while another holds it, and frees it at its end."""
    path = tmp_path / "lock"
    with holding(path), pytest.raises(LockHeld, match="another holds it"), holding(path):
        pass

    with holding(path) as lock:
        assert lock.held


def test_waiting_leaves_nothing_open(tmp_path: Path) -> None:
    """Refused attempts close what they opened."""
    with holding(tmp_path / "lock"):
        before = open_descriptors()
        refused = [FileLock(tmp_path / "lock").acquire() for _ in range(20)]

        assert not any(refused)
        assert open_descriptors() == before
