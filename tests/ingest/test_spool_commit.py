"""One segment and its shared syncs: what threads wait for, and what a failure means."""

import errno
import os
import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tasktrail.errors import StorageFailed
from tasktrail.ingest.spool_commit import OpenSegment
from tasktrail.ingest.spool_segments import Segment
from tasktrail.store.files import open_file
from tests.support.waiting import PATIENCE_SECONDS

LINE = b"0123456\n"


def open_segment(folder: Path, sync: Callable[[int], None] = os.fdatasync) -> OpenSegment:
    """A new segment, open."""
    segment = Segment.at(folder, 0)
    return OpenSegment(segment, open_file(segment.path, create=True), sync=sync)


def refuse(fd: int) -> None:
    """A sync that the disk refuses."""
    raise OSError(errno.EIO, os.strerror(errno.EIO), fd)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """A block in which no file may grow beyond that size, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_sync_serves_everybody_who_wrote_before_it(tmp_path: Path) -> None:
    """Eight threads that wait together need at most two syncs, the second for the late ones."""
    syncs: list[int] = []
    all_written = threading.Event()

    def sync(fd: int) -> None:
        all_written.wait(PATIENCE_SECONDS)
        os.fdatasync(fd)
        syncs.append(os.fstat(fd).st_size)

    segment = open_segment(tmp_path, sync)
    ends = [segment.write(LINE, 8 * n) for n in range(3)]
    threads = [threading.Thread(target=segment.wait, args=(end,)) for end in ends]
    for thread in threads:
        thread.start()
    late = [segment.write(LINE, 8 * n) for n in range(3, 8)]
    threads += [threading.Thread(target=segment.wait, args=(end,)) for end in late]
    for thread in threads[3:]:
        thread.start()
    all_written.set()
    for thread in threads:
        thread.join()
    segment.retire()

    assert 1 <= len(syncs) <= 2
    assert syncs[-1] == 64


def test_nobody_is_told_before_the_sync(tmp_path: Path) -> None:
    """A thread comes back from waiting only when a sync began after its write."""
    synced: list[int] = []
    segment = open_segment(tmp_path, lambda fd: synced.append(os.fstat(fd).st_size))
    first = segment.write(LINE, 0)
    segment.wait(first)
    second = segment.write(LINE, first)
    segment.wait(second)
    segment.retire()

    assert synced == [8, 16]


def test_a_sync_under_way_does_not_cover_what_is_written_meanwhile(tmp_path: Path) -> None:
    """Lines written while others sync wait for the next sync."""
    segment: OpenSegment
    syncs: list[int] = []

    def sync(fd: int) -> None:
        syncs.append(os.fstat(fd).st_size)
        if len(syncs) == 1:
            segment.write(LINE, 8)

    segment = open_segment(tmp_path, sync)
    segment.wait(segment.write(LINE, 0))
    segment.wait(16)
    segment.retire()

    assert syncs == [8, 16]


def test_a_failed_sync_is_told_to_all_and_never_tried_again(tmp_path: Path) -> None:
    """The system may have dropped the pages: a second sync would only seem to succeed."""
    calls: list[int] = []

    def sync(fd: int) -> None:
        calls.append(fd)
        refuse(fd)

    segment = open_segment(tmp_path, sync)
    ends = [segment.write(LINE, 0), segment.write(LINE, 8)]
    for end in ends:
        with pytest.raises(StorageFailed, match=r"cannot sync .*EIO"):
            segment.wait(end)
    segment.settle()
    segment.retire()

    assert segment.has_failed
    assert len(calls) == 1


def test_what_was_synced_before_a_failure_stays_good(tmp_path: Path) -> None:
    """Only those are told of a failure whose lines were not yet on disk."""
    answers = [refuse, os.fdatasync]

    def sync(fd: int) -> None:
        answers.pop()(fd)

    segment = open_segment(tmp_path, sync)
    first, second = segment.write(LINE, 0), segment.write(LINE, 8)
    segment.settle()
    third = segment.write(LINE, 16)
    with pytest.raises(StorageFailed):
        segment.wait(third)

    segment.wait(first)
    segment.wait(second)
    segment.retire()
    assert segment.has_failed


def test_an_interrupted_sync_counts_as_failed(tmp_path: Path) -> None:
    """Nobody knows what Ctrl-C left on disk, so nobody is told that all is well."""

    def sync(_fd: int) -> None:
        raise KeyboardInterrupt

    segment = open_segment(tmp_path, sync)
    end = segment.write(LINE, 0)
    with pytest.raises(KeyboardInterrupt):
        segment.wait(end)
    segment.retire()

    assert segment.has_failed


def test_a_torn_last_line_is_cut(tmp_path: Path) -> None:
    """What a dead writer left unfinished goes, every complete line stays."""
    segment = open_segment(tmp_path)
    segment.segment.path.write_bytes(LINE + LINE + b"torn" + b"\0" * 100_000)

    assert segment.end_of_lines() == 16
    assert segment.segment.path.read_bytes() == LINE + LINE
    segment.retire()


def test_a_segment_of_one_torn_line_is_emptied(tmp_path: Path) -> None:
    """Nothing complete is there: the next line begins at the first byte."""
    segment = open_segment(tmp_path)
    segment.segment.path.write_bytes(b"torn")

    assert segment.end_of_lines() == 0
    assert segment.segment.path.read_bytes() == b""
    segment.retire()


def test_a_write_that_fails_half_way_keeps_its_complete_lines(tmp_path: Path) -> None:
    """A reader may have recorded them already; the torn one goes, the next line follows on."""
    segment = open_segment(tmp_path)
    with largest_file(20), pytest.raises(StorageFailed, match="cannot write"):
        segment.write(LINE * 4, 0)

    assert segment.segment.path.read_bytes() == LINE * 2
    assert segment.end_of_lines() == 16
    segment.retire()


def test_a_retired_segment_is_closed_by_the_last_who_waits(tmp_path: Path) -> None:
    """Rolling does not take the file away from threads that still have to sync it."""
    descriptors: list[int] = []
    segment = open_segment(tmp_path, descriptors.append)
    end = segment.write(LINE, 0)
    segment.retire()
    segment.wait(end)

    assert len(descriptors) == 1
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptors[0])
