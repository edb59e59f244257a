"""The parts of a root are wired once, the same way for a service and for a command."""

from pathlib import Path

import pytest

from tasktrail.errors import InvalidSetting, RootUnusable
from tasktrail.service.parts import layout_for, open_parts
from tests.service.rooms import settings_in


def test_the_root_is_made_when_there_is_none(tmp_path: Path) -> None:
    """With as many partitions as were asked for, and only then."""
    with open_parts(settings_in(tmp_path, partitions=3)) as first:
        made = first.root
    with open_parts(settings_in(tmp_path)) as again:
        found = again.root

    assert made.partitions == 3
    assert found == made


def test_another_number_of_partitions_is_refused(tmp_path: Path) -> None:
    """It is decided at the root's birth."""
    with open_parts(settings_in(tmp_path, partitions=2)):
        pass

    with (
        pytest.raises(InvalidSetting, match="TASKTRAIL_PARTITIONS"),
        open_parts(settings_in(tmp_path, partitions=4)),
    ):
        pass


def test_trails_may_stand_beside_the_root(tmp_path: Path) -> None:
    """LOGS_DIR moves the trails of tasks and nothing else."""
    layout = layout_for(settings_in(tmp_path, logs_dir=tmp_path / "trails"))

    assert layout.tasks == tmp_path / "trails"
    assert layout.index == tmp_path / "root" / "index.db"


def test_there_is_one_pump_per_stream(tmp_path: Path) -> None:
    """And none where no Redis was named."""
    streams = {"redis_url": "redis://127.0.0.1:1/0", "redis_stream": ("a", "b")}
    with open_parts(settings_in(tmp_path, **streams)) as parts:
        names = [pump.status().stream for pump in parts.redis_pumps]
    with open_parts(settings_in(tmp_path)) as without:
        assert without.redis_pumps == ()

    assert names == ["a", "b"]


def test_an_index_that_is_not_built_yet_is_refused(tmp_path: Path) -> None:
    """A PostgreSQL address is no silent SQLite."""
    with (
        pytest.raises(InvalidSetting, match="TASKTRAIL_INDEX"),
        open_parts(settings_in(tmp_path, index="postgresql://db/tasktrail")),
    ):
        pass


def test_a_root_of_another_format_is_refused(tmp_path: Path) -> None:
    """What a later version wrote is not touched."""
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "root.json").write_text('{"format": 99}', encoding="utf-8")

    with pytest.raises(RootUnusable), open_parts(settings_in(tmp_path)):
        pass
