"""Checkpoints on disk."""

from pathlib import Path

import pytest

from tasktrail.errors import StorageFailed
from tasktrail.store.checkpoints import Checkpoint, Counters, read_checkpoint, write_checkpoint
from tests.support.store_trails import new_root

CHECKPOINT = Checkpoint(
    pos=120, segment="0-abc", offset=120, crc=7, generation=1, counters=Counters(recorded=3)
)


def test_a_checkpoint_comes_back_as_it_was(tmp_path: Path) -> None:
    """Every field and counter survives; another partition has its own."""
    layout = new_root(tmp_path)
    write_checkpoint(layout, 0, CHECKPOINT)

    assert read_checkpoint(layout, 0) == CHECKPOINT
    assert read_checkpoint(layout, 1) is None


def test_a_later_checkpoint_replaces_the_earlier(tmp_path: Path) -> None:
    """There is one checkpoint per partition, and no leftover beside it."""
    layout = new_root(tmp_path)
    write_checkpoint(layout, 0, Checkpoint(pos=1, segment="a", offset=1, crc=1, generation=1))
    write_checkpoint(layout, 0, CHECKPOINT)

    assert read_checkpoint(layout, 0) == CHECKPOINT
    assert [path.name for path in layout.partitions.iterdir()] == ["0.json"]


def test_a_damaged_checkpoint_stops_the_partition(tmp_path: Path) -> None:
    """Damage is never taken for "nothing was recorded yet"."""
    layout = new_root(tmp_path)
    layout.checkpoint(0).write_bytes(b"\0\0\0")

    with pytest.raises(StorageFailed, match="expected a checkpoint"):
        read_checkpoint(layout, 0)
