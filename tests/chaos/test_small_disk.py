"""A small disk: full for a while, and then there is room again."""

import errno
from pathlib import Path

import pytest

from tasktrail.chaos.small_disk import CLUSTER, SmallDisk
from tests.chaos.test_volume import cuttable


def test_a_filled_disk_refuses_and_recovers(tmp_path: Path) -> None:
    """As much as was to be left can be written, and no more."""
    cuttable("ext4")
    with SmallDisk(tmp_path, events=10) as disk:
        file = disk.root.parent / "file"
        empty = disk.free()
        with disk.filled(leave=CLUSTER):
            left = disk.free()
        with disk.filled(leave=0), pytest.raises(OSError, match="No space") as refused:
            file.write_bytes(bytes(CLUSTER))
        file.write_bytes(bytes(CLUSTER))
        room = disk.free()

    assert left <= CLUSTER < room < empty
    assert refused.value.errno == errno.ENOSPC
    assert list(tmp_path.glob("*.img")) == []
