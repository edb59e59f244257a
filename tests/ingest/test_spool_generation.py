"""The generation: an appender notices that the root is no longer the one it opened."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from tasktrail.errors import RootUnusable
from tasktrail.ingest.spool_generation import Generation
from tests.ingest.spool_support import accepted, new_root, new_writer, write_root


def test_an_unchanged_root_passes(tmp_path: Path) -> None:
    """Also when its mark was written again with the same content."""
    layout, root = new_root(tmp_path)
    writer = new_writer(layout, root)
    receipts = [writer.append([accepted("k:1")])]
    write_root(layout, root)
    receipts.append(writer.append([accepted("k:2")]))
    writer.close()

    assert [receipt.accepted for receipt in receipts] == [1, 1]


@pytest.mark.parametrize("change", [{"generation": 2}, {"volume_id": "another"}])
def test_a_changed_root_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    """Neither a new number of partitions nor another volume is written to."""
    layout, root = new_root(tmp_path)
    generation = Generation(layout, root)
    generation.check()
    write_root(layout, replace(root, **change))

    with pytest.raises(RootUnusable, match="expected generation 1"):
        generation.check()


def test_a_vanished_root_is_refused(tmp_path: Path) -> None:
    """A volume that went away is not taken for an empty one."""
    layout, root = new_root(tmp_path)
    generation = Generation(layout, root)
    layout.root_json.unlink()

    with pytest.raises(RootUnusable, match="is gone"):
        generation.check()
