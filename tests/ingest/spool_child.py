"""A process of its own for the tests of spool and ownership; the first argument says what it does.

It says on stdout what it has done and does the next step when a line arrives on stdin.
"""

import sys
import threading
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from tasktrail.ingest.ownership import Ownership
from tasktrail.store.layout import layout_of
from tasktrail.store.locks import FileLock
from tasktrail.store.root import read_root
from tests.ingest.spool_support import MIB, accepted, new_writer

THREADS = 2
SMALL_SEGMENT_BYTES = 16 * 1024
LARGEST_BATCH = 20


def append(root: str, name: str, events: str) -> None:
    """Each of two threads appends its numbered events in batches of 1 to 20."""
    layout = layout_of(Path(root))
    writer = new_writer(layout, read_root(layout), segment_bytes=SMALL_SEGMENT_BYTES)
    say("ready")
    sys.stdin.readline()

    def run(producer: str) -> None:
        number = 0
        while number < int(events):
            size = min(1 + number % LARGEST_BATCH, int(events) - number)
            batch = [accepted(f"{producer}:{number + i}", key=producer) for i in range(size)]
            writer.append(batch)
            number += size

    threads = [threading.Thread(target=run, args=(f"{name}-{n}",)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    say("done")


def append_for_ever(root: str) -> None:
    """Small batches without end; says how many events have a receipt."""
    layout = layout_of(Path(root))
    writer = new_writer(layout, read_root(layout))
    number = 0
    while True:
        writer.append([accepted(f"k:{number + i}") for i in range(3)])
        number += 3
        say(str(number))


def append_much(root: str) -> None:
    """One event with a receipt, then one batch that takes the disk a while."""
    layout = layout_of(Path(root))
    writer = new_writer(layout, read_root(layout))
    writer.append([accepted("first")])
    batch = [replace(accepted(f"big:{n}"), event=b'"%b"' % (b"x" * MIB)) for n in range(200)]
    say("ready")
    writer.append(batch)
    say("done")


def hold(path: str) -> None:
    """Hold a lock until killed."""
    lock = FileLock(Path(path))
    say("held" if lock.acquire(1) else "busy")
    sys.stdin.readline()


def own(root: str, partitions: str) -> None:
    """Rebalance whenever told, hand back what is surplus, and say what is owned."""
    ownership = Ownership(layout_of(Path(root)), int(partitions))
    while True:
        ownership.rebalance()
        for p in ownership.surplus():
            ownership.release(p)
        say(" ".join(map(str, sorted(ownership.owned))))
        if not sys.stdin.readline():
            return


def say(line: str) -> None:
    """The line on stdout, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


ROLES: dict[str, Callable[..., None]] = {
    "append": append,
    "append_for_ever": append_for_ever,
    "append_much": append_much,
    "hold": hold,
    "own": own,
}

if __name__ == "__main__":
    ROLES[sys.argv[1]](*sys.argv[2:])
