"""A batch over any number of trails, written and synced with few files open at a time."""

from collections.abc import Iterable
from typing import Final

from tasktrail.store.files import Replacement, replace_all, sync_files
from tasktrail.store.trail import TrailWriter

MAX_OPEN_FILES: Final = 512  # a process may usually have 1,024 open, and others need theirs
MAX_DOCUMENT_BYTES: Final = 16 << 20  # of documents that wait for one sync


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


def write_documents(
    writers: Iterable[TrailWriter], *, force: bool, max_open_files: int = MAX_OPEN_FILES
) -> None:
    """The documents that are due are on disk; trails that rested rest again.

    Many documents share their syncs: one after the other they would cost two each.
    """
    group = _Documents()
    for writer in writers:
        group.add(writer, force=force)
        if group.is_full(max_open_files):
            group.write()
    group.write()


class _Documents:
    """Documents that are written together."""

    def __init__(self) -> None:
        self._writers: list[TrailWriter] = []
        self._woken: list[TrailWriter] = []  # to be put to rest again
        self._due: list[Replacement] = []
        self._bytes = 0

    def add(self, writer: TrailWriter, *, force: bool) -> None:
        """What is due of the trail belongs to the group."""
        rested = writer.is_resting
        due = writer.due_documents(force=force)
        if not due:
            return
        self._writers.append(writer)
        if rested:
            self._woken.append(writer)
        self._due += due
        self._bytes += sum(len(one.blob) for one in due)

    def is_full(self, max_open_files: int) -> bool:
        """Whether it is time to write: each document and each directory is an open file."""
        files = len(self._due) + len(self._writers)
        return files >= max_open_files or self._bytes >= MAX_DOCUMENT_BYTES

    def write(self) -> None:
        """The group is on disk and empty."""
        replace_all(self._due)
        for writer in self._writers:
            writer.documents_written()
        for writer in self._woken:
            writer.rest()
        self._writers.clear()
        self._woken.clear()
        self._due.clear()
        self._bytes = 0
