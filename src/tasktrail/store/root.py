"""The data root: one directory on one volume, marked by its root.json.

The mark says which format, which volume and how many partitions; it is created once, whole, also
by racing processes. A directory that shows signs of an earlier root but has no mark, or stands on
a volume that is not mounted, is refused: a second root must never grow beside the first unnoticed.
"""

import os
import secrets
import time
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from tasktrail.errors import InvalidSetting, RootUnusable, StorageFailed
from tasktrail.model.times import MICROSECONDS, utc_text
from tasktrail.store.files import make_directory, read_all, write_first
from tasktrail.store.layout import Layout
from tasktrail.store.mounts import missing_mount

FORMAT: Final = 1
DEFAULT_PARTITIONS: Final = 1
ROOT_JSON: Final = "root.json"
OUTBOX: Final = "outbox"


class Root(Struct, frozen=True):
    """What root.json says."""

    format: int
    volume_id: str
    partitions: int
    generation: int  # raised whenever the number of partitions changes
    created_at: str


_DECODER: Final = msgspec.json.Decoder(Root)


def open_root(layout: Layout, *, partitions: int | None) -> Root:
    """The root, ready to be written to; made when it does not exist.

    `partitions` counts at the root's birth only: later another value is an InvalidSetting.
    Raises RootUnusable when the directory cannot be used.
    """
    try:
        root = _read(layout.root_json) or _create(layout, partitions)
        for directory in layout.directories(root.partitions):
            make_directory(directory)
    except RootUnusable:
        raise
    except (StorageFailed, FileNotFoundError) as error:
        raise RootUnusable(f"the data root {layout.root} cannot be used: {error}") from error
    if not os.access(layout.root, os.W_OK):
        raise RootUnusable(f"the data root {layout.root} cannot be written to")
    if partitions is not None and partitions != root.partitions:
        raise InvalidSetting(
            f"TASKTRAIL_PARTITIONS: expected {root.partitions}, as {layout.root} was created with, "
            f"found {partitions}; a root keeps the number it was made with"
        )
    return root


def is_begun(path: Path) -> bool:
    """Whether the directory is a data root, or one in which a job has begun to write."""
    return (path / ROOT_JSON).exists() or (path / OUTBOX).is_dir()


def check_is_begun(path: Path) -> None:
    """Raises RootUnusable where nobody has begun a root: a mistyped path must not become one."""
    if not is_begun(path):
        raise _no_root(path)


def _no_root(path: Path) -> RootUnusable:
    found = "no root.json" if path.is_dir() else "no such directory"
    return RootUnusable(
        f"expected a data root in {path}, found {found}; "
        f"`tasktrail serve` or `record` with --data {path} makes one"
    )


def read_root(layout: Layout) -> Root:
    """The root as it is; nothing is created. Raises RootUnusable where there is none."""
    try:
        root = _read(layout.root_json)
    except RootUnusable:
        raise
    except StorageFailed as error:
        raise RootUnusable(f"the data root {layout.root} cannot be read: {error}") from error
    if root is None:
        raise _no_root(layout.root)
    return root


def _read(path: Path) -> Root | None:
    try:
        blob = read_all(path)
    except FileNotFoundError:
        return None
    try:
        root = _DECODER.decode(blob)
    except msgspec.DecodeError as error:
        raise RootUnusable(f"{path}: expected the mark of a data root: {error}") from error
    if root.format != FORMAT:
        raise RootUnusable(f"{path}: expected format {FORMAT}, found {root.format}")
    return root


def _create(layout: Layout, partitions: int | None) -> Root:
    mount = missing_mount(layout.root)
    if mount is not None:
        raise RootUnusable(f"the data root {layout.root} needs the volume {mount}: not mounted")
    signs = [path for path in (layout.partitions, layout.index) if path.exists()]
    if signs:  # another process may be at its first steps: the mark comes before the directories
        root = _read(layout.root_json)
        if root is None:
            raise RootUnusable(
                f"{layout.root} held a data root ({signs[0].name}), its mark is gone"
            )
        return root
    make_directory(layout.root)
    born = Root(
        FORMAT,
        secrets.token_hex(16),
        DEFAULT_PARTITIONS if partitions is None else partitions,
        1,
        utc_text(time.time_ns() // 1000 // MICROSECONDS * MICROSECONDS),
    )
    write_first(layout.root_json, msgspec.json.encode(born) + b"\n")
    return _read(layout.root_json) or born
