"""How much memory a command and its children took, and whether the kernel ran out of it.

Measured where the kernel tells it (`/proc`); elsewhere it is not known. The kernel's own figure for
a finished process begins at what its parent had taken when it was started, so below that it says
nothing.
"""

import resource
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
CGROUPS: Final = Path("/sys/fs/cgroup")
MOST_PROCESSES: Final = 1_000  # of one command; looking at more would be felt
KILOBYTE: Final = 1024
# The unit of `ru_maxrss`.
RSS_UNIT: Final = 1 if sys.platform == "darwin" else KILOBYTE


class MemoryWatch:
    """Looks at a command's processes now and then; to be made when it was just started."""

    def __init__(self, *, proc: Path = PROC, own_bytes: int | None = None) -> None:
        self._proc = proc
        self._floor = _own_peak_bytes() if own_bytes is None else own_bytes
        self._peak: int | None = None

    def look(self, pid: int) -> None:
        """What the process and its children hold now."""
        found = [_memory_of(self._proc, one) for one in self._family(pid)]
        if found:
            together = sum(now for now, _ in found)
            self._peak = max(self._peak or 0, together, *(peak for _, peak in found))

    def _family(self, pid: int) -> list[int]:
        """The process and its descendants, as far as they can be found."""
        family = [pid]
        for one in family:  # grows while we walk
            if len(family) < MOST_PROCESSES:
                family += _children_of(self._proc, one)
        return family

    def peak_bytes(self, usage: resource.struct_rusage) -> int | None:
        """The most that was seen; `usage` is the kernel's account of the whole command."""
        largest = usage.ru_maxrss * RSS_UNIT
        known = [self._peak] if self._peak else []
        if largest > self._floor:
            known.append(largest)
        return max(known, default=None)


def _own_peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT


def _children_of(proc: Path, pid: int) -> Iterator[int]:
    try:
        for thread in (proc / str(pid) / "task").iterdir():
            yield from map(int, (thread / "children").read_text().split())
    except (OSError, ValueError):  # gone meanwhile, or a kernel that does not tell
        return


def _memory_of(proc: Path, pid: int) -> tuple[int, int]:
    """What the process holds now, and the most it held since it began its program."""
    try:
        lines = (proc / str(pid) / "status").read_text().splitlines()
    except OSError:
        return 0, 0
    figures = {name: rest for name, _, rest in (line.partition(":") for line in lines)}
    return _bytes_in(figures.get("VmRSS")), _bytes_in(figures.get("VmHWM"))


def _bytes_in(text: str | None) -> int:
    words = (text or "").split()
    return int(words[0]) * KILOBYTE if words and words[0].isdecimal() else 0


class OutOfMemory:
    """Whether the kernel killed for want of memory since this was made."""

    def __init__(self, *, proc: Path = PROC, cgroups: Path = CGROUPS) -> None:
        self._files = [proc / "vmstat", *_cgroup_files(proc, cgroups)]
        self._before = self._counts()

    def _counts(self) -> list[int]:
        return [_kills_in(path) for path in self._files]

    def has_struck(self) -> bool:
        """Whether any counter has risen."""
        return any(now > then for now, then in zip(self._counts(), self._before, strict=True))


def _cgroup_files(proc: Path, cgroups: Path) -> Iterable[Path]:
    """Where the kernel counts such kills of our own group, in both versions of cgroups."""
    try:
        lines = (proc / "self" / "cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        number, _, rest = line.partition(":")
        controllers, _, name = rest.partition(":")
        if number == "0":
            yield cgroups / name.lstrip("/") / "memory.events"
        elif "memory" in controllers.split(","):
            yield cgroups / "memory" / name.lstrip("/") / "memory.oom_control"


def _kills_in(path: Path) -> int:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    words = (line.split() for line in lines)
    return next((int(word[1]) for word in words if len(word) > 1 and word[0] == "oom_kill"), 0)
