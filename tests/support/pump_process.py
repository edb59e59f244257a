"""A process that says so and pumps one Redis into one data root until it is killed: ROOT URL."""

import sys
import threading
import time
from pathlib import Path

from tasktrail.ingest.redis_pump import RedisPump
from tasktrail.ingest.spool_writer import SpoolWriter
from tasktrail.store.layout import layout_of
from tasktrail.store.root import open_root
from tests.support.pumping import GROUP, STREAM


def clock() -> int:
    """Microseconds since the epoch."""
    return time.time_ns() // 1000


def main(root: str, url: str) -> None:
    """Pump; nothing but a signal ends it."""
    layout = layout_of(Path(root))
    opened = open_root(layout, partitions=None)
    spool = SpoolWriter(layout, opened, segment_bytes=1 << 20, clock=clock)
    pump = RedisPump(
        layout,
        spool,
        url=url,
        stream=STREAM,
        group=GROUP,
        trim="acked",
        batch=100,
        clock=clock,
    )
    print("pumping", flush=True)  # noqa: T201 - who kills it waits for that
    pump.run(threading.Event())


if __name__ == "__main__":
    main(*sys.argv[1:])
