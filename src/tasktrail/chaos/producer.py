"""A producer as a process of its own: it sends numbered events until it has sent them all.

    python -m tasktrail.chaos.producer NAME --events N --tasks N --ledger FILE …

It writes its ledger around every batch, so it can be killed at any moment and started again: what
was tried and not accepted is sent once more if its events carry an identity, else left alone. Now
and then it sends again what was accepted long ago. A batch is told as accepted only if the disk
still worked afterwards, where one is named: at the moment of a power cut a sync may lie.
"""

import argparse
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tasktrail.chaos.doors import Door, HttpDoor, NotAccepted, RedisDoor, SdkDoor
from tasktrail.chaos.events import WINDOW, event_of, kind_of
from tasktrail.chaos.ledger import Batch, Ledger, read_ledger

RESEND_CHANCE: Final = 0.1
PAUSE_SECONDS: Final = 0.05  # after a refusal
REMEMBERED: Final = 1_000  # batches that may be sent again


class Producer:
    """One producer with its door and its ledger."""

    def __init__(self, name: str, door: Door, ledger: Path, *, tasks: int, probe: Path) -> None:
        self.stopping = False
        self._name = name
        self._kind = kind_of(name)
        self._door = door
        self._story = read_ledger(ledger)
        self._ledger = Ledger(ledger)
        self._tasks = tasks
        self._probe = probe
        self._dice = random.Random(f"{name} {self._story.next_number}")
        self._old = [one.batch for one in self._story.accepted][-REMEMBERED:]

    def run(self, events: int, rate: float) -> bool:
        """Whether everything up to that number was sent; at most so many events a second."""
        began, sent = time.monotonic(), 0
        for batch in self._batches(events):
            if not self._deliver(batch):
                return False
            self._send_again_by_chance()
            sent += len(batch.numbers)
            early = sent / rate - (time.monotonic() - began)
            if early > 0:
                time.sleep(early)
        return not self.stopping

    def _batches(self, events: int) -> Iterator[Batch]:
        """What is still open, then everything new."""
        if self._kind.is_named:
            yield from self._story.open_batches()
        first, window = self._story.next_number, list[Batch]()
        while first < events and not self.stopping:
            last = min(first + self._size() - 1, events - 1)
            window.append(Batch(first, last))
            first = last + 1
            if len(window) == WINDOW or not self._kind.is_shuffled or first >= events:
                if self._kind.is_shuffled:
                    self._announce(window)
                yield from window
                window = []

    def _announce(self, window: list[Batch]) -> None:
        """The batches in another order; all are noted first, so that none is forgotten."""
        self._dice.shuffle(window)
        for batch in window:
            self._ledger.note_try(batch)

    def _size(self) -> int:
        return self._dice.randint(1, self._kind.max_batch)

    def _deliver(self, batch: Batch) -> bool:
        """Whether the batch needs no more care; a named one is sent until it is accepted."""
        while not self.stopping:
            if self._try(batch) or not self._kind.is_named:
                return True
            time.sleep(PAUSE_SECONDS)
        return False

    def _try(self, batch: Batch) -> bool:
        probe = self._current_probe()
        self._ledger.note_try(batch)
        try:
            ids = self._door.send([event_of(self._name, n, self._tasks) for n in batch.numbers])
            self._check(probe)
        except (NotAccepted, OSError):
            return False
        self._ledger.note_accepted(batch, ids)
        self._old.append(batch)
        return True

    def _current_probe(self) -> str | None:
        """The file that stands for this life of the disk; `None` where nobody cuts the power."""
        try:
            return str(self._probe.readlink())
        except OSError:
            return None

    def _check(self, probe: str | None) -> None:
        """Raises OSError when the disk did not live from before the batch until now."""
        if probe is None:
            return
        os.utime(probe)
        if self._current_probe() != probe:
            raise OSError("the power was cut meanwhile")

    def _send_again_by_chance(self) -> None:
        if self._kind.is_named and self._old and self._dice.random() < RESEND_CHANCE:
            del self._old[:-REMEMBERED]
            self._try(self._dice.choice(self._old))

    def close(self) -> None:
        """Door and ledger are closed."""
        self._door.close()
        self._ledger.close()


def open_door(name: str, arguments: argparse.Namespace) -> Door:
    """The door of that producer's kind."""
    kind = kind_of(name)
    if kind.door == "redis":
        return RedisDoor(arguments.redis, arguments.stream, is_packed=kind.is_packed)
    if kind.door == "http":
        return HttpDoor(arguments.http, random.Random(f"{name} hangs up"))
    return SdkDoor(arguments.root, is_durable=kind.is_durable)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tasktrail.chaos.producer")
    parser.add_argument("name")
    parser.add_argument("--events", type=int, required=True)
    parser.add_argument("--rate", type=float, default=float("inf"))
    parser.add_argument("--tasks", type=int, default=20)
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--probe", type=Path, default=Path("no-probe"))
    parser.add_argument("--root", type=Path)
    parser.add_argument("--http")
    parser.add_argument("--redis")
    parser.add_argument("--stream", default="task_events")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """0 when everything was sent, 1 when it was told to stop before."""
    told = _parse(arguments)
    producer = Producer(
        told.name, open_door(told.name, told), told.ledger, tasks=told.tasks, probe=told.probe
    )

    def stop(*_: object) -> None:
        producer.stopping = True

    signal.signal(signal.SIGTERM, stop)
    try:
        return 0 if producer.run(told.events, told.rate) else 1
    finally:
        producer.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
