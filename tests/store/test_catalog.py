"""Which trails there are."""

from pathlib import Path

import pytest

from tasktrail.model.ids import TrailKey
from tasktrail.store.catalog import find_trail, iter_trails
from tasktrail.store.layout import layout_of
from tests.support.store_trails import new_root, record

HOSTILE = ("../../x", "a" * 300, "a\0b", "Ünicode", ".", "~" + "0" * 32)


@pytest.mark.parametrize("family", ["tasks", "sessions"])
@pytest.mark.parametrize("trail_id", ["gh-1", *HOSTILE])
def test_a_trail_is_found_by_its_true_id(tmp_path: Path, family: str, trail_id: str) -> None:
    """Whatever its directory is called, a trail answers to its own id."""
    layout = new_root(tmp_path)
    key = TrailKey(family, trail_id)
    record(layout, range(1, 4), key=key)

    assert list(iter_trails(layout)) == [key]
    assert find_trail(layout, family, trail_id) == key
    assert find_trail(layout, family, key.directory) == key
    assert find_trail(layout, family, "other") is None


def test_line_1_says_the_true_id(tmp_path: Path) -> None:
    """The first entry of a trail names it, and nothing but its directory is under the root."""
    layout = new_root(tmp_path)
    record(layout, range(2, 4), key=TrailKey("tasks", "../../x"))
    (directory,) = layout.tasks.iterdir()
    first = (directory / "10-events.jsonl").read_bytes().splitlines()[0]

    assert b'"task_id":"../../x"' in first
    assert not (tmp_path.parent / "x").exists()
    assert not (tmp_path / "x").exists()


def test_without_line_1_metadata_says_the_true_id(tmp_path: Path) -> None:
    """A trail whose first line is damaged keeps its name."""
    layout = new_root(tmp_path)
    key = TrailKey("tasks", "a/b")
    record(layout, range(1, 9), key=key)
    path = layout.channel(key, "log")
    path.write_bytes(b"\0" * 40 + path.read_bytes()[40:])

    assert find_trail(layout, "tasks", key.directory) == key


def test_a_directory_that_proves_nothing_is_no_trail(tmp_path: Path) -> None:
    """A hashed name without the id that gives it is not answered for."""
    layout = new_root(tmp_path)
    record(layout, range(1, 3), key=TrailKey("tasks", "a/b"))
    layout.trail(TrailKey("tasks", "a/b")).rename(layout.tasks / ("~" + "0" * 32))

    assert list(iter_trails(layout)) == []
    assert find_trail(layout, "tasks", "~" + "0" * 32) is None


def test_links_and_strangers_are_no_trails(tmp_path: Path) -> None:
    """Only directories of their own with a name of ours are listed."""
    layout = new_root(tmp_path)
    (tmp_path / "outside").mkdir()
    (layout.tasks / "linked").symlink_to(tmp_path / "outside")
    (layout.tasks / ".by-id").mkdir()
    (layout.tasks / "file").write_bytes(b"")

    assert list(iter_trails(layout)) == []
    assert find_trail(layout, "tasks", "linked") is None
    assert list(iter_trails(layout_of(tmp_path / "nowhere"))) == []
