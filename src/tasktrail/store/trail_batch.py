"""A batch over any number of trails, written and synced with few files open at a time."""

from collections.abc import Iterable
from typing import Final

from tasktrail.store.files import sync_files
from tasktrail.store.trail import TrailWriter

MAX_OPEN_FILES: Final = 512  # a process may usually have 1,024 open, and others need theirs


def write_trails(writers: Iterable[TrailWriter], *, max_open_files: int = MAX_OPEN_FILES) -> None:
    """Everything that was added to the trails is on disk.

    A batch that fits is synced once and its files stay open for the next one; a larger batch is
    synced in groups whose files are closed. Raises StorageFailed; then close and open the trails
    again.
    """
    fds: list[int] = []
    group: list[TrailWriter] = []
    for writer in writers:
        fds += writer.write()
        group.append(writer)
        if len(fds) >= max_open_files:
            sync_files(fds)
            for one in group:
                one.rest()
            fds.clear()
            group.clear()
    sync_files(fds)
