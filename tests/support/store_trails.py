"""Trails for the tests of the store: small events, recorded as a recorder would."""

import os
from pathlib import Path

from tasktrail.model.event import Event, parse_event
from tasktrail.model.ids import TrailKey
from tasktrail.store.files import sync_files
from tasktrail.store.layout import Layout, layout_of
from tasktrail.store.root import open_root
from tasktrail.store.trail import TrailWriter
from tasktrail.store.trail_batch import write_documents

KEY = TrailKey("tasks", "gh-1")
RECORDED_AT = 1_760_000_000_000_000  # µs since the epoch
POS_STEP = 100  # each event of these tests takes so many bytes of the spool
TYPES = ("task:output", "task:log", "task:created", "task:api_call")


def new_root(tmp_path: Path) -> Layout:
    """The layout of a fresh root."""
    layout = layout_of(tmp_path / "root")
    open_root(layout, partitions=None)
    return layout


def event_of(number: int, *, text: str = "") -> Event:
    """An event; successive numbers go through several channels."""
    kind = TYPES[number % len(TYPES)]
    words = (text or f"words {number}").encode()
    body = b'{"content":"%b","message":"%b"}' % (words, words)
    return parse_event(b'{"type":"%b","data":%b}' % (kind.encode(), body))


def add(writer: TrailWriter, numbers: range) -> None:
    """Those events added under the identities `src:<number>`, not yet written."""
    for number in numbers:
        writer.add(
            event_of(number),
            identity=f"src:{number}",
            recorded_at=RECORDED_AT + number,
            pos=number * POS_STEP,
        )


def record(layout: Layout, numbers: range, *, key: TrailKey = KEY, keep_below: int = 0) -> None:
    """Those events recorded, synced and their documents written; the writer closed again."""
    writer = TrailWriter.open(layout, key, keep_below=keep_below)
    add(writer, numbers)
    sync_files(writer.write())
    write_documents([writer], force=True)
    writer.close()


def files_of(directory: Path) -> dict[str, bytes]:
    """Name and bytes of every file in a trail's directory."""
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}


def open_descriptors() -> int:
    """How many descriptors this process has open."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a count, no paths


class Synced:
    """Stands in for the system's syncs and keeps which paths were synced, in their order."""

    def __init__(self) -> None:
        self.paths: list[Path] = []

    def __call__(self, fd: int) -> None:
        """The path behind the descriptor kept."""
        self.paths.append(Path(f"/proc/self/fd/{fd}").readlink())

    def names(self) -> list[str]:
        """The last parts of the paths."""
        return [path.name for path in self.paths]
