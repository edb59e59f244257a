"""`tasktrail verify`."""

import shutil
from pathlib import Path

import pytest

from tests.cli.commands import json_lines, tasktrail
from tests.cli.services import log_event, record, serving


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with two recorded tasks and a session."""
    session = {"type": "session:started", "session_id": "s-1", "data": {}}
    record(tmp_path, [log_event("first"), log_event("second"), log_event("x", "gh-2"), session])
    return tmp_path


def edit(root: Path) -> None:
    """Somebody changes a word in an entry of gh-1."""
    path = root / "tasks" / "gh-1" / "08-log.jsonl"
    path.write_bytes(path.read_bytes().replace(b"first", b"FIRST"))


def test_a_sound_root_has_no_findings(root: Path) -> None:
    """Every trail is looked at, and nothing is printed on stdout."""
    done = tasktrail("verify", "--data", root)

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "3 trails verified, 0 findings\n"


def test_an_edited_entry_is_found_at_its_place(root: Path) -> None:
    """Exit code 1; trail, channel, byte and seq are named; nothing is repaired."""
    edit(root)
    done = tasktrail("verify", "--data", root)
    finding = json_lines(tasktrail("verify", "--json", "--data", root).stdout)[0]

    assert done.returncode == 1
    assert done.stdout.startswith("tasks/gh-1 log at byte 0 seq 1: expected h ")
    assert (finding["trail"], finding["channel"], finding["seq"]) == ("tasks/gh-1", "log", 1)
    assert tasktrail("verify", "--data", root).returncode == 1


def test_one_trail_can_be_asked_for(root: Path) -> None:
    """A sound trail beside a damaged one is sound; sessions have trails too."""
    edit(root)
    codes = [tasktrail("verify", one, "--data", root).returncode for one in ("gh-1", "gh-2", "s-1")]

    assert codes == [1, 0, 0]


def test_an_unknown_trail_is_not_found(root: Path) -> None:
    """Exit code 3 and one line."""
    done = tasktrail("verify", "gh-3", "--data", root)

    assert done.returncode == 3
    assert done.stderr.startswith("tasktrail: expected a trail of 'gh-3' in ")


def test_nobody_has_to_stop_for_it(root: Path) -> None:
    """A root that a service records is verified while it runs."""
    with serving(root):
        done = tasktrail("verify", "--data", root)

    assert (done.returncode, done.stdout) == (0, "")


def test_an_entry_that_is_just_being_written_is_no_finding(root: Path) -> None:
    """What lies behind the checkpoint is not yet recorded, so it is not judged."""
    with (root / "tasks" / "gh-1" / "08-log.jsonl").open("ab") as channel:
        channel.write(b'{"seq":3,"id":"spool:0:9')

    assert tasktrail("verify", "--data", root).returncode == 0


def test_a_root_that_cannot_be_written_is_only_read(root: Path) -> None:
    """Verifying changes no file of the root."""
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    tasktrail("verify", "--data", root)

    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


@pytest.mark.parametrize("has_index", [True, False])
def test_a_trail_that_was_removed_is_found(root: Path, has_index: bool) -> None:  # noqa: FBT001
    """What was recorded and is gone is told, by what the recorder noted or the index knows."""
    if not has_index:
        (root / "index.db").unlink()
    shutil.rmtree(root / "tasks" / "gh-1")
    done = tasktrail("verify", "--data", root)
    alone = tasktrail("verify", "gh-1", "--data", root)

    assert done.stdout == "tasks/gh-1: expected a trail of 2 entries, found no trail\n"
    assert (done.returncode, alone.returncode, alone.stdout) == (1, 1, done.stdout)


def test_a_channel_that_was_removed_is_found(root: Path) -> None:
    """Also when it held the last entries, and the metadata is gone with it."""
    for name in ("08-log.jsonl", "metadata.json"):
        (root / "tasks" / "gh-1" / name).unlink()
    done = tasktrail("verify", "--data", root)

    assert done.returncode == 1
    assert done.stdout == "tasks/gh-1: expected entries up to seq 2, found none after seq 0\n"
