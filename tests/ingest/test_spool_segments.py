"""Segments: names, order, and what of them is not recorded yet."""

from pathlib import Path

from tasktrail.ingest.spool_segments import (
    Segment,
    list_segments,
    newest_segment,
    unrecorded_bytes,
)
from tests.ingest.spool_support import new_root, put_checkpoint


def make(folder: Path, base: int, size: int = 0) -> Segment:
    """A segment on disk with that many bytes."""
    segment = Segment.at(folder, base)
    segment.path.write_bytes(b"x" * size)
    return segment


def test_segments_are_in_the_order_of_their_positions(tmp_path: Path) -> None:
    """However large a position grows, names sort as the bytes follow each other."""
    late, early, middle = (make(tmp_path, base) for base in (10**15, 0, 999))

    assert list_segments(tmp_path) == [early, middle, late]
    assert newest_segment(tmp_path) == late


def test_other_files_are_no_segments(tmp_path: Path) -> None:
    """The append lock and whatever people leave in the folder are passed over."""
    names = ("append.lock", "00000000000000000000.jsonl", "9-abcdefabcdef.jsonl", "notes.txt")
    for name in names:
        (tmp_path / name).touch()

    assert list_segments(tmp_path) == []
    assert newest_segment(tmp_path) is None


def test_two_segments_for_one_place_have_different_names(tmp_path: Path) -> None:
    """A segment made after a loss is never taken for the one that was lost."""
    assert Segment.at(tmp_path, 7).name != Segment.at(tmp_path, 7).name


def test_a_segment_ends_behind_its_last_byte(tmp_path: Path) -> None:
    """The end is a position in the whole spool; nothing is there of a deleted segment."""
    segment = make(tmp_path, 1_000, 24)

    assert segment.end == 1_024
    segment.path.unlink()
    assert segment.end == 1_000


def test_what_is_behind_the_checkpoints_is_unrecorded(tmp_path: Path) -> None:
    """Bytes before a partition's checkpoint do not count, all others do."""
    layout, _ = new_root(tmp_path, 2)
    make(layout.spool(0), 0, 100)
    make(layout.spool(0), 100, 50)
    make(layout.spool(1), 0, 10)
    put_checkpoint(layout, pos=120)

    assert unrecorded_bytes(layout, 2) == 30 + 10
