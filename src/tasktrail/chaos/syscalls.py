"""Every system call: a run is broken at its n-th call, for every n; a successor takes over; a cut.

The fault is a kill before or after the call, EIO, ENOSPC, a short write, or a power cut. After it a
successor accepts and records as the first one did, then the power is cut, and what is left is
recorded; only where the fault was the cut itself nobody comes between. Without root nothing is cut:
the other faults and the take-over are proven all the same.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, field

from tasktrail.chaos.checker import Allowed, Verdict, check
from tasktrail.chaos.injection import FAULTS, WRITES
from tasktrail.chaos.processes import free_port, has_redis, python, redis_server, wait_for_port
from tasktrail.chaos.trouble import ChaosFailed
from tasktrail.chaos.volume import Volume
from tasktrail.ingest.redis_pump import open_link

NO_FAULT: Final = ""
CUT: Final = "cut"


class Point(Struct, frozen=True):
    """One fault at one call."""

    fault: str
    at: int
    call: str


class Sweep(Struct):
    """What came of all points."""

    calls: list[str]
    points: int = 0
    met: int = 0  # points whose fault was reached: earlier faults change what follows
    cuts: int = 0
    accepted: int = 0
    failed: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether no point broke a promise."""
        return not self.failed


class Workshop:
    """Where points are tried: a volume or a plain folder, a Redis, and the process that forks."""

    def __init__(self, folder: Path, kind: str | None, *, without: str | None = None) -> None:
        self._folder = folder
        self._kind = kind
        self._without = without
        self._number = 0

    @contextmanager
    def open(self) -> Iterator["Workshop"]:
        """A block in which points can be tried; raises Unavailable where no volume can be had."""
        with ExitStack() as stack:
            self._volume = (
                stack.enter_context(Volume(self._folder, self._kind)) if self._kind else None
            )
            self._redis = stack.enter_context(_redis(self._folder)) if has_redis() else None
            command = python(
                "tasktrail.chaos.injected", *([self._without] if self._without else [])
            )
            log = stack.enter_context((self._folder / "injected.log").open("ab"))
            self._process = stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
            )
            stack.callback(self._process.kill)
            yield self

    @property
    def cuts_power(self) -> bool:
        """Whether each point ends with a cut."""
        return self._volume is not None

    def calls(self) -> list[str]:
        """Every call of a run that nothing breaks."""
        self._begin()
        answer = self._fork("work", life=0)
        return list(answer["calls"])

    def attempt(self, point: Point) -> tuple[bool, Verdict]:
        """Whether the fault was met, and the verdict after successor and cut."""
        self._begin()
        fault = "kill" if point.fault == CUT else point.fault
        answer = self._fork("work", life=0, fault=fault, at=point.at)
        met = answer["status"] < 0 or len(answer["calls"]) >= point.at
        if point.fault != CUT:
            self._fork("work", life=1)
        if self._volume is not None:
            self._volume.cut()
            self._volume.power_on()
        for _ in range(2):
            if self._fork("record", life=0)["status"] != 0:
                raise ChaosFailed(f"{point}: what is left cannot be recorded, see injected.log")
        return met, check(self._root, self._ledgers, Allowed())

    def _begin(self) -> None:
        """A fresh root, as it is after some use, all of it on disk."""
        self._number += 1
        above = self._folder if self._volume is None else self._volume.path
        for old in (*above.glob("root-*"), *self._folder.glob("ledgers-*")):
            shutil.rmtree(old)
        self._root = above / f"root-{self._number}"
        self._ledgers = self._folder / f"ledgers-{self._number}"
        self._ledgers.mkdir()
        if self._redis is not None:
            link = open_link(self._redis)
            link.send(("FLUSHALL",))
            link.close()
        if self._fork("prepare", life=0)["status"] != 0:
            raise ChaosFailed("the root could not be prepared, see injected.log")
        if self._volume is not None:
            self._volume.sync()

    def _fork(self, act: str, *, life: int, fault: str = NO_FAULT, at: int = 0) -> dict[str, Any]:
        told = {
            "act": act,
            "root": str(self._root),
            "ledgers": str(self._ledgers),
            "redis": self._redis,
            "life": life,
            "fault": fault,
            "at": at,
        }
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise ChaosFailed("the process that forks has no pipes")
        stdin.write(json.dumps(told).encode() + b"\n")
        stdin.flush()
        answer = stdout.readline()
        if not answer:
            raise ChaosFailed("the process that forks is gone, see injected.log")
        found: dict[str, Any] = json.loads(answer)
        return found


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    port = free_port()
    server = redis_server(folder / "redis", port)
    server.start()
    try:
        wait_for_port(port, server)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.kill()


def points_of(calls: Sequence[str], faults: Sequence[str], *, step: int = 1) -> list[Point]:
    """Every fault at every call where it means something; `step`: at every so manyth only."""
    return [
        Point(fault, at, call)
        for place, fault in enumerate(faults)
        for at, call in enumerate(calls, 1)
        if (at + place) % step == 0 and (fault != "short" or call in WRITES)
    ]


def run_syscalls(
    folder: Path,
    kind: str | None,
    *,
    step: int = 1,
    start: int = 0,
    faults: Sequence[str] = (*FAULTS, CUT),
    without: str | None = None,
) -> Sweep:
    """What came of every point; `kind`: the file system whose power is cut, `None`: none is.

    `start`: how many points a sweep before this one has tried already. Without a guard one failure
    says enough.
    """
    workshop = Workshop(folder, kind, without=without)
    with workshop.open():
        sweep = Sweep(workshop.calls())
        possible = [fault for fault in faults if fault != CUT or workshop.cuts_power]
        for point in points_of(sweep.calls, possible, step=step)[start:]:
            _try(workshop, point, sweep)
            if without is not None and sweep.failed:
                break
    return sweep


def _try(workshop: Workshop, point: Point, sweep: Sweep) -> None:
    sweep.points += 1
    try:
        met, verdict = workshop.attempt(point)
    except ChaosFailed as error:
        sweep.failed.append(str(error))
        return
    sweep.met += met
    sweep.cuts += workshop.cuts_power
    sweep.accepted += verdict.accepted
    if not verdict.is_clean:
        sweep.failed.append(f"{point}: {'; '.join(verdict.examples)}")
