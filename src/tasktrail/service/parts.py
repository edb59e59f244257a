"""The parts of a data root, wired once: what a service runs and what a command uses without one."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from tasktrail.errors import InvalidSetting
from tasktrail.index.indexer import Indexer
from tasktrail.index.state import Index, open_index
from tasktrail.ingest.outbox_pump import OutboxPump
from tasktrail.ingest.recording import Recording
from tasktrail.ingest.redis_pump import RedisPump
from tasktrail.ingest.spool_writer import SpoolWriter
from tasktrail.query.reader import Reader
from tasktrail.settings import Settings
from tasktrail.store.layout import Layout, layout_of
from tasktrail.store.root import Root, open_root
from tasktrail.store.watch import Watch


class Parts(Struct, frozen=True):
    """Everything that works on one root in this process."""

    settings: Settings
    layout: Layout
    root: Root
    spool: SpoolWriter
    watch: Watch
    recording: Recording
    outbox_pump: OutboxPump
    redis_pumps: tuple[RedisPump, ...]
    index: Index
    indexer: Indexer
    reader: Reader


def clock() -> int:
    """Microseconds since the epoch."""
    return time.time_ns() // 1_000


def layout_for(settings: Settings) -> Layout:
    """Where the settings say that the root is."""
    return layout_of(settings.data, settings.logs_dir)


@contextmanager
def open_parts(settings: Settings) -> Iterator[Parts]:
    """The parts, ready to run; the root is made when there is none.

    Raises RootUnusable or InvalidSetting.
    """
    if settings.index:
        raise InvalidSetting("TASKTRAIL_INDEX: expected none: only SQLite in the root is built yet")
    layout = layout_for(settings)
    root = open_root(layout, partitions=settings.partitions)
    spool = SpoolWriter(layout, root, segment_bytes=settings.segment_bytes, clock=clock)
    index = open_index(layout, root)
    try:
        yield _wired(settings, layout, root, spool, index)
    finally:
        spool.close()
        index.database.close()


def _wired(
    settings: Settings, layout: Layout, root: Root, spool: SpoolWriter, index: Index
) -> Parts:
    watch = Watch()
    return Parts(
        settings=settings,
        layout=layout,
        root=root,
        spool=spool,
        watch=watch,
        recording=Recording(layout, root, spool=spool, watch=watch),
        outbox_pump=OutboxPump(
            layout, spool, clock=clock, max_event_bytes=settings.max_event_bytes
        ),
        redis_pumps=tuple(_redis_pumps(settings, layout, spool)),
        index=index,
        indexer=Indexer(layout, root, index.database),
        reader=Reader(layout, root, index),
    )


def _redis_pumps(settings: Settings, layout: Layout, spool: SpoolWriter) -> Iterator[RedisPump]:
    """One pump per stream, where a Redis is configured."""
    for stream in settings.redis_stream if settings.redis_url else ():
        yield RedisPump(
            layout,
            spool,
            url=settings.redis_url or "",
            stream=stream,
            group=settings.redis_consumer_group,
            trim=settings.redis_trim,
            batch=settings.max_batch_size,
            clock=clock,
            max_event_bytes=settings.max_event_bytes,
        )
