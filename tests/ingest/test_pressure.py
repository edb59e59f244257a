"""The disk-full rule: when doors stop, when they open again, and what asking costs."""

from pathlib import Path

import pytest

from tasktrail.errors import Overloaded, StorageFailed
from tasktrail.ingest.pressure import MAX_ACCEPTED_BYTES, MAX_AGE_SECONDS, Pressure, free_on_volume
from tasktrail.ingest.spool_segments import Segment
from tests.ingest.spool_support import new_root, put_checkpoint

SEGMENT_BYTES = 1_000


class Volume:
    """A disk whose free space and clock the test turns by hand."""

    def __init__(self, tmp_path: Path, free: int) -> None:
        self.free = free
        self.now = 100.0
        self.looks = 0
        self.layout, _ = new_root(tmp_path, 2)
        self.pressure = Pressure(
            self.layout,
            2,
            segment_bytes=SEGMENT_BYTES,
            free_bytes=self.look,
            monotonic=lambda: self.now,
        )

    def look(self, _path: Path) -> int:
        """What is free now."""
        self.looks += 1
        return self.free

    def later(self) -> None:
        """So much later that the disk is asked again."""
        self.now += MAX_AGE_SECONDS

    def admits(self, size: int) -> bool:
        """Whether that many bytes are let in."""
        try:
            self.pressure.admit(size)
        except Overloaded:
            return False
        return True


def test_one_segment_per_partition_stays_free(tmp_path: Path) -> None:
    """With an empty spool the doors stop at the reserve, room for the new bytes included."""
    volume = Volume(tmp_path, free=2 * SEGMENT_BYTES + 23)

    assert volume.admits(10)
    assert not volume.admits(1)


def test_the_unrecorded_spool_needs_room_to_be_recorded(tmp_path: Path) -> None:
    """1.3 times what waits must be free; what is recorded needs nothing more."""
    volume = Volume(tmp_path, free=2 * SEGMENT_BYTES + 1_299)
    Segment.at(volume.layout.spool(1), 0).path.write_bytes(b"x" * 1_000)
    before = volume.admits(0)
    put_checkpoint(volume.layout, pos=1_000, p=1)
    volume.later()

    assert not before
    assert volume.admits(0)


def test_doors_open_again_when_space_returns(tmp_path: Path) -> None:
    """Nobody has to do anything: the next look finds the space."""
    volume = Volume(tmp_path, free=0)
    before = volume.admits(1)
    volume.free = 10 * SEGMENT_BYTES
    volume.later()

    assert not before
    assert volume.admits(1)


def test_the_refusal_says_when_to_come_back(tmp_path: Path) -> None:
    """Whoever is refused knows what was missing and how long to wait."""
    volume = Volume(tmp_path, free=5)

    with pytest.raises(Overloaded, match=r"expected 2023 bytes free.*found 5") as refused:
        volume.pressure.admit(10)
    assert refused.value.retry_after_seconds > 0


def test_hand_overs_pass(tmp_path: Path) -> None:
    """Recording has to finish: what it hands over itself is never refused."""
    volume = Volume(tmp_path, free=0)
    volume.pressure.admit(10, ignore_pressure=True)

    assert not volume.admits(1)


def test_the_disk_is_not_asked_for_each_append(tmp_path: Path) -> None:
    """Within a short time a thousand small appends ask once, refused ones included."""
    volume = Volume(tmp_path, free=10 * MAX_ACCEPTED_BYTES)
    for _ in range(1_000):
        volume.pressure.admit(10)
    volume.free = 0

    assert volume.admits(10)
    assert volume.looks == 1


def test_the_disk_is_asked_again_after_some_megabytes(tmp_path: Path) -> None:
    """A fast door cannot run past the limit within the short time."""
    volume = Volume(tmp_path, free=10 * MAX_ACCEPTED_BYTES)
    volume.pressure.admit(MAX_ACCEPTED_BYTES)
    volume.free = 0

    assert not volume.admits(1)
    assert volume.looks == 2


def test_a_volume_that_cannot_be_measured_is_a_failure(tmp_path: Path) -> None:
    """A vanished volume is told as such, not as being full."""
    volume = Volume(tmp_path, free=0)
    volume.layout.spool(1).rmdir()

    with pytest.raises(StorageFailed, match="cannot measure"):
        volume.pressure.admit(1)


def test_the_real_volume_has_a_free_space(tmp_path: Path) -> None:
    """The system's own figure is in bytes: a machine that runs tests has some megabytes."""
    assert free_on_volume(tmp_path) > 1_000_000
