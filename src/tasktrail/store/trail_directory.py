"""A trail's directory and channel files, opened so that no link is followed on the way.

The directory of a family is the user's choice and may be reached by links; from there on every
name is opened relative to the directory above it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tasktrail.model.channels import CHANNEL_FILES
from tasktrail.model.ids import TrailKey
from tasktrail.store.files import DIRECTORY_MODE, explained, open_directory, open_to_read
from tasktrail.store.layout import Layout


def open_family(layout: Layout, family: str) -> int:
    """A descriptor of the directory that holds a family's trails."""
    path = layout.family(family)
    with explained("open directory", path):
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def find_directory(layout: Layout, family: str, name: str) -> int | None:
    """A descriptor of the trail's directory; `None` when there is no such trail."""
    try:
        above = open_family(layout, family)
    except FileNotFoundError:
        return None
    try:
        return open_directory(name, dir_fd=above)
    except FileNotFoundError:
        return None
    finally:
        os.close(above)


def create_directory(key: TrailKey, family: int) -> int:
    """A descriptor of the trail's directory, made in its family's; whoever asked syncs both."""
    with explained("make directory", key.name), suppress(FileExistsError):  # or planted: see below
        os.mkdir(key.directory, DIRECTORY_MODE, dir_fd=family)
    return open_directory(key.directory, dir_fd=family)


@contextmanager
def reading(layout: Layout, family: str, name: str) -> Iterator[dict[str, int]]:
    """A block in which every channel that the trail has is open: channel → descriptor."""
    directory = find_directory(layout, family, name)
    if directory is None:
        yield {}
        return
    channels: dict[str, int] = {}
    try:
        for channel in CHANNEL_FILES:
            fd = find_channel(directory, channel)
            if fd is not None:
                channels[channel] = fd
        yield channels
    finally:
        for fd in (directory, *channels.values()):
            os.close(fd)


def find_channel(directory: int, channel: str) -> int | None:
    """A descriptor to read a channel of the trail; `None` when it has no such file yet."""
    try:
        return open_to_read(CHANNEL_FILES[channel], dir_fd=directory)
    except FileNotFoundError:
        return None
