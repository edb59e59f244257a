"""The spool reader: every frame once and in order, damage told, nothing unsynced."""

import errno
import os
from collections.abc import Sequence
from pathlib import Path, PosixPath

import pytest
from msgspec.structs import replace

from tasktrail.errors import StorageFailed
from tasktrail.ingest.spool_reader import SpoolReader
from tasktrail.ingest.spool_segments import Segment
from tasktrail.model.frame import encode_frame
from tasktrail.store.checkpoints import Checkpoint
from tasktrail.store.files import sync_files
from tasktrail.store.layout import Layout
from tests.ingest.spool_support import (
    MIB,
    accepted,
    identities,
    new_root,
    new_writer,
    put_checkpoint,
    read_all_frames,
    spool_files,
)

ALL = 10_000


class Bench:
    """A spool with a writer of small segments and a reader."""

    def __init__(self, tmp_path: Path, *, segment_bytes: int = 64 * MIB) -> None:
        self.layout, self.root = new_root(tmp_path)
        self.writer = new_writer(self.layout, self.root, segment_bytes=segment_bytes)
        self.reader = SpoolReader(self.layout, 0)
        self.reader.seek(None)

    def append(self, *numbers: int) -> None:
        """One append per number."""
        for n in numbers:
            self.writer.append([accepted(f"k:{n}")])

    def read(self, max_events: int = ALL, max_bytes: int = MIB) -> list[str | None]:
        """The identities of the next frames."""
        return identities(self.reader.read(max_events, max_bytes))

    def checkpoint(self) -> Checkpoint:
        """The reader's place as it would be kept on disk."""
        at = self.reader.position()
        return Checkpoint(at.pos, at.segment, at.offset, at.crc, 1)


def names(*numbers: int) -> list[str | None]:
    """The identities of these events."""
    return [f"k:{n}" for n in numbers]


def damage(path: Path, offset: int, blob: bytes) -> None:
    """Overwrite bytes in the middle of a file."""
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(blob)


def system_reads_of_this_process() -> int:
    """How many read calls this process has made since it started."""
    text = Path("/proc/self/io").read_text(encoding="ascii")
    return int(text.split("syscr:")[1].split()[0])


def test_frames_come_once_and_in_order(tmp_path: Path) -> None:
    """What is appended later comes later; positions join without a hole."""
    bench = Bench(tmp_path)
    bench.append(1, 2)
    first = bench.reader.read(ALL, MIB)
    bench.append(3)
    second = bench.reader.read(ALL, MIB)

    assert identities(first + second) == names(1, 2, 3)
    assert [one.end for one in first] == [one.pos for one in (first + second)[1:]]
    assert bench.read() == []


def test_a_reader_may_start_before_the_first_append(tmp_path: Path) -> None:
    """An empty spool is waited at, and read from its first byte."""
    bench = Bench(tmp_path)
    before = bench.read()
    bench.append(1)

    assert (before, bench.read()) == ([], names(1))


def test_a_read_is_bounded(tmp_path: Path) -> None:
    """By events and by bytes, and what was not taken comes next."""
    bench = Bench(tmp_path)
    bench.append(*range(10))
    frame_bytes = spool_files(bench.layout)[0].stat().st_size // 10
    reads = [bench.read(3), bench.read(max_bytes=2 * frame_bytes), bench.read()]

    assert reads == [names(0, 1, 2), names(3, 4), names(5, 6, 7, 8, 9)]


def test_a_frame_larger_than_the_bound_is_whole(tmp_path: Path) -> None:
    """A 20 MB event comes alone and byte for byte."""
    bench = Bench(tmp_path)
    event = b'{"type":"task:output","text":"%b"}' % (b"x" * 20 * MIB)
    bench.writer.append([accepted("k:1"), replace(accepted("k:2"), event=event), accepted("k:3")])
    first, large, last = (bench.reader.read(ALL, 10) for _ in range(3))

    assert [identities(part) for part in (first, large, last)] == [names(1), names(2), names(3)]
    assert large[0].frame is not None
    assert bytes(large[0].frame.event) == event


def test_reading_goes_on_over_segments(tmp_path: Path) -> None:
    """A reader in the middle of a segment sees its rest, then the next ones."""
    bench = Bench(tmp_path, segment_bytes=150)
    bench.append(1)
    first = bench.read()
    bench.append(2, 3, 4, 5)

    assert (first, bench.read()) == (names(1), names(2, 3, 4, 5))
    assert len(spool_files(bench.layout)) > 2


def test_segments_that_begin_while_one_is_synced_are_not_missed(tmp_path: Path) -> None:
    """Writers roll while the reader works: it comes to each new segment in turn."""
    bench = Bench(tmp_path, segment_bytes=1)
    bench.append(1)
    numbers = iter([2, 3, 4])

    def append_meanwhile(fds: Sequence[int]) -> None:
        sync_files(fds)
        bench.append(*[n for n in [next(numbers, 0)] if n])

    bench.reader = SpoolReader(bench.layout, 0, sync=append_meanwhile)
    bench.reader.seek(None)

    assert bench.read() == names(1, 2, 3, 4)


