"""The guards of the product, each with a way to take it out of one process.

Nothing in the product can switch a guard off. Here it is replaced from outside in a child that
exists for that (see `weakened`), so that a run without it can be seen to fail: a zero is worth
something only if its control is none. A guard names what it replaces; where the product no longer
has that, removing it raises instead of proving nothing.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final, NamedTuple

from tasktrail.chaos.trouble import ChaosFailed

WIDEN_SECONDS: Final = 0.05  # how long a removed order leaves its window open

Make = Callable[[Any], Any]  # from what stands there to what shall stand there


class Guard(NamedTuple):
    """One guard: the rule it holds, the run that must fail without it, and how it is removed."""

    rule: str
    run: str  # faults | removals | ext4 | xfs | syscalls
    replaces: dict[str, Make]  # module:name or module:class.name
    only: str | None = None  # the one fault that shows it soonest
    is_producers: bool = False  # it guards producers, not recorders


def _nothing(_original: Any) -> Any:  # noqa: ANN401 - stands for any function of the product
    return lambda *_args, **_named: None


def _always(value: object) -> Make:
    return lambda _original: lambda *_args, **_named: value


def _unlocked_block(_original: Any) -> Any:  # noqa: ANN401
    @contextmanager
    def holding(_self: object) -> Iterator[None]:
        yield

    return holding


class _NoLock:
    """A lock that everybody gets."""

    def __init__(self, path: Any) -> None:  # noqa: ANN401
        self.path = path
        self.held = False

    def acquire(self, timeout_seconds: float = 0) -> bool:
        """Always."""
        del timeout_seconds
        self.held = True
        return True

    def release(self) -> None:
        """Nothing was held."""
        self.held = False


def _segment_unsynced(original: Any) -> Any:  # noqa: ANN401
    def begin(self: Any, *args: Any, **named: Any) -> None:  # noqa: ANN401
        original(self, *args, **named | {"sync": lambda _fd: None})

    return begin


def _lines_unsynced(original: Any) -> Any:  # noqa: ANN401
    def begin(self: Any, *args: Any, **named: Any) -> None:  # noqa: ANN401
        original(self, *args, **named | {"sync": lambda _fds: None})

    return begin


def _checkpoint_first(original: Any) -> Any:  # noqa: ANN401
    def commit(self: Any, batch: Any) -> None:  # noqa: ANN401
        module = import_module("tasktrail.ingest.partition")
        early = self._checkpoint_here(self.checkpoint.counters)
        module.write_checkpoint(self._layout, self.number, early)
        time.sleep(WIDEN_SECONDS)
        original(self, batch)

    return commit


def _acknowledge_first(original: Any) -> Any:  # noqa: ANN401
    def pump(self: Any, entries: Any) -> None:  # noqa: ANN401
        self._group.acknowledge([entry_id for entry_id, _ in entries])
        time.sleep(WIDEN_SECONDS)
        original(self, entries)

    return pump


def _place_first(original: Any) -> Any:  # noqa: ANN401
    def move(self: Any, batch: Any) -> None:  # noqa: ANN401
        before = {file: file.offset for file, _ in batch}
        for file, one in batch:
            file.pass_to(one.end)
        for file in before:
            file.remember()
        time.sleep(WIDEN_SECONDS)
        for file, offset in before.items():
            file.pass_to(offset)
        original(self, batch)

    return move


def _highest_only(_original: Any) -> Any:  # noqa: ANN401
    def find(self: Any, identity: str) -> bool:  # noqa: ANN401
        return not self._identities.is_above(identity)

    return find


def _new_ones_first(original: Any) -> Any:  # noqa: ANN401
    def begin(self: Any, *args: Any, **named: Any) -> None:  # noqa: ANN401
        original(self, *args, **named)
        self._is_draining = False

    return begin


class _Retrying:
    """A connection that opens itself again and sends once more what was not answered."""

    def __init__(self, open_again: Callable[[], Any]) -> None:
        self._open_again = open_again
        self._link = open_again()
        self._lost = import_module("tasktrail.ingest.redis_pump_link").LinkLost

    def send(self, *commands: Any) -> Any:  # noqa: ANN401
        """The replies, perhaps of the second time."""
        try:
            return self._link.send(*commands)
        except self._lost:
            self._link = self._open_again()
            return self._link.send(*commands)

    def close(self) -> None:
        """The connection is closed."""
        self._link.close()


def _retrying_link(original: Any) -> Any:  # noqa: ANN401
    return lambda url: _Retrying(lambda: original(url))


def _unsynced_file(_original: Any) -> Any:  # noqa: ANN401
    def write_new(path: str, blob: bytes, dir_fd: int | None) -> None:
        files = import_module("tasktrail.store.files")
        fd = files._create(path, dir_fd)  # noqa: SLF001 - it stands in for its neighbour
        try:
            files.write_at(fd, blob, 0)
        finally:
            files.os.close(fd)

    return write_new


def _no_gap(_original: Any) -> Any:  # noqa: ANN401
    def compare(state: Any, _look: Any) -> Any:  # noqa: ANN401
        return state, None

    return compare


GUARDS: Final[dict[str, Guard]] = {
    "owner-lock": Guard(
        "a partition has one owner, by a lock",
        "faults",
        {"tasktrail.ingest.ownership:FileLock": lambda _original: _NoLock},
    ),
    "append-lock": Guard(
        "processes append to a spool one after the other",
        "faults",
        {"tasktrail.ingest.spool_lock:AppendLock.holding": _unlocked_block},
    ),
    "pump-lock": Guard(
        "one process pumps a stream",
        "faults",
        {"tasktrail.ingest.redis_pump:FileLock": lambda _original: _NoLock},
    ),
    "checkpoint-order": Guard(
        "the checkpoint moves after the trails are written",
        "faults",
        {"tasktrail.ingest.partition:Partition._commit": _checkpoint_first},
    ),
    "ack-order": Guard(
        "Redis is told after the spool has it",
        "faults",
        {"tasktrail.ingest.redis_pump_work:PumpWork._pump": _acknowledge_first},
        only="kill all recorders",
    ),
    "outbox-order": Guard(
        "an outbox's place is remembered after the spool has it",
        "faults",
        {"tasktrail.ingest.outbox_pump:OutboxPump._move": _place_first},
        only="kill all recorders",
    ),
    "dedupe": Guard(
        "an identity is recorded once",
        "faults",
        {"tasktrail.store.trail:TrailWriter.find": _always(value=False)},
    ),
    "membership": Guard(
        "known is what is there, not what is below the highest",
        "faults",
        {
            "tasktrail.store.trail:TrailWriter.find": _highest_only,
            "tasktrail.store.trail:TrailWriter.same_content": _always(value=True),
        },
    ),
    "hold-journal": Guard(
        "held webhooks are on disk",
        "faults",
        {"tasktrail.store.hold_journal:HoldJournal.append": _nothing},
        only="kill all recorders",
    ),
    "pending-first": Guard(
        "what was delivered and not acknowledged is read first",
        "faults",
        {"tasktrail.ingest.redis_pump_work:PumpWork.__init__": _new_ones_first},
        only="kill all recorders",
    ),
    "no-retries": Guard(
        "a read of Redis is never sent twice",
        "faults",
        {"tasktrail.ingest.redis_pump:open_link": _retrying_link},
        only="lose replies",
    ),
    "gaps": Guard(
        "what vanished from Redis is counted and told",
        "removals",
        {
            "tasktrail.ingest.redis_pump_work:compare_counts": _no_gap,
            "tasktrail.ingest.redis_pump_work:lost_unseen": _nothing,
            "tasktrail.ingest.redis_pump_work:trimmed_gap": _nothing,
        },
        only="trim the stream",
    ),
    "spool-sync": Guard(
        "accepted is what is on disk",
        "ext4",
        {
            "tasktrail.ingest.spool_commit:OpenSegment.__init__": _segment_unsynced,
            "tasktrail.ingest.spool_lines:DurableLines.__init__": _lines_unsynced,
        },
    ),
    "trail-sync": Guard(
        "trails are on disk before the checkpoint",
        "ext4",
        {"tasktrail.store.trail_batch:sync_files": _nothing},
    ),
    "cut-back": Guard(
        "a trail is cut back to the checkpoint when it is opened",
        "syscalls",
        {"tasktrail.ingest.partition:Partition._open_below": _nothing},
        only="cut",
    ),
    "outbox-sync": Guard(
        "a durable call of the SDK returns after its sync",
        "ext4",
        {"tasktrail.sdk.outbox:Outbox._try_to_sync": _always(value=True)},
        is_producers=True,
    ),
    "rename-sync": Guard(
        "a file is on disk before it takes another one's place",
        "xfs",
        {"tasktrail.store.files:_write_new": _unsynced_file},
    ),
    "open-sync": Guard(
        "what is found in a trail is cut back, or synced, before it is trusted",
        "syscalls",
        {
            "tasktrail.store.repair:_sync": _nothing,
            "tasktrail.ingest.partition:Partition._open_below": _nothing,
        },
        only="kill",
    ),
}


def remove(name: str) -> None:
    """The guard is gone from this process; raises ChaosFailed where it is not as expected."""
    for target, make in GUARDS[name].replaces.items():
        owner, attribute = find(target)
        setattr(owner, attribute, make(getattr(owner, attribute)))


def find(target: str) -> tuple[Any, str]:
    """The module or class that holds the target, and its name there; raises ChaosFailed."""
    module, _, path = target.partition(":")
    *owners, attribute = path.split(".")
    try:
        found: Any = import_module(module)
        for name in owners:
            found = getattr(found, name)
        getattr(found, attribute)
    except (ImportError, AttributeError) as error:
        raise ChaosFailed(f"expected {target} in the product, found none: {error}") from error
    return found, attribute
