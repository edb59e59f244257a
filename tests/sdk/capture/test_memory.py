"""Memory is told where it is known, with children; kills for want of memory are noticed."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tasktrail.sdk.capture.memory import KILOBYTE, MemoryWatch, OutOfMemory

HUGE = 1 << 60  # as if we had taken more than any child could
NOTHING = resource.getrusage(resource.RUSAGE_CHILDREN)


def process(proc: Path, pid: int, *, rss: int, peak: int, children: str = "") -> None:
    """A process as the kernel tells it."""
    thread = proc / str(pid) / "task" / str(pid)
    thread.mkdir(parents=True)
    (thread / "children").write_text(children)
    status = f"Name:\tx\nVmHWM:\t{peak} kB\nVmRSS:\t{rss} kB\n"
    (proc / str(pid) / "status").write_text(status)


def test_children_and_their_children_count(tmp_path: Path) -> None:
    """What all processes held together at one moment."""
    process(tmp_path, 1, rss=10, peak=10, children="2 3")
    process(tmp_path, 2, rss=20, peak=25)
    process(tmp_path, 3, rss=30, peak=30, children="4")
    process(tmp_path, 4, rss=40, peak=40)
    watch = MemoryWatch(proc=tmp_path, own_bytes=HUGE)
    watch.look(1)

    assert watch.peak_bytes(NOTHING) == 100 * KILOBYTE


def test_the_peak_of_one_process_counts_where_it_is_more(tmp_path: Path) -> None:
    """What it had given back before we looked."""
    process(tmp_path, 1, rss=10, peak=500)
    watch = MemoryWatch(proc=tmp_path, own_bytes=HUGE)
    watch.look(1)

    assert watch.peak_bytes(NOTHING) == 500 * KILOBYTE


def test_what_nobody_saw_is_not_known(tmp_path: Path) -> None:
    """Unknown is not zero: no look, and a kernel's figure that is only our own."""
    watch = MemoryWatch(proc=tmp_path, own_bytes=HUGE)
    watch.look(1)

    assert watch.peak_bytes(NOTHING) is None


def test_the_kernel_s_account_counts_beyond_our_own() -> None:
    """A child that took more than we had is known exactly, though nobody looked."""
    watch = MemoryWatch()
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KILOBYTE + (64 << 20)
    child = subprocess.Popen([sys.executable, "-c", f"b'x' * {size}"])
    _, _, usage = os.wait4(child.pid, 0)
    child.returncode = 0

    assert (watch.peak_bytes(usage) or 0) >= size


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs a kernel with /proc")
def test_a_living_process_is_seen() -> None:
    """Ourselves, as the kernel tells us."""
    watch = MemoryWatch(own_bytes=HUGE)
    watch.look(os.getpid())

    assert (watch.peak_bytes(NOTHING) or 0) > 1 << 20


@pytest.mark.parametrize(
    ("cgroup", "counter"),
    [
        ("0::/job\n", "job/memory.events"),
        ("5:cpu,memory:/job\n", "memory/job/memory.oom_control"),
        ("", "../proc/vmstat"),
    ],
)
def test_a_kill_for_want_of_memory_is_noticed(tmp_path: Path, cgroup: str, counter: str) -> None:
    """By the counters of our own group in both versions, and by the machine's."""
    proc, cgroups = tmp_path / "proc", tmp_path / "cgroups"
    (proc / "self").mkdir(parents=True)
    (proc / "self" / "cgroup").write_text(cgroup)
    (proc / "vmstat").write_text("pgfault 1\noom_kill 4\n")
    path = cgroups / counter
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("oom 3\noom_kill 4\n")
    watch = OutOfMemory(proc=proc, cgroups=cgroups)
    before = watch.has_struck()
    path.write_text("oom 4\noom_kill 5\n")

    assert (before, watch.has_struck()) == (False, True)


def test_a_kernel_that_does_not_tell_is_believed_to_have_memory(tmp_path: Path) -> None:
    """No counter, no claim."""
    assert not OutOfMemory(proc=tmp_path, cgroups=tmp_path).has_struck()
