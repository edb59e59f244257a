"""Volumes that should be mounted."""

from pathlib import Path

from tasktrail.store.mounts import missing_mount


def test_a_listed_volume_that_is_not_mounted_is_missing(tmp_path: Path) -> None:
    """A mount point of the system's table without its volume is named."""
    point = tmp_path / "my disk"
    fstab = tmp_path / "fstab"
    named = str(point).replace(" ", "\\040")
    fstab.write_text(f"# {tmp_path} ignored\n\n/dev/sdz1 / ext4\n/dev/sdz {named} ext4 defaults\n")

    assert missing_mount(point / "tasktrail", fstab) == point
    assert missing_mount(tmp_path / "elsewhere", fstab) is None


def test_a_removable_volume_that_is_away_is_missing(tmp_path: Path) -> None:
    """Where removable volumes appear, a name that is not there is a volume that is away."""
    away = Path("/media/nobody/no-such-disk")

    assert missing_mount(away / "tasktrail", tmp_path / "none") == away


def test_without_a_table_nothing_is_missing(tmp_path: Path) -> None:
    """A system without such a table is taken as it is."""
    assert missing_mount(tmp_path, tmp_path / "none") is None
