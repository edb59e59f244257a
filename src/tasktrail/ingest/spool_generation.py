"""Whether the root is still the one this process opened.

Changing the number of partitions raises the root's generation while every append lock is held. An
appender that asks under its lock can therefore never write to a partition that is no longer the
right one.
"""

import os
from typing import NamedTuple

from tasktrail.errors import RootUnusable
from tasktrail.store.layout import Layout
from tasktrail.store.root import Root, read_root


class _Mark(NamedTuple):
    """What changes whenever root.json is replaced."""

    device: int
    inode: int
    modified_ns: int
    size: int


class Generation:
    """The root as it was opened, compared with the disk at the price of one stat."""

    def __init__(self, layout: Layout, root: Root) -> None:
        self._layout = layout
        self._path = str(layout.root_json)  # asked at each append: joining paths costs more
        self._root = root
        self._seen: _Mark | None = None

    def check(self) -> None:
        """Nothing while the root is the same; raises RootUnusable when it is another or gone."""
        mark = self._mark()
        if mark == self._seen:
            return
        found = read_root(self._layout)
        expected = self._root
        if (found.volume_id, found.generation) != (expected.volume_id, expected.generation):
            raise RootUnusable(
                f"{self._layout.root}: expected generation {expected.generation} of volume "
                f"{expected.volume_id}, found generation {found.generation} of {found.volume_id}: "
                "start again"
            )
        self._seen = mark

    def _mark(self) -> _Mark:
        try:
            found = os.stat(self._path)  # noqa: PTH116 - as above
        except OSError as error:
            raise RootUnusable(f"the mark of {self._layout.root} is gone: {error}") from error
        return _Mark(found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)
