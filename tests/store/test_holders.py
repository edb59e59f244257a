"""Who holds a lock is known, whether he runs, and a frozen one can be ended: only he."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasktrail.store.holders import Holder, end, holders_of, progress_of
from tasktrail.store.locks import FileLock
from tests.support.waiting import wait_until

CHILD = Path(__file__).with_name("lock_child.py")

pytestmark = pytest.mark.skipif(
    not Path("/proc/locks").exists(), reason="needs Linux: /proc/locks names who holds a lock"
)


@pytest.fixture
def child(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that holds the lock `lock` of the test's directory."""
    command = [sys.executable, str(CHILD), str(tmp_path / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"True\n"
        yield process
        process.kill()


def test_the_holder_of_a_lock_is_named(tmp_path: Path, child: "subprocess.Popen[bytes]") -> None:
    """Among other locks; a free one, a missing one and our own name nobody."""
    ours = FileLock(tmp_path / "ours")
    ours.acquire()
    (tmp_path / "free").touch()
    names = ("free", "lock", "missing", "ours")
    found = holders_of([tmp_path / name for name in names])
    ours.release()

    assert [(one.pid, one.path.name) for one in found] == [(child.pid, "lock")]


def test_a_stopped_process_makes_no_progress(child: "subprocess.Popen[bytes]") -> None:
    """One that only waits does, and goes on when it is let."""
    first = progress_of(child.pid)
    wait_until(lambda: progress_of(child.pid) != first)
    child.send_signal(signal.SIGSTOP)
    wait_until(lambda: "T (stopped)" in Path(f"/proc/{child.pid}/status").read_text())
    stopped = [progress_of(child.pid) for _ in range(20)]
    child.send_signal(signal.SIGCONT)
    wait_until(lambda: progress_of(child.pid) != stopped[0])

    assert len(set(stopped)) == 1


def test_a_stopped_holder_can_be_ended(tmp_path: Path, child: "subprocess.Popen[bytes]") -> None:
    """Then the lock is free, without anybody's help."""
    child.send_signal(signal.SIGSTOP)
    (holder,) = holders_of([tmp_path / "lock"])

    assert end(holder)
    assert FileLock(tmp_path / "lock").acquire()


@pytest.mark.parametrize("wrong", ["started", "path"])
def test_nobody_else_is_ended(tmp_path: Path, child: "subprocess.Popen[bytes]", wrong: str) -> None:
    """A number that was given to another process, or one without our lock, is left alone."""
    (tmp_path / "other").touch()
    (holder,) = holders_of([tmp_path / "lock"])
    other = {
        "started": holder._replace(started=holder.started + 1),
        "path": holder._replace(path=tmp_path / "other"),
    }[wrong]

    assert not end(other)
    assert child.poll() is None


def test_a_dead_process_is_nobody(tmp_path: Path, child: "subprocess.Popen[bytes]") -> None:
    """It holds nothing, runs no more and cannot be ended again."""
    (holder,) = holders_of([tmp_path / "lock"])
    child.kill()
    child.wait()

    assert holders_of([tmp_path / "lock"]) == []
    assert progress_of(child.pid) is None
    assert not end(holder)


def test_without_the_table_of_locks_nobody_is_named(tmp_path: Path) -> None:
    """Other systems have none: then nobody is ever ended."""
    (tmp_path / "lock").touch()

    assert holders_of([tmp_path / "lock"], locks=tmp_path / "missing") == []
    assert not end(Holder(2**22 + 1, 0, tmp_path / "lock"))
