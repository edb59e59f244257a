"""What the tests of the spool share: fresh roots, events, disks that watch, child processes."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tasktrail.ingest.spool_commit import Disk
from tasktrail.ingest.spool_reader import SpoolFrame, SpoolReader
from tasktrail.ingest.spool_writer import SYSTEM_DISK, SpoolWriter
from tasktrail.model.acceptance import Accepted
from tasktrail.store.checkpoints import Checkpoint, write_checkpoint
from tasktrail.store.files import atomic_write
from tasktrail.store.layout import Layout, layout_of
from tasktrail.store.root import Root, open_root

REPOSITORY = Path(__file__).resolve().parents[2]
NOW = 1_763_776_000_000_000  # µs since the epoch
MIB = 1024 * 1024


def new_root(path: Path, partitions: int = 1) -> tuple[Layout, Root]:
    """A root of its own with that many partitions."""
    layout = layout_of(path / "root")
    return layout, open_root(layout, partitions=partitions)


def write_root(layout: Layout, root: Root) -> None:
    """root.json replaced, as whoever changes the number of partitions would."""
    atomic_write(layout.root_json, msgspec.json.encode(root))


def new_writer(
    layout: Layout, root: Root, *, segment_bytes: int = 64 * MIB, disk: Disk = SYSTEM_DISK
) -> SpoolWriter:
    """A writer of that root whose clock stands still."""
    return SpoolWriter(layout, root, segment_bytes=segment_bytes, clock=lambda: NOW, disk=disk)


def accepted(name: str, key: str = "gh-1") -> Accepted:
    """An event of that identity, as a door hands it to the spool."""
    return Accepted(b'{"type":"task:log","task_id":"%b"}' % key.encode(), name, key)


def read_all_frames(layout: Layout, p: int = 0) -> list[SpoolFrame]:
    """Everything in a partition's spool, read by a fresh reader from its first byte."""
    reader = SpoolReader(layout, p)
    reader.seek(None)
    found: list[SpoolFrame] = []
    while more := reader.read(1_000, MIB):
        found.extend(more)
    reader.close()
    return found


def identities(frames: Sequence[SpoolFrame]) -> list[str | None]:
    """The identities of the frames; "damaged" or "gap" where there is no frame."""
    damage = ("damaged", "gap")
    return [one.frame.id if one.frame else damage[one.is_gap] for one in frames]


def spool_files(layout: Layout, p: int = 0) -> list[Path]:
    """The segments of a partition, oldest first."""
    return sorted(layout.spool(p).glob("*.jsonl"))


def put_checkpoint(layout: Layout, *, pos: int, p: int = 0) -> None:
    """A checkpoint at that position whose segment is nowhere."""
    write_checkpoint(layout, p, Checkpoint(pos, "gone", 1, 0, 1))


@contextmanager
def child(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A process of spool_child with these arguments; killed at the end if it still runs."""
    command = [sys.executable, "-m", "tests.ingest.spool_child", *map(str, arguments)]
    with subprocess.Popen(
        command,
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def next_line(process: subprocess.Popen[str]) -> str:
    """The next line that the child says."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def tell(process: subprocess.Popen[str], line: str = "") -> None:
    """Give the child a line to go on."""
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()
