"""The data root and its mark."""

import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tasktrail.errors import InvalidSetting, RootUnusable
from tasktrail.store.layout import layout_of
from tasktrail.store.root import open_root, read_root

RACE = """
import sys
from pathlib import Path
from tasktrail.store.layout import layout_of
from tasktrail.store.root import open_root
sys.stdin.readline()
print(open_root(layout_of(Path(sys.argv[1])), partitions=None).volume_id)
"""


def test_a_root_is_made_once(tmp_path: Path) -> None:
    """The second opening finds what the first one made."""
    layout = layout_of(tmp_path / "deep" / "root")
    born = open_root(layout, partitions=3)

    assert open_root(layout, partitions=None) == read_root(layout) == born
    assert (born.format, born.partitions, born.generation) == (1, 3, 1)
    assert all(path.is_dir() for path in layout.directories(3))
    assert {stat.S_IMODE(path.stat().st_mode) for path in layout.directories(3)} == {0o700}
    assert stat.S_IMODE(layout.root_json.stat().st_mode) == 0o600


def test_racing_processes_make_one_root(tmp_path: Path) -> None:
    """Processes that start at the same moment agree on one mark."""
    command = [sys.executable, "-c", RACE, str(tmp_path / "root")]
    racers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(4)
    ]
    for racer in racers:
        assert racer.stdin
        racer.stdin.write(b"go\n")
        racer.stdin.flush()
    marks = {racer.communicate()[0] for racer in racers}

    assert len(marks) == 1
    assert marks == {read_root(layout_of(tmp_path / "root")).volume_id.encode() + b"\n"}
    assert [racer.returncode for racer in racers] == [0, 0, 0, 0]


def test_another_number_of_partitions_is_refused(tmp_path: Path) -> None:
    """The number counts at birth; later it must fit, or not be said."""
    layout = layout_of(tmp_path)
    open_root(layout, partitions=2)

    with pytest.raises(InvalidSetting, match=r"TASKTRAIL_PARTITIONS: expected 2.*found 3"):
        open_root(layout, partitions=3)
    assert open_root(layout, partitions=2).partitions == 2


def test_another_format_is_refused(tmp_path: Path) -> None:
    """A root of a later version is left alone."""
    layout = layout_of(tmp_path)
    born = open_root(layout, partitions=None)
    later = msgspec.structs.replace(born, format=2)
    layout.root_json.write_bytes(msgspec.json.encode(later))

    with pytest.raises(RootUnusable, match="expected format 1, found 2"):
        open_root(layout, partitions=None)


def test_a_damaged_mark_is_refused(tmp_path: Path) -> None:
    """A mark that cannot be read is never replaced by a new one."""
    layout = layout_of(tmp_path)
    open_root(layout, partitions=None)
    layout.root_json.write_bytes(b"")

    with pytest.raises(RootUnusable, match="expected the mark"):
        open_root(layout, partitions=None)


def test_a_root_that_lost_its_mark_is_refused(tmp_path: Path) -> None:
    """Where a root has been, no second one is born."""
    layout = layout_of(tmp_path)
    open_root(layout, partitions=None)
    layout.root_json.unlink()

    with pytest.raises(RootUnusable, match="its mark is gone"):
        open_root(layout, partitions=None)


def test_trails_that_were_there_before_are_no_obstacle(tmp_path: Path) -> None:
    """LOGS_DIR may hold directories of an earlier program."""
    (tmp_path / "logs" / "task-1").mkdir(parents=True)

    assert open_root(layout_of(tmp_path, tmp_path / "logs"), partitions=None).partitions == 1


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """What stands in the way is named."""
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(RootUnusable, match=r"file/root cannot be used"):
        open_root(layout_of(tmp_path / "file" / "root"), partitions=None)


def test_reading_creates_nothing(tmp_path: Path) -> None:
    """A reader finds no root where there is none, and leaves it so."""
    with pytest.raises(RootUnusable, match=r"found no such directory"):
        read_root(layout_of(tmp_path / "root"))
    assert list(tmp_path.iterdir()) == []
