"""The stage of a run: a data root, its recorders, its producers and a Redis behind a fragile line.

Everything stands below one folder: the root (or wherever the caller put it), the ledgers, the files
of Redis and what each process said. Ledgers and Redis are outside the root, so that a power cut of
the root's disk does not touch them.
"""

import random
import signal
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from msgspec import Struct

from tasktrail.chaos.checker import SUFFIX
from tasktrail.chaos.events import FLOW, KINDS, kind_of
from tasktrail.chaos.guards import GUARDS
from tasktrail.chaos.poison import Poison
from tasktrail.chaos.processes import (
    Child,
    free_port,
    has_redis,
    python,
    redis_server,
    tasktrail,
    wait_for_port,
)
from tasktrail.chaos.proxy import Proxy
from tasktrail.chaos.small_disk import SmallDisk
from tasktrail.chaos.trouble import ChaosFailed
from tasktrail.ingest.redis_pump import open_link
from tasktrail.ingest.redis_pump_link import Command, Link, LinkLost

SEGMENT_BYTES: Final = 256 << 10  # small, so that segments are rolled and deleted all the time
FINISH_SECONDS: Final = 600.0
FINISH_SECONDS_PER_EVENT: Final = 0.003


EVERY_KIND: Final = tuple(KINDS)


class Cast(Struct, frozen=True):
    """Who takes part."""

    recorders: int = 3  # the first one is the service, with the HTTP door
    partitions: int = 4
    producers: tuple[str, ...] = EVERY_KIND
    events: int = 20_000  # of all producers together
    tasks: int = 20
    rate: float = float("inf")  # events a second, of all producers together
    without: str | None = None  # a guard that recorders run without
    segment_bytes: int = SEGMENT_BYTES


