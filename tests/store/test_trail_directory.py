"""Trails' directories."""

import os
from pathlib import Path

import pytest

from tasktrail.errors import StorageFailed
from tasktrail.model.ids import TrailKey
from tasktrail.store.layout import layout_of
from tasktrail.store.trail_directory import (
    create_directory,
    find_directory,
    open_family,
    reading,
)
from tests.support.store_trails import KEY, new_root, open_descriptors, record


def test_a_linked_trail_is_refused(tmp_path: Path) -> None:
    """A directory planted as a link leads nowhere, neither to find nor to create it."""
    layout = new_root(tmp_path)
    (tmp_path / "outside").mkdir()
    layout.trail(KEY).symlink_to(tmp_path / "outside")
    family = open_family(layout, "tasks")

    with pytest.raises(StorageFailed, match="is a link"):
        find_directory(layout, KEY.family, KEY.directory)
    with pytest.raises(StorageFailed, match="is a link"):
        create_directory(KEY, family)
    os.close(family)


def test_the_family_may_be_linked(tmp_path: Path) -> None:
    """LOGS_DIR is the user's own choice, links included."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "logs").symlink_to(tmp_path / "disk")
    family = open_family(layout_of(tmp_path, tmp_path / "logs"), "tasks")
    os.close(create_directory(KEY, family))
    os.close(family)

    assert (tmp_path / "disk" / "gh-1").is_dir()


def test_a_trail_that_is_not_there_is_none(tmp_path: Path) -> None:
    """Neither a missing trail nor a missing family is a failure."""
    layout = new_root(tmp_path)

    assert find_directory(layout, "tasks", "missing") is None
    assert find_directory(layout_of(tmp_path / "nowhere"), "tasks", "missing") is None
    with reading(layout, "tasks", "missing") as channels:
        assert channels == {}


def test_reading_opens_what_there_is_and_closes_it(tmp_path: Path) -> None:
    """A trail's channels are open inside the block only."""
    layout = new_root(tmp_path)
    record(layout, range(1, 3))
    before = open_descriptors()
    with reading(layout, KEY.family, KEY.directory) as channels:
        assert set(channels) == {"log", "events"}

    assert open_descriptors() == before


def test_a_planted_channel_leaves_nothing_open(tmp_path: Path) -> None:
    """A refusal half-way closes what was opened before it."""
    layout = new_root(tmp_path)
    record(layout, range(1, 3))
    layout.channel(KEY, "api_calls").symlink_to(layout.root_json)
    before = open_descriptors()

    with pytest.raises(StorageFailed, match="is a link"), reading(layout, "tasks", "gh-1"):
        pass
    assert open_descriptors() == before
    assert find_directory(layout, "sessions", TrailKey("sessions", "s").directory) is None
