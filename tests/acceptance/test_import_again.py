"""The same history gives the same trails, whatever way and how often it is imported."""

import os
import random
import shutil
from pathlib import Path

import pytest

from tasktrail.ingest.import_files import find_files
from tasktrail.ingest.import_pipe import import_pipe
from tests.support.importing import Desk, KeptSink

NOW = 1_800_000_000.0  # long after every sample
AGES = (300, 40, 4_000)  # days that files of copies are old
DAY = 86_400
FOLDERS = (
    "claude_code/codemie",
    "claude_code/claudeless",
    "claude_code/entire",
    "claude_code/spotter",
    "stream_json",
    "codex",
    "gemini",
    "swe_agent",
    "openhands",
    "inspect_ai",
    "aider",
)
# Whose times nobody told: that such a run is over, only the age of its file says.
TIMELESS = frozenset({"stream_json", "swe_agent"})


@pytest.fixture(params=FOLDERS)
def folder(request: pytest.FixtureRequest, samples: Path) -> Path:
    """A folder of real history."""
    return samples / str(request.param)


def desk_of(place: Path, folder: Path, *, days: int) -> Desk:
    """A desk with a copy of the folder whose files are so old, each of another time."""
    place.mkdir()
    desk = Desk(place)
    desk.now = NOW
    shutil.copytree(folder, desk.files / folder.name)
    dice = random.Random(days)
    for found in find_files([desk.files]):
        at = NOW - days * DAY - dice.randrange(DAY) if days else NOW
        os.chmod(found.path, 0o600)  # noqa: PTH101 - samples are read-only
        os.utime(found.path, (at, at))
    return desk


def imported(place: Path, folder: Path, *, days: int = AGES[0]) -> KeptSink:
    """What an import of the copy says."""
    desk = desk_of(place, folder, days=days)
    desk.run()
    return desk.sink


def test_a_copy_of_other_times_says_the_same(tmp_path: Path, folder: Path) -> None:
    """What is told depends on the records alone."""
    first, *others = (imported(tmp_path / str(days), folder, days=days) for days in AGES)

    assert [one.digest() == first.digest() for one in others] == [True] * len(others)


def test_a_copy_that_was_just_made_is_history_too(tmp_path: Path, folder: Path) -> None:
    """What is over, the times of records say; only a run that tells none may still be written."""
    old = imported(tmp_path / "old", folder).digest()
    fresh = imported(tmp_path / "fresh", folder, days=0).digest()
    missing = {name: one for name, one in old.items() if name not in fresh}

    assert fresh.items() <= old.items()
    assert all(one["data"].get("inferred") for one in missing.values())
    if folder.name not in TIMELESS | {"codex"}:  # whose second sample has words for times
        assert missing == {}


def test_another_order_says_the_same(tmp_path: Path, folder: Path) -> None:
    """Files do not depend on each other."""
    desk = desk_of(tmp_path / "shuffled", folder, days=AGES[0])
    files = find_files([desk.files])
    random.Random(1).shuffle(files)
    for one in files:
        desk.take([one])

    assert desk.sink.digest() == imported(tmp_path / "plain", folder).digest()


def test_a_copy_beside_it_adds_nothing_but_its_place(tmp_path: Path, folder: Path) -> None:
    """No attempt, no cost, no entry twice."""
    desk = desk_of(tmp_path / "both", folder, days=AGES[0])
    desk.run()
    before, conflicts = desk.sink.digest(), desk.sink.conflicts
    shutil.copytree(desk.files / folder.name, desk.files / "backup" / folder.name)
    desk.run()

    assert desk.sink.digest() == before
    assert desk.sink.conflicts == 2 * conflicts  # what samples themselves say twice


def test_a_file_that_grows_says_what_the_whole_says(tmp_path: Path, folder: Path) -> None:
    """Its first half was imported while it was written."""
    desk = desk_of(tmp_path / "grown", folder, days=AGES[0])
    files = [Path(found.path) for found in find_files([desk.files])]
    blobs = {path: path.read_bytes() for path in files}
    for path, blob in blobs.items():
        path.write_bytes(blob[: len(blob) // 2])
    desk.now = 0
    desk.run()
    for path, blob in blobs.items():
        path.write_bytes(blob)
        os.utime(path, (NOW - DAY * 9, NOW - DAY * 9))
    desk.now = NOW
    desk.run()

    assert desk.sink.digest() == imported(tmp_path / "whole", folder).digest()


def test_a_pipe_says_what_the_file_says(tmp_path: Path, folder: Path) -> None:
    """In whatever pieces it comes; only sub-agents need their folder to know whose they are."""
    desk, piped, read = desk_of(tmp_path / "a", folder, days=AGES[0]), KeptSink(), KeptSink()
    for found in find_files([desk.files]):
        if "subagents" in found.path or "/agent-" in found.path:
            continue
        with open(found.path, "rb") as file:  # noqa: PTH123 - found files are text
            import_pipe(file.fileno(), piped, name=Path(found.path).name, clock=lambda: NOW)
        desk.sink = read
        desk.take([found])

    assert piped.digest() == read.digest()