class TheStage:
    """The processes of one run; a context manager after which none of them lives."""

    def __init__(
        self, folder: Path, cast: Cast, *, root: Path | None = None, disk: SmallDisk | None = None
    ) -> None:
        """`disk`: a small one, where the root stands then."""
        self.root = (disk.root if disk else folder / "root") if root is None else root
        self.disk = disk
        self.ledgers = folder / "ledgers"
        self.probe = folder / "probe"  # names the file that stands for this life of the disk
        self.cast = cast
        self.redis: Child | None = None
        self.recorders_line: Proxy | None = None
        self.producers_line: Proxy | None = None
        self.crashes: list[str] = []
        self.folder = folder
        self._stack = ExitStack()
        self._redis_port = free_port()
        self._http_port = free_port()
        self._extra = 0
        self.ledgers.mkdir(parents=True, exist_ok=True)
        self._poison = Poison(self.ledgers)
        self._largest = 0
        if has_redis() and any(kind_of(name).door == "redis" for name in self._names()):
            self.redis = redis_server(folder / "redis", self._redis_port)
        self.recorders: list[Child] = []
        self.producers: list[Child] = []

    def __enter__(self) -> Self:
        if self.redis is not None:
            self.start_redis()
            self.recorders_line = self._stack.enter_context(Proxy(self._redis_port))
            self.producers_line = self._stack.enter_context(Proxy(self._redis_port))
        self.recorders = [self._recorder(number) for number in range(self.cast.recorders)]
        self.producers = [self._producer(name) for name in self._names()]
        return self

    def __exit__(self, *_: object) -> None:
        for child in (*self.producers, *self.recorders, self.redis):
            if child is not None:
                child.kill()
        self._stack.close()

    @property
    def http_port(self) -> int:
        """Where the service listens."""
        return self._http_port

    def _names(self) -> list[str]:
        """The producers' names: of each kind as often as it was asked for."""
        names: list[str] = []
        for kind in self.cast.producers:
            if kind_of(kind).door != "redis" or has_redis():
                names.append(f"{kind}-{names.count(kind) + 1 if kind in names else len(names) + 1}")
        return names

    def _environment(self) -> dict[str, str]:
        told = {
            "TASKTRAIL_DATA": str(self.root),
            "TASKTRAIL_PARTITIONS": str(self.cast.partitions),
            "TASKTRAIL_SEGMENT_BYTES": str(self.cast.segment_bytes),
            "LOG_LEVEL": "WARNING",
            "PYTHONFAULTHANDLER": "1",  # where it stood when the system ended it
        }
        return told | ({"REDIS_URL": _url(self.recorders_line)} if self.recorders_line else {})

    def _recorder(self, number: int) -> Child:
        arguments = ("serve", "--port", str(self._http_port)) if number == 0 else ("record",)
        command = tasktrail(*arguments, without=self._without(is_producer=False))
        log = self.folder / f"recorder-{number}.log"
        return Child(command, log, environment=self._environment())

    def _producer(self, name: str) -> Child:
        count = len(self._names())
        events = max(FLOW, self.cast.events // count // FLOW * FLOW)
        command = python(
            "tasktrail.chaos.producer",
            *(name, "--events", str(events), "--rate", str(self.cast.rate / count)),
            *("--tasks", str(self.cast.tasks), "--ledger", str(self.ledgers / (name + SUFFIX))),
            *(
                "--root",
                str(self.root),
                "--redis",
                _url(self.producers_line),
                "--probe",
                str(self.probe),
            ),
            *("--http", f"http://127.0.0.1:{self._http_port}"),
            without=self._without(is_producer=True),
        )
        return Child(command, self.folder / f"{name}.log")

    def _without(self, *, is_producer: bool) -> str | None:
        """The guard that such a process runs without."""
        name = self.cast.without
        return name if name and GUARDS[name].is_producers == is_producer else None

    def start(self) -> None:
        """Recorders run and answer, then producers send."""
        self.start_recorders()
        for producer in self.producers:
            producer.start()

    def start_recorders(self) -> None:
        """Every recorder runs; the service answers."""
        for recorder in self.recorders:
            recorder.start()
        self.wait_for_service()

    def wait_for_service(self) -> None:
        """The HTTP door is open; raises ChaosFailed when it does not open."""
        wait_for_port(self._http_port, self.recorders[0])

    def start_recorder(self, recorder: Child) -> None:
        """The recorder runs again."""
        recorder.start()

    def start_redis(self) -> None:
        """Redis runs again and listens."""
        if self.redis is not None:
            self.redis.start()
            wait_for_port(self._redis_port, self.redis)

    def ask_redis(self, *command: str | int) -> None:
        """Redis was told that, if it listens."""
        self._send([command])

    def poison(self, dice: random.Random) -> None:
        """Entries that cannot be events stand in the stream, if Redis listens."""
        self._poison.note(self._send(self._poison.commands(dice)))

    def _send(self, commands: Sequence[Command]) -> Sequence[object]:
        """The replies; none when Redis died meanwhile: then that was the fault."""
        try:
            link = self._link()
        except LinkLost:
            return []
        try:
            return link.send(*commands)
        except LinkLost:
            return []
        finally:
            link.close()

    def _link(self) -> Link:
        return open_link(f"redis://127.0.0.1:{self._redis_port}/0")

    def one_more_recorder(self, seconds: float) -> None:
        """Another recorder came, took its share and went."""
        self._extra += 1
        extra = self._recorder(self.cast.recorders + self._extra)
        extra.start()
        try:
            extra.wait(seconds)  # killed after it, and looked at before
            self.crashes.append(f"{extra.name} ended by itself: {extra.said}")
        except ChaosFailed:
            pass  # it was killed because it still lived: as it should
        self._largest = max(self._largest, extra.peak_bytes)

    @property
    def peak_bytes(self) -> int:
        """The most memory that a recorder ever had."""
        return max(self._largest, *(recorder.peak_bytes for recorder in self.recorders))

    def note_crashes(self) -> None:
        """Recorders that ended without being told to are remembered, and started again."""
        for recorder in self.recorders:
            recorder.note_memory()
            if recorder.exit_code is not None:
                self.crashes.append(f"{recorder.name} ended with {recorder.exit_code}")
                recorder.start()

    @property
    def _patience(self) -> float:
        """How long the end of a run may take."""
        return FINISH_SECONDS + self.cast.events * FINISH_SECONDS_PER_EVENT

    def finish(self, *, early: bool = False) -> None:
        """Everything was sent, recorded and let go of; raises ChaosFailed when that is too slow.

        `early`: producers send no more than what they are at.
        """
        if early:
            self.stop_producers()
        else:
            self.finish_producers()
        self.stop_recorders()
        self.record_rest()

    def finish_producers(self) -> None:
        """Every producer has sent all of its events."""
        for producer in self.producers:
            producer.thaw()
            if producer.wait(self._patience) != 0:
                raise ChaosFailed(f"{producer.name} ended before its last event: {producer.said}")

    def revive(self) -> None:
        """Everybody lives and moves, whatever fault was under way."""
        if self.redis is not None:
            self.redis.thaw()
            self.start_redis()
        for recorder in self.recorders:
            recorder.thaw()
            recorder.start()

    def stop_producers(self) -> None:
        """Every producer was told to end, and did."""
        for producer in self.producers:
            code = producer.stop()
            if code not in {0, 1, None, -signal.SIGTERM}:  # the latter: before it could listen
                raise ChaosFailed(f"{producer.name} ended with {code}: {producer.said}")

    def stop_recorders(self) -> None:
        """Every recorder was told to end, and did."""
        for recorder in self.recorders:
            code = recorder.stop(self._patience)  # it records first what it has accepted
            if code not in {0, None, -signal.SIGTERM}:  # the latter: before it could listen
                self.crashes.append(f"{recorder.name} ended with {code} when told to stop")

    def record_rest(self) -> None:
        """What still waits at any door is recorded, by a command without a service."""
        environment = self._environment()
        for _ in range(2):  # what was handed over to another partition comes a turn later
            command = tasktrail("tasks", "--json", without=self._without(is_producer=False))
            rest = Child(command, self.folder / "rest.log", environment=environment)
            rest.start()
            if rest.wait(self._patience) != 0:
                raise ChaosFailed(f"the last command failed: {rest.said}")


def _url(line: Proxy | None) -> str:
    return "" if line is None else f"redis://127.0.0.1:{line.port}/0"
