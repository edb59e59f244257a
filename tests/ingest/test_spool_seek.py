"""Where reading goes on: what counts as continuous, and what as a gap."""

from pathlib import Path

from tasktrail.ingest.spool_seek import Start, find_start, line_mark
from tasktrail.ingest.spool_segments import Segment, list_segments
from tasktrail.model.frame import encode_frame
from tasktrail.store.checkpoints import Checkpoint

FRAMES = [encode_frame(n, b"{}", identity=f"k:{n}") for n in range(4)]
SIZE = len(FRAMES[0])


def make(folder: Path, base: int, content: bytes) -> Segment:
    """A segment on disk."""
    segment = Segment.at(folder, base)
    segment.path.write_bytes(content)
    return segment


def after(segment: Segment, count: int, *, base: int = 0) -> Checkpoint:
    """The checkpoint behind the first `count` frames of the segment."""
    crc = line_mark(FRAMES[count - 1])
    return Checkpoint(base + count * SIZE, segment.name, count * SIZE, crc, 1)


def start(folder: Path, checkpoint: Checkpoint | None) -> Start:
    """Where a reader would begin."""
    return find_start(list_segments(folder), checkpoint)


def test_without_a_checkpoint_reading_begins_at_the_first_byte(tmp_path: Path) -> None:
    """What is left of the spool is read, wherever it begins."""
    segment = make(tmp_path, 40, FRAMES[0])
    found = start(tmp_path, None)

    assert (found.segment, found.offset) == (segment, 0)
    assert found.continuity == (40, 40, False)


def test_an_empty_spool_is_waited_for(tmp_path: Path) -> None:
    """A new root has nothing to read and nothing missing."""
    assert start(tmp_path, None) == (None, 0, (0, 0, False))
    assert start(tmp_path, Checkpoint(0, "", 0, 0, 1)) == (None, 0, (0, 0, False))


def test_reading_goes_on_behind_the_checkpoint(tmp_path: Path) -> None:
    """The checkpoint's last frame is where it was: nothing is missing."""
    segment = make(tmp_path, 0, b"".join(FRAMES))
    found = start(tmp_path, after(segment, 2))

    assert (found.segment, found.offset) == (segment, 2 * SIZE)
    assert found.continuity == (2 * SIZE, 2 * SIZE, False)


def test_a_recorded_segment_may_be_gone(tmp_path: Path) -> None:
    """The next one begins exactly at the checkpoint: nothing is missing."""
    old = make(tmp_path, 0, FRAMES[0])
    new = make(tmp_path, SIZE, FRAMES[1])
    old.path.unlink()
    found = start(tmp_path, after(old, 1))

    assert (found.segment, found.offset) == (new, 0)
    assert not found.continuity.is_gap


def test_a_recorded_segment_may_be_shorter_than_it_was(tmp_path: Path) -> None:
    """A power cut after a failed sync can shorten it; the next one goes on where it ended."""
    old = make(tmp_path, 0, b"".join(FRAMES[:2]))
    new = make(tmp_path, 2 * SIZE, FRAMES[2])
    checkpoint = after(old, 2)
    old.path.write_bytes(FRAMES[0])
    found = start(tmp_path, checkpoint)

    assert found.segment == new
    assert not found.continuity.is_gap


def test_missing_bytes_are_a_gap(tmp_path: Path) -> None:
    """The unrecorded rest of a lost segment is told, and reading goes on behind it."""
    old = make(tmp_path, 0, b"".join(FRAMES[:2]))
    new = make(tmp_path, 2 * SIZE, FRAMES[2])
    old.path.unlink()
    found = start(tmp_path, after(old, 1))

    assert (found.segment, found.offset) == (new, 0)
    assert found.continuity == (SIZE, 2 * SIZE, True)


def test_a_lost_spool_is_a_gap_before_it_begins_anew(tmp_path: Path) -> None:
    """The next appender begins one beyond the checkpoint: the reader waits there."""
    old = make(tmp_path, 0, FRAMES[0])
    checkpoint = after(old, 1)
    old.path.write_bytes(b"")

    assert start(tmp_path, checkpoint) == (None, 0, (SIZE, SIZE + 1, True))


def test_another_frame_before_the_checkpoint_is_a_gap(tmp_path: Path) -> None:
    """The segment has the right name and length but is not the one that was read."""
    segment = make(tmp_path, 0, b"".join(FRAMES))
    checkpoint = after(segment, 2)
    segment.path.write_bytes(b"".join([FRAMES[0], FRAMES[3], FRAMES[2]]))
    found = start(tmp_path, checkpoint)

    assert (found.segment, found.offset) == (segment, 2 * SIZE)
    assert found.continuity == (2 * SIZE, 2 * SIZE, True)


def test_after_a_gap_reading_begins_with_a_whole_line(tmp_path: Path) -> None:
    """A checkpoint that now points into the middle of a line goes on with the next one."""
    segment = make(tmp_path, 0, b"".join(FRAMES))
    found = start(tmp_path, Checkpoint(SIZE + 5, "gone", 9, 0, 1))

    assert (found.segment, found.offset) == (segment, 2 * SIZE)
    assert found.continuity == (SIZE + 5, 2 * SIZE, True)


def test_a_damaged_line_can_stand_before_a_checkpoint(tmp_path: Path) -> None:
    """It has no CRC to remember, so its own is taken: damage is no gap."""
    damaged = b"\0" * 10 + b"no frame"
    segment = make(tmp_path, 0, damaged + b"\n" + FRAMES[0])
    size = len(damaged) + 1
    found = start(tmp_path, Checkpoint(size, segment.name, size, line_mark(damaged), 1))

    assert found.continuity == (size, size, False)
