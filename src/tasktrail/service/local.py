"""Reading a root with no service of ours running: first what a service would do, then the answer.

Whatever waits in outboxes, in Redis and in the spool is recorded and indexed, as far as the locks
are free. Where another process holds one, its work is waited for, a few seconds at most; then that
is said, and what is recorded is read. A root that cannot be written to is only read.
"""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tasktrail.errors import LockHeld, TasktrailError
from tasktrail.index.indexer import index_in_memory
from tasktrail.query.reader import Reader
from tasktrail.service.parts import Parts, layout_for, open_parts
from tasktrail.settings import Settings, is_default_root
from tasktrail.store.root import check_is_begun, read_root

log = logging.getLogger(__name__)

PATIENCE_SECONDS: Final = 5.0
OUTBOX_SECONDS: Final = 1.0  # a busy outbox says only now and then how far it was read
PASSES: Final = 3  # a webhook's flow that is handed over waits in another partition's spool


class LocalReader:
    """A reader of a root, and what brings it up to date."""

    def __init__(self, reader: Reader, parts: Parts | None) -> None:
        self.reader = reader
        self._parts = parts

    def refresh(self, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Answers hold everything that is accepted by now, or it is logged why they do not."""
        if self._parts is None:
            return
        try:
            _bring_in(self._parts, min(patience_seconds, OUTBOX_SECONDS))
            _record(self._parts, patience_seconds)
            _index(self._parts)
        except (TasktrailError, OSError) as error:
            log.warning("the newest events may be missing: %s", error)


@contextmanager
def open_local(settings: Settings) -> Iterator[LocalReader]:
    """The root's reader, brought up to date; raises RootUnusable or InvalidSetting.

    Who only reads makes no root, but the one where data goes when nobody says anything.
    """
    if _is_read_only(settings):
        layout = layout_for(settings)
        root = read_root(layout)
        index = index_in_memory(layout, root)
        try:
            yield LocalReader(Reader(layout, root, index, wait_seconds=0), None)
        finally:
            index.database.close()
        return
    if not is_default_root(settings.data):
        check_is_begun(settings.data)
    with open_parts(settings) as parts:
        local = LocalReader(parts.reader, parts)
        local.refresh()
        yield local


@contextmanager
def open_reader(settings: Settings) -> Iterator[Reader]:
    """The root's reader alone, for one question; raises RootUnusable or InvalidSetting."""
    with open_local(settings) as local:
        yield local.reader


def _is_read_only(settings: Settings) -> bool:
    """Whether there is a root that we may only read."""
    path = settings.data
    return path.is_dir() and not os.access(path, os.W_OK)


def _bring_in(parts: Parts, patience_seconds: float) -> None:
    """What waits at the doors comes into the spool, by us or by whoever holds the doors' locks."""
    parts.outbox_pump.drain(timeout_seconds=patience_seconds)
    for pump in parts.redis_pumps:
        pump.drain()
        status = pump.status()
        if status.state in {"away", "refused", "blocked"}:
            log.warning("nothing was read from Redis: %s", status.reason)


def _record(parts: Parts, patience_seconds: float) -> None:
    """What waits in the spool comes into the trails, by us or by whoever holds its lock."""
    deadline = time.monotonic() + patience_seconds
    try:
        for _ in range(PASSES):
            parts.recording.record_now(timeout_seconds=max(0.0, deadline - time.monotonic()))
    except LockHeld as error:
        log.warning("%s: the newest events may be missing", error)


def _index(parts: Parts) -> None:
    """The index comes after, unless another process does that already."""
    try:
        parts.indexer.catch_up(lock_seconds=0)
    except LockHeld:
        log.debug("another process indexes")
