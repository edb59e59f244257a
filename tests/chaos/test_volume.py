"""A volume whose power can be cut: what was not synced is gone, what was synced is there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tasktrail.chaos.trouble import Unavailable
from tasktrail.chaos.volume import PAGE, Volume, why_unavailable
from tests.support.waiting import wait_until

KINDS = ("ext4", "xfs")


def cuttable(kind: str) -> str:
    """The kind, where its power can be cut here; else a skip that says what is missing."""
    reason = why_unavailable(kind)
    if reason is not None:
        pytest.skip(f"a power cut on {kind} {reason}")
    return kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_keeps_what_was_synced_and_nothing_else(tmp_path: Path, kind: str) -> None:
    """As a real one does."""
    with Volume(tmp_path, cuttable(kind)) as volume:
        for name in ("synced", "unsynced"):
            (volume.path / name).write_bytes(b"x" * 10)
        fd = os.open(volume.path / "synced", os.O_RDWR)
        os.fsync(fd)
        os.close(fd)
        volume.cut()
        with pytest.raises(OSError, match="Input/output error"):
            (volume.path / "late").write_bytes(b"x")
        volume.power_on()

        assert (volume.path / "synced").read_bytes() == b"x" * 10
        found = volume.path / "unsynced"
        assert not found.exists() or found.read_bytes() in {b"", b"\0" * 10}


def test_forced_pages_leave_a_hole_before_them(tmp_path: Path) -> None:
    """What was synced long ago and the last page are there after the cut, NULs between them."""
    with Volume(tmp_path, cuttable("ext4")) as volume:
        path = volume.path / "file.jsonl"
        path.write_bytes(b"a" * (3 * PAGE))
        volume.sync()
        with path.open("ab") as file:
            file.write(b"x" * (8 * PAGE))
        forced = volume.force_last_pages()
        volume.cut()
        volume.power_on()
        found = path.read_bytes()

        assert forced == 1
        assert found == b"a" * (3 * PAGE) + b"\0" * (7 * PAGE) + b"x" * PAGE


def test_a_process_that_is_killed_leaves_nothing_mounted(tmp_path: Path) -> None:
    """Nobody has to unmount what an ended test or run left."""
    kind = cuttable("ext4")
    lines = (
        "import os, sys, pathlib; from tasktrail.chaos.volume import Volume",
        f"Volume(pathlib.Path(sys.argv[1]), {kind!r}).__enter__(); print(os.getpid(), flush=True)",
        "os.kill(os.getpid(), 9)",
    )
    command = [sys.executable, "-c", "\n".join(lines), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.strip().isdigit()) == (-9, True), done.stderr
    wait_until(lambda: str(tmp_path) not in Path("/proc/self/mounts").read_text(encoding="utf-8"))


def test_a_block_that_ends_with_an_error_keeps_its_image(tmp_path: Path) -> None:
    """What is on the disk of a run without a verdict can be looked at."""
    volume = Volume(tmp_path, cuttable("ext4"))

    def break_off() -> None:
        with volume:
            (volume.path / "file").write_bytes(b"x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    again = tmp_path / "again"
    again.mkdir()
    subprocess.run(["mount", "-o", "loop", str(tmp_path / "ext4.img"), str(again)], check=True)
    try:
        found = (again / "file").read_bytes()
    finally:
        subprocess.run(["umount", str(again)], check=True)

    assert found == b"x"
    assert str(volume.path) not in Path("/proc/self/mounts").read_text(encoding="utf-8")


def test_an_unknown_file_system_is_unavailable(tmp_path: Path) -> None:
    """What is missing is said."""
    assert why_unavailable("nofs") is not None
    with pytest.raises(Unavailable, match="needs"):
        Volume(tmp_path, "nofs")
