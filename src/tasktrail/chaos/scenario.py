"""What a process does while it is broken at one of its system calls: every door, every journal.

It accepts by the spool and by the SDK, takes on the outboxes and what Redis holds, records, hands a
webhook over, indexes. What was accepted stands in ledgers; the same work is
then repeated by whoever comes after.
"""

from pathlib import Path
from typing import Final

from tasktrail.chaos.checker import SUFFIX
from tasktrail.chaos.doors import NotAccepted, RedisDoor, SdkDoor
from tasktrail.chaos.events import event_of, is_flow
from tasktrail.chaos.ledger import Batch, Ledger
from tasktrail.errors import TasktrailError
from tasktrail.model.acceptance import Accepted
from tasktrail.model.codec import encode
from tasktrail.service.local import open_local
from tasktrail.service.parts import Parts, open_parts
from tasktrail.settings import Settings

TASKS: Final = 2  # few files: each is synced by itself, and a power cut can come between
MANY_TASKS: Final = 6  # so many files that the whole file system is synced at once
BATCHES: Final = 3
BATCH: Final = 8


def settings_of(root: Path, redis: str | None) -> Settings:
    """Two partitions, small segments."""
    return Settings(
        data=root, logs_dir=root / "tasks", redis_url=redis, partitions=2, segment_bytes=4_096
    )


def prepare_root(settings: Settings, ledgers: Path) -> None:
    """A root that has been used before, an outbox of a dead process, entries in Redis."""
    with open_parts(settings) as parts:
        _accept(parts, "http-1", range(2), ledgers)
    with open_local(settings):
        pass
    if settings.redis_url:
        for name in ("redis-1", "flow-1"):
            _add(settings.redis_url, name, ledgers)


def work(settings: Settings, ledgers: Path, life: int) -> None:
    """Accept, record and index, as far as the disk lets it."""
    try:
        with open_parts(settings) as parts:
            _accept(parts, f"http-{2 + life}", range(BATCHES), ledgers)
    except (TasktrailError, OSError):
        pass  # not accepted, and not told so
    record(settings)
    _log(settings.data, f"durable-{2 + life}", ledgers)
    record(settings)


def record(settings: Settings) -> None:
    """What waits is recorded and indexed."""
    with open_local(settings):
        pass


def _accept(parts: Parts, name: str, batches: range, ledgers: Path) -> None:
    ledger = Ledger(ledgers / (name + SUFFIX))
    for number in batches:
        batch = _batch(number)
        ledger.note_try(batch)
        parts.spool.append([_accepted(name, n) for n in batch.numbers])
        ledger.note_accepted(batch, [])
    ledger.close()


def _accepted(name: str, number: int) -> Accepted:
    event = event_of(name, number, TASKS)
    return Accepted(encode(event), f"{name}:{number}", str(event["task_id"]))


def _batch(number: int) -> Batch:
    return Batch(number * BATCH, number * BATCH + BATCH - 1)


def _log(root: Path, name: str, ledgers: Path) -> None:
    door = SdkDoor(root, is_durable=True)
    _send(door, name, ledgers, TASKS)
    door.close()


def _add(url: str, name: str, ledgers: Path) -> None:
    door = RedisDoor(url, "task_events", is_packed=False)
    _send(door, name, ledgers, TASKS if is_flow(name) else MANY_TASKS)
    door.close()


def _send(door: SdkDoor | RedisDoor, name: str, ledgers: Path, tasks: int) -> None:
    ledger = Ledger(ledgers / (name + SUFFIX))
    for number in range(BATCHES):
        batch = _batch(number)
        ledger.note_try(batch)
        try:
            ids = door.send([event_of(name, n, tasks) for n in batch.numbers])
        except NotAccepted:
            continue
        ledger.note_accepted(batch, ids)
    ledger.close()
