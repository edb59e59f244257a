"""One partition's appends: which segment, when a new one, what a dead writer left behind."""

import errno
import os
from pathlib import Path

import pytest

from tasktrail.errors import StorageFailed
from tasktrail.ingest.spool_commit import Disk
from tasktrail.ingest.spool_lane import Lane
from tasktrail.ingest.spool_lock import AppendLock
from tasktrail.ingest.spool_segments import list_segments
from tasktrail.store.files import sync_directory
from tests.ingest.spool_support import new_root, put_checkpoint, spool_files

LINE = b"0123456\n"


class WatchedDisk:
    """A real disk that remembers what was synced while which segments were there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events: list[tuple[str, int]] = []
        self.refusals = 0

    def sync(self, fd: int) -> None:
        """Sync a file, or refuse as often as told."""
        self.events.append(("file", len(list_segments(self.folder))))
        if self.refusals:
            self.refusals -= 1
            raise OSError(errno.EIO, "the disk is broken")
        os.fdatasync(fd)

    def sync_directory(self, path: Path) -> None:
        """Sync a directory."""
        self.events.append(("directory", len(list_segments(self.folder))))
        sync_directory(path)

    @property
    def as_disk(self) -> Disk:
        """The disk as a lane takes it."""
        return Disk(self.sync, self.sync_directory, lambda _path: 10**12)


class Bench:
    """A partition with lanes of several processes, as far as files can tell."""

    def __init__(self, tmp_path: Path) -> None:
        self.layout, _ = new_root(tmp_path)
        self.folder = self.layout.spool(0)
        self.disk = WatchedDisk(self.folder)
        self.lane = self.new_lane()

    def new_lane(self, *, segment_bytes: int = 16) -> Lane:
        """The lane of another process."""
        lock = AppendLock(self.layout.append_lock(0), wait_seconds=5)
        return Lane(self.layout, 0, lock=lock, segment_bytes=segment_bytes, disk=self.disk.as_disk)

    def append(self, blob: bytes = LINE, lane: Lane | None = None) -> int:
        """Write and wait; the position behind the lines."""
        ticket = (lane or self.lane).write(blob, check=lambda: None)
        ticket.wait()
        return ticket.end

    def bases(self) -> list[int]:
        """Where the segments begin."""
        return [segment.base for segment in list_segments(self.folder)]


def test_lines_follow_each_other(tmp_path: Path) -> None:
    """Two processes that take turns fill one segment without a byte in between."""
    bench = Bench(tmp_path)
    other = bench.new_lane()
    ends = [bench.append(), bench.append(b"other..\n", other)]

    assert ends == [8, 16]
    assert [path.read_bytes() for path in spool_files(bench.layout)] == [LINE + b"other..\n"]


def test_a_full_segment_is_followed_by_the_next(tmp_path: Path) -> None:
    """The new segment's base is the old one's end: positions have no hole."""
    bench = Bench(tmp_path)
    for _ in range(5):
        bench.append()

    assert bench.bases() == [0, 16, 32]
    assert [path.stat().st_size for path in spool_files(bench.layout)] == [16, 16, 8]


def test_a_full_segment_is_on_disk_before_the_next_exists(tmp_path: Path) -> None:
    """Else a power cut could shorten it below the base of its successor."""
    bench = Bench(tmp_path)
    bench.append(LINE * 2)
    bench.disk.events.clear()
    bench.append()

    assert bench.disk.events == [("file", 1), ("directory", 2), ("file", 2)]


def test_the_name_of_a_found_segment_is_synced(tmp_path: Path) -> None:
    """Its creator may have died before: then only its lines would survive, not the file."""
    bench = Bench(tmp_path)
    bench.append()
    bench.disk.events.clear()
    bench.append(lane=bench.new_lane())

    assert bench.disk.events == [("directory", 1), ("file", 1)]


def test_other_processes_find_the_new_segment(tmp_path: Path) -> None:
    """The current segment is found by its name at each append, never remembered."""
    bench = Bench(tmp_path)
    other = bench.new_lane()
    bench.append(LINE, other)
    bench.append(LINE)
    bench.append(LINE)
    bench.append(b"other..\n", other)

    assert spool_files(bench.layout)[-1].read_bytes() == LINE + b"other..\n"


def test_the_torn_line_of_a_dead_writer_is_cut(tmp_path: Path) -> None:
    """The next append stands where the torn line began, and no byte of it is left."""
    bench = Bench(tmp_path)
    bench.append()
    with spool_files(bench.layout)[0].open("ab") as file:
        file.write(b"torn by a kill")

    assert bench.append(b"next...\n") == 16
    assert spool_files(bench.layout)[0].read_bytes() == LINE + b"next...\n"


def test_a_segment_whose_sync_failed_is_left(tmp_path: Path) -> None:
    """The append fails, and from then on nobody writes to that segment or syncs it."""
    bench = Bench(tmp_path)
    bench.disk.refusals = 1
    with pytest.raises(StorageFailed, match="EIO"):
        bench.append()
    events = list(bench.disk.events)
    other = bench.new_lane()
    bench.append(b"mine...\n")
    bench.append(b"other..\n", other)

    assert events == [("directory", 1), ("file", 1), ("directory", 2)]
    assert bench.bases() == [0, 8]
    assert spool_files(bench.layout)[1].read_bytes() == b"mine...\nother..\n"


def test_a_failed_segment_is_left_later_when_the_disk_is_too_sick(tmp_path: Path) -> None:
    """If rolling failed as well, the next append rolls before it writes."""
    bench = Bench(tmp_path)
    bench.disk.refusals = 1
    ticket = bench.lane.write(LINE, check=lambda: None)
    with pytest.raises(StorageFailed):
        ticket.segment.wait(ticket.offset)
    bench.append(b"next...\n")

    assert bench.bases() == [0, 8]
    assert spool_files(bench.layout)[1].read_bytes() == b"next...\n"


def test_a_full_segment_that_cannot_be_synced_is_left_too(tmp_path: Path) -> None:
    """The sync before rolling failed: its own writers learn it, the new lines are fine."""
    bench = Bench(tmp_path)
    full = bench.lane.write(LINE * 2, check=lambda: None)
    bench.disk.refusals = 1
    end = bench.append()

    assert end == 24
    with pytest.raises(StorageFailed):
        full.wait()


def test_a_spool_that_vanished_begins_beyond_its_checkpoint(tmp_path: Path) -> None:
    """No position is given twice, and the reader can see that something is missing."""
    bench = Bench(tmp_path)
    put_checkpoint(bench.layout, pos=500)
    bench.append()

    assert bench.bases() == [501]


def test_a_checkpoint_at_the_beginning_is_no_loss(tmp_path: Path) -> None:
    """A partition that was opened and never written to begins at 0."""
    bench = Bench(tmp_path)
    put_checkpoint(bench.layout, pos=0)
    bench.append()

    assert bench.bases() == [0]


def test_a_spool_shorter_than_its_checkpoint_is_not_written_on(tmp_path: Path) -> None:
    """Positions that were recorded once would be given to other events, and skipped."""
    bench = Bench(tmp_path)
    bench.append()
    put_checkpoint(bench.layout, pos=12)
    bench.append(b"next...\n", bench.new_lane())

    assert bench.bases() == [0, 13]


def test_what_is_refused_under_the_lock_leaves_no_trace(tmp_path: Path) -> None:
    """The check comes before the first byte and before the first segment."""
    bench = Bench(tmp_path)

    def refuse() -> None:
        raise StorageFailed("another generation")

    with pytest.raises(StorageFailed, match="another generation"):
        bench.lane.write(LINE, check=refuse)
    assert bench.bases() == []


def test_a_segment_whose_name_cannot_be_synced_is_not_used(tmp_path: Path) -> None:
    """The append fails before it writes; the next one syncs the name first."""
    bench = Bench(tmp_path)
    lock = AppendLock(bench.layout.append_lock(0), wait_seconds=5)

    def refuse(_path: Path) -> None:
        raise StorageFailed("the disk is broken")

    sick = Disk(os.fdatasync, refuse, lambda _path: 0)
    lane = Lane(bench.layout, 0, lock=lock, segment_bytes=16, disk=sick)
    with pytest.raises(StorageFailed, match="the disk is broken"):
        lane.write(LINE, check=lambda: None)
    lock.close()

    assert bench.append() == 8
    assert bench.disk.events == [("directory", 1), ("file", 1)]
