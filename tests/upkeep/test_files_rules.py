"""Rules about the place of a root."""

import os
import resource
from pathlib import Path

import pytest

from tasktrail.store.layout import Layout
from tasktrail.upkeep.files_rules import (
    check_clock,
    check_descriptors,
    check_rights,
    check_room,
    check_volume,
)
from tests.support.store_trails import KEY, new_root, record

NOW = 1_763_776_000_000_000  # µs since the epoch


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A root with one trail, made as everywhere."""
    found = new_root(tmp_path)
    record(found, range(1, 5))
    return found


def test_what_we_make_is_private(layout: Layout) -> None:
    """A root as it was made has no finding, whatever the umask."""
    assert list(check_rights(layout)) == []


@pytest.mark.parametrize("loose", ["root", "spool", "channel", "root.json"])
def test_rights_of_others_are_told(layout: Layout, loose: str) -> None:
    """A root that somebody opened up, or copied without its rights, is named."""
    channel = layout.channel(KEY, "log")
    paths = {"root": layout.root, "spool": layout.spool(0), "channel": channel}
    path = paths.get(loose, layout.root_json)
    path.chmod(0o755 if path.is_dir() else 0o644)
    (finding,) = check_rights(layout)

    assert (finding.code, finding.severity) == ("loose_permissions", "warning")
    assert str(path) in finding.message


@pytest.mark.parametrize(("folder", "rights"), [("", 0o500), ("tasks", 0o000), ("spool", 0o600)])
def test_a_directory_that_is_shut_is_told(layout: Layout, folder: str, rights: int) -> None:
    """Nothing can be recorded there, although nothing is wrong with what is."""
    path = layout.root / folder
    path.chmod(rights)
    found = list(check_rights(layout))
    path.chmod(0o700)

    assert [(one.code, one.severity) for one in found] == [("shut_directories", "error")]
    assert str(path) in found[0].message


def test_a_network_volume_is_told(layout: Layout, tmp_path: Path) -> None:
    """By the innermost mount that holds the root."""
    table = tmp_path / "mounts"
    line = f"disk / ext4 rw 0 0\nserver:/x {layout.root} nfs4 rw 0 0\nother /elsewhere nfs rw 0 0\n"
    table.write_text(line)
    codes = [one.code for one in check_volume(layout, mounts=table)]
    table.write_text(line.replace("nfs4", "xfs"))

    assert "network_volume" in codes
    assert "network_volume" not in [one.code for one in check_volume(layout, mounts=table)]
    assert "network_volume" not in [
        one.code for one in check_volume(layout, mounts=tmp_path / "missing")
    ]


def test_a_disk_on_which_nothing_is_accepted_is_an_error() -> None:
    """Said with both figures; one byte more, and there is nothing to say."""
    (finding,) = check_room(free=(5 << 20) - 1, needed=5 << 20)

    assert (finding.code, finding.severity) == ("accepting_stopped", "error")
    assert "4 MiB are free, 5 MiB are needed" in finding.message
    assert list(check_room(free=5 << 20, needed=5 << 20)) == []


def test_a_low_limit_of_files_is_told() -> None:
    """A hard limit that is too low is named; here it is what the system gives."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    is_low = hard != resource.RLIM_INFINITY and hard < 4_096

    assert bool(list(check_descriptors())) == is_low


def test_a_clock_that_was_set_back_is_told(layout: Layout) -> None:
    """The root was written later than now."""
    path = layout.checkpoint(0)
    path.touch()
    seconds = NOW / 1_000_000
    os.utime(path, (seconds + 3_600, seconds + 3_600))
    (finding,) = check_clock(layout, 1, NOW)
    os.utime(path, (seconds, seconds))

    assert "3,600 s in the future" in finding.message
    assert list(check_clock(layout, 1, NOW)) == []
