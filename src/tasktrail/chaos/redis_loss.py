"""What a Redis loses that answered: the window of the Redis door, measured.

A producer adds as fast as one connection can and notes each answer; then the process of Redis is
killed, or the power of its disk is cut. What was answered and is not there afterwards is the loss.
Nothing of Tasktrail is involved: this is what an entry risks until the pump has taken it.
"""

import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

from msgspec import Struct

from tasktrail.chaos.processes import free_port, redis_server, wait_for_port
from tasktrail.chaos.volume import Volume
from tasktrail.ingest.redis_pump import open_link
from tasktrail.ingest.redis_pump_link import LinkLost, ask

FSYNCS: Final = ("always", "everysec", "none")
ENTRIES_PER_SEND: Final = 20
LOAD_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.05
FILLER: Final = "x" * 200


class Loss(Struct):
    """What was answered and what of it was lost, over all rounds."""

    fsync: str
    blow: str  # kill | power cut
    rounds: int = 0
    answered: int = 0
    lost: int = 0
    worst: int = 0  # the most in one round
    worst_seconds: float = 0.0  # how old the oldest lost entry was


class _Producer(threading.Thread):
    """Adds entries until Redis is gone; notes when each was answered."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self.answered: list[tuple[str, float]] = []

    def run(self) -> None:
        """One pipeline after the other."""
        link = open_link(self._url)
        add = ("XADD", "loss", "*", "filler", FILLER)
        try:
            while True:
                replies = link.send(*[add] * ENTRIES_PER_SEND)
                now = time.monotonic()
                self.answered += [
                    (bytes(one).decode(), now) for one in replies if isinstance(one, bytes)
                ]
        except LinkLost:
            link.close()


def measure_loss(
    folder: Path, fsync: str, *, volume_kind: str | None, rounds: int, seconds: float
) -> Loss:
    """The loss over that many blows; `volume_kind`: power cuts on such a disk, `None`: kills."""
    loss = Loss(fsync, "kill" if volume_kind is None else f"power cut on {volume_kind}")
    for number in range(rounds):
        place = folder / f"{fsync}-{number}"
        place.mkdir(parents=True)
        with ExitStack() as stack:
            volume = stack.enter_context(Volume(place, volume_kind)) if volume_kind else None
            disk = place if volume is None else volume.path
            _one_blow(Blow(disk, place / "redis-server.log", volume), seconds, loss)
    return loss


class Blow(NamedTuple):
    """Where a Redis works, where it says what it says, and whose power is cut under it."""

    disk: Path
    log: Path
    volume: Volume | None


def _one_blow(blow: Blow, seconds: float, loss: Loss) -> None:
    volume, port = blow.volume, free_port()
    server = redis_server(blow.disk / "redis", port, loss.fsync, log=blow.log)
    url = f"redis://127.0.0.1:{port}/0"
    server.start()
    try:
        wait_for_port(port, server)
        producer = _Producer(url)
        producer.start()
        time.sleep(seconds)
        while producer.is_alive() and not producer.answered:
            time.sleep(LOOK_SECONDS)
        at = time.monotonic()  # before: a sync that is under way at the cut may lie
        if volume is not None:
            volume.cut()
        server.kill()
        producer.join()
        if volume is not None:
            volume.power_on()
            (blow.disk / "redis").mkdir(exist_ok=True)  # an unsynced directory is gone, too
        server.start()
        wait_for_port(port, server)
        _count(loss, producer.answered, _entries_of(url), at)
    finally:
        server.kill()


def _entries_of(url: str) -> set[str]:
    deadline = time.monotonic() + LOAD_SECONDS
    while True:
        link = open_link(url)
        try:
            found = ask(link, "XRANGE", "loss", "-", "+")
            return {bytes(entry[0]).decode() for entry in found}
        except LinkLost:  # it still reads its file
            if time.monotonic() > deadline:
                raise
            time.sleep(LOOK_SECONDS)
        finally:
            link.close()


def _count(loss: Loss, answered: list[tuple[str, float]], there: set[str], at: float) -> None:
    counted = [(one, when) for one, when in answered if when < at]
    lost = [when for one, when in counted if one not in there]
    loss.rounds += 1
    loss.answered += len(counted)
    loss.lost += len(lost)
    loss.worst = max(loss.worst, len(lost))
    if lost:
        loss.worst_seconds = max(loss.worst_seconds, at - min(lost))