class BusyFolder(PosixPath):
    """A spool's folder that holds `go`: listing it, one is a moment too late for a roll."""

    def __fspath__(self) -> str:
        folder = Path(*self.parts)
        segments = sorted(folder.glob("*.jsonl"))
        if len(segments) == 1 and (folder / "go").exists():
            with segments[0].open("ab") as file:
                file.write(encode_frame(1, b"{}", identity="k:2"))
            successor = Segment.at(folder, segments[0].stat().st_size)
            successor.path.write_bytes(encode_frame(1, b"{}", identity="k:3"))
        return str(folder)


class BusyLayout(Layout, frozen=True):
    """A layout whose spool grows whenever somebody looks."""

    def spool(self, p: int) -> Path:
        """The busy folder."""
        return BusyFolder(super().spool(p))


def test_a_line_added_after_the_end_was_seen_comes_before_the_next_segment(tmp_path: Path) -> None:
    """Between the look at a segment's end and at its successor, it may have grown."""
    bench = Bench(tmp_path)
    bench.append(1)
    reader = SpoolReader(BusyLayout(bench.layout.root, bench.layout.tasks), 0)
    reader.seek(None)
    first = reader.read(1, MIB)
    (bench.layout.spool(0) / "go").touch()

    assert identities(first + reader.read(ALL, MIB)) == names(1, 2, 3)


def test_the_reader_resumes_at_each_place(tmp_path: Path) -> None:
    """Wherever it stopped, also between segments, seeking there finds the rest and no gap."""
    bench = Bench(tmp_path, segment_bytes=250)
    bench.append(*range(8))
    for taken in range(9):
        bench.reader.seek(None)
        first = bench.read(taken)
        again = SpoolReader(bench.layout, 0)
        continuity = again.seek(bench.checkpoint())
        rest = identities(again.read(ALL, MIB))
        again.close()

        assert not continuity.is_gap
        assert first + rest == names(*range(8))


def test_a_damaged_frame_costs_only_itself(tmp_path: Path) -> None:
    """One flipped byte: that frame is told as damaged, its neighbours come as they were."""
    bench = Bench(tmp_path)
    bench.append(1, 2, 3)
    [segment] = spool_files(bench.layout)
    lines = segment.read_bytes().splitlines(keepends=True)
    damage(segment, len(lines[0]) + 40, b"\xff")
    found = bench.reader.read(ALL, MIB)

    assert identities(found) == ["k:1", "damaged", "k:3"]
    assert (found[1].pos, found[1].end) == (len(lines[0]), len(lines[0]) + len(lines[1]))


def test_a_hole_of_nuls_is_skipped_to_the_next_good_frame(tmp_path: Path) -> None:
    """A power cut can leave NULs in the middle: what follows them is still read."""
    bench = Bench(tmp_path)
    bench.append(*range(200))
    [segment] = spool_files(bench.layout)
    size = segment.stat().st_size // 200
    damage(segment, 4_096, b"\0" * 8_192)
    found = bench.read()
    lost = found.index("damaged")

    assert found[:lost] == names(*range(lost))
    assert found[lost + 1 :] == names(*range(200 - len(found) + lost + 1, 200))
    assert 200 - len(found) < 8_192 // size + 2


def test_a_hole_that_ends_where_a_frame_begins_costs_no_more(tmp_path: Path) -> None:
    """No line end stands between the NULs and the good frame: it is found all the same."""
    bench = Bench(tmp_path)
    bench.append(1, 2, 3)
    [segment] = spool_files(bench.layout)
    first, second, _ = segment.read_bytes().splitlines(keepends=True)
    damage(segment, len(first) + 20, b"\0" * (len(second) - 20))
    found = bench.reader.read(ALL, MIB)

    assert identities(found) == ["k:1", "damaged", "k:3"]
    assert [one.end for one in found[:-1]] == [one.pos for one in found[1:]]
    assert found[2].pos == len(first) + len(second)


def test_missing_bytes_between_segments_are_a_gap(tmp_path: Path) -> None:
    """A segment that somebody deleted is told with the range of its positions."""
    bench = Bench(tmp_path, segment_bytes=1)
    bench.append(1, 2, 3)
    _, second, third = spool_files(bench.layout)
    second.unlink()
    found = bench.reader.read(ALL, MIB)

    assert identities(found) == ["k:1", "gap", "k:3"]
    assert (found[1].pos, found[1].end) == (int(second.name[:20]), int(third.name[:20]))
    assert found[1].is_gap


def test_a_torn_line_in_a_segment_that_was_left_is_damaged(tmp_path: Path) -> None:
    """Nobody will complete or cut it any more, so it does not hold up what follows."""
    bench = Bench(tmp_path)
    bench.append(1)
    with spool_files(bench.layout)[0].open("ab") as file:
        file.write(b"torn")
    waiting = bench.read()
    base = spool_files(bench.layout)[0].stat().st_size
    successor = Segment.at(bench.layout.spool(0), base)
    successor.path.write_bytes(encode_frame(1, b"{}", identity="k:2"))

    assert waiting == names(1)
    assert bench.read() == ["damaged", "k:2"]


