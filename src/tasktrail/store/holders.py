"""Which process holds a lock file, whether it runs at all, and how a frozen one is ended.

The kernel knows who holds an flock; it tells in /proc/locks, by inode. That a process runs shows
in how often its threads were put on a processor and for how long: a stopped, frozen or traced one
stands still, however idle a living one is. Before a process is ended it is proved, through a handle
that no other process can inherit, that it is still the same and still has that very file open.

Only where the system has /proc, and only for processes that can be seen from here: elsewhere nobody
is ever named, and so nobody is ended.
"""

import os
import re
import select
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

LOCKS: Final = Path("/proc/locks")
PROCESSES: Final = Path("/proc")
# 1: FLOCK  ADVISORY  WRITE 4711 08:02:131 0 EOF
_LOCK: Final = re.compile(r"\d+: FLOCK +\S+ +WRITE (\d+) \S+:(\d+) ")
_SWITCHES: Final = re.compile(r"ctxt_switches:\s+(\d+)")
START_FIELD: Final = 19  # of /proc/<pid>/stat, behind the name: ticks since the system's start
TIME_FIELDS: Final = slice(11, 13)  # there: ticks on a processor
DEATH_SECONDS: Final = 2.0


class Holder(NamedTuple):
    """A process that holds a lock file: its number, and when it began, so that it is no other."""

    pid: int
    started: int
    path: Path


def holders_of(paths: Iterable[Path], *, locks: Path = LOCKS) -> list[Holder]:
    """The other processes that hold any of these lock files, as far as they can be seen."""
    inodes = {inode: path for path in paths if (inode := _inode(path)) is not None}
    found = []
    for pid, inode in _locked(locks):
        path = inodes.get(inode)
        if path is None or pid in {0, os.getpid()}:
            continue
        started = _started(pid)
        if started is not None and _has_open(pid, path):
            found.append(Holder(pid, started, path))
    return found


def _inode(path: Path) -> int | None:
    try:
        return path.stat(follow_symlinks=False).st_ino
    except OSError:
        return None


def _locked(locks: Path) -> list[tuple[int, int]]:
    """Process and inode of every flock there is."""
    try:
        text = locks.read_text(encoding="ascii", errors="replace")
    except OSError:
        return []
    return [(int(pid), int(inode)) for pid, inode in _LOCK.findall(text)]


def _started(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[START_FIELD]) if fields else None


def _stat(pid: int) -> list[str]:
    """What the system says of a process, behind its name; empty when there is none."""
    try:
        text = (PROCESSES / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def _has_open(pid: int, path: Path) -> bool:
    """Whether that process has that very file open."""
    try:
        wanted = path.stat(follow_symlinks=False)
        for fd in (PROCESSES / str(pid) / "fd").iterdir():
            with suppress(OSError):
                if os.path.samestat(fd.stat(), wanted):
                    return True
    except OSError:
        return False
    return False


def progress_of(pid: int) -> int | None:
    """A number that grows as long as the process runs; `None` where that cannot be told."""
    fields = _stat(pid)
    if not fields:
        return None
    total = sum(map(int, fields[TIME_FIELDS]))
    with suppress(OSError):
        for task in (PROCESSES / str(pid) / "task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has just ended
                text = (task / "status").read_text(encoding="utf-8", errors="replace")
                total += sum(map(int, _SWITCHES.findall(text)))
    return total


def end(holder: Holder) -> bool:
    """Whether the process is dead now, by SIGKILL; nothing is done when it may be another one."""
    try:
        handle = os.pidfd_open(holder.pid)
    except (OSError, AttributeError):
        return False
    try:
        # From here on the handle means this process only: what is proved now stays proved.
        if _started(holder.pid) != holder.started or not _has_open(holder.pid, holder.path):
            return False
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        return bool(select.select([handle], [], [], DEATH_SECONDS)[0])
    except OSError:
        return False
    finally:
        os.close(handle)
