"""Waiting for a service in another process to have done all that it was given.

The files of its root tell it: what a service says of itself may be the figures of a second ago.
"""

from contextlib import closing
from pathlib import Path

from tasktrail.index.state import open_index
from tasktrail.query.present_trails import PresentTrails
from tasktrail.service.backlog import measure_backlog
from tasktrail.store.layout import layout_of
from tasktrail.store.root import read_root
from tests.support.waiting import wait_until


def settle(path: Path) -> None:
    """Everything that the root's spool holds is recorded and indexed, however long it takes."""
    wait_until(lambda: not is_behind(path), what="the end of what waits")


def is_behind(path: Path) -> bool:
    """Whether something is accepted and not yet recorded, or recorded and not yet indexed."""
    layout = layout_of(path)
    root = read_root(layout)
    if measure_backlog(layout, root.partitions).bytes:
        return True
    index = open_index(layout, root, leaves_no_trace=True)
    with closing(index.database):
        return PresentTrails(layout, root, index).is_behind