def test_nothing_is_returned_that_was_not_synced(tmp_path: Path) -> None:
    """The end of each returned frame was in the file when a sync of it began."""
    bench = Bench(tmp_path)
    on_disk = 0

    def sync(fds: Sequence[int]) -> None:
        nonlocal on_disk
        size = os.fstat(fds[0]).st_size
        sync_files(fds)
        on_disk = size
        bench.append(100)  # arrives too late for this sync

    bench.reader = SpoolReader(bench.layout, 0, sync=sync)
    bench.append(*range(5))
    bench.reader.seek(None)
    for _ in range(5):
        frames = bench.reader.read(5, MIB)

        assert frames[-1].end <= on_disk


def test_a_segment_that_was_taken_away_stops_the_reader(tmp_path: Path) -> None:
    """Another owner has recorded it: this one must begin anew from the checkpoint on disk."""
    bench = Bench(tmp_path, segment_bytes=1)
    bench.append(1, 2, 3)
    bench.read(1)
    spool_files(bench.layout)[0].unlink()

    with pytest.raises(StorageFailed, match="taken away"):
        bench.read()


def test_frames_of_a_segment_that_was_taken_away_are_not_returned(tmp_path: Path) -> None:
    """Not even those that were read before it went."""
    bench = Bench(tmp_path)
    bench.append(1, 2, 3)
    bench.read(1)
    spool_files(bench.layout)[0].unlink()

    with pytest.raises(StorageFailed, match="taken away"):
        bench.read(1)


def test_a_disk_that_refuses_stops_the_reader(tmp_path: Path) -> None:
    """An error of the disk is told, never taken for the end of the spool."""
    bench = Bench(tmp_path)
    bench.append(1)

    def sync(_fds: Sequence[int]) -> None:
        raise StorageFailed(os.strerror(errno.EIO))

    reader = SpoolReader(bench.layout, 0, sync=sync)
    reader.seek(None)

    with pytest.raises(StorageFailed):
        reader.read(ALL, MIB)


def test_a_lost_spool_is_one_gap(tmp_path: Path) -> None:
    """The reader tells it when it seeks; the new segment then joins without another."""
    bench = Bench(tmp_path)
    put_checkpoint(bench.layout, pos=500)
    continuity = bench.reader.seek(Checkpoint(500, "gone", 100, 0, 1))
    bench.append(1)

    assert (continuity.expected, continuity.found, continuity.is_gap) == (500, 501, True)
    assert bench.read() == names(1)


def test_recorded_segments_are_deleted(tmp_path: Path) -> None:
    """Those wholly before the position go; the newest, which is appended to, stays."""
    bench = Bench(tmp_path, segment_bytes=1)
    bench.append(1, 2, 3)
    bench.read()
    deleted = bench.reader.delete_below(bench.reader.position().pos)
    bench.append(4)

    assert deleted == 2
    assert bench.read() == names(4)


def test_the_segment_being_read_is_not_deleted(tmp_path: Path) -> None:
    """Its name proves that the reader is where it thinks it is."""
    bench = Bench(tmp_path, segment_bytes=1)
    bench.append(1)
    bench.read()
    pos = bench.reader.position().pos
    bench.append(2)

    assert bench.reader.delete_below(pos) == 0
    assert bench.read() == names(2)


def test_an_unrecorded_segment_is_not_deleted(tmp_path: Path) -> None:
    """A segment that ends behind the position holds something that is still needed."""
    bench = Bench(tmp_path, segment_bytes=150)
    bench.append(1, 2, 3, 4, 5)
    first = spool_files(bench.layout)[0]
    bench.read()

    assert bench.reader.delete_below(first.stat().st_size - 1) == 0
    assert identities(read_all_frames(bench.layout)) == names(1, 2, 3, 4, 5)


def test_what_waits_is_counted_in_bytes(tmp_path: Path) -> None:
    """All segments behind the position count, and nothing that was read."""
    bench = Bench(tmp_path, segment_bytes=1)
    bench.append(1, 2, 3)
    sizes = [path.stat().st_size for path in spool_files(bench.layout)]
    bench.read(1)

    assert bench.reader.waiting_bytes() == sizes[1] + sizes[2]


def test_thousands_of_frames_cost_a_few_reads(tmp_path: Path) -> None:
    """One large read is split; no system call is made per frame."""
    bench = Bench(tmp_path)
    bench.writer.append([accepted(f"k:{n}") for n in range(5_000)])
    before = system_reads_of_this_process()
    frames = bench.reader.read(ALL, 64 * MIB)
    calls = system_reads_of_this_process() - before

    assert len(frames) == 5_000
    assert calls < 10
