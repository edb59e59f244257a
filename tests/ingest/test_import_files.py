"""Which files there are, and in which order."""

import os
from pathlib import Path

from tasktrail.ingest.import_files import find_files, usual_homes


def make(folder: Path, name: str, *, at: int = 100) -> Path:
    """A file that was changed at that time."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(name)
    os.utime(path, (at, at))
    return path


def names(folder: Path) -> list[str]:
    """What is found, by its place below the folder."""
    return [os.path.relpath(one.path, folder) for one in find_files([folder])]


def test_sessions_come_by_age_each_before_its_sub_agents(tmp_path: Path) -> None:
    """A sub-agent's file is older than its session's, and comes after it all the same."""
    make(tmp_path, "b.jsonl", at=300)
    make(tmp_path, "b/subagents/agent-1.jsonl", at=200)
    make(tmp_path, "a.jsonl", at=250)

    assert names(tmp_path) == ["a.jsonl", "b.jsonl", "b/subagents/agent-1.jsonl"]


def test_links_sidecars_and_other_peoples_folders_are_passed_over(tmp_path: Path) -> None:
    """A link could lead anywhere; a sidecar is read with its file."""
    target = make(tmp_path, "a.jsonl")
    make(tmp_path, "agent-1.meta.json")
    make(tmp_path, "node_modules/x.jsonl")
    (tmp_path / "link.jsonl").symlink_to(target)
    (tmp_path / "loop").symlink_to(tmp_path)

    assert names(tmp_path) == ["a.jsonl"]


def test_a_task_directory_is_one_file(tmp_path: Path) -> None:
    """A change of any of its numbered files is a change of the whole."""
    make(tmp_path, "t/metadata.json", at=100)
    make(tmp_path, "t/01-input.json", at=200)
    make(tmp_path, "t/readme.txt", at=50)
    found = {Path(one.path).name: one for one in find_files([tmp_path])}

    assert sorted(found) == ["metadata.json", "readme.txt"]
    assert found["metadata.json"].stamp.mtime_ns == 200 * 10**9
    assert found["metadata.json"].stamp.size == len("t/metadata.json") + len("t/01-input.json")


def test_a_file_that_is_named_twice_is_found_once(tmp_path: Path) -> None:
    """By itself and by its folder; what is not there is not found."""
    path = make(tmp_path, "a.jsonl")

    assert len(find_files([tmp_path, path, tmp_path / "missing"])) == 1


def test_homes_are_where_variables_say_else_where_they_usually_are(tmp_path: Path) -> None:
    """Only those that exist; a variable may name several."""
    for name in (".claude/projects", "one/projects", "two/projects", ".codex/sessions"):
        (tmp_path / name).mkdir(parents=True)
    said = {"CLAUDE_CONFIG_DIR": f"{tmp_path}/one,{tmp_path}/two"}

    assert usual_homes({}, tmp_path) == [
        tmp_path / ".claude/projects",
        tmp_path / ".codex/sessions",
    ]
    assert usual_homes(said, tmp_path)[:2] == [tmp_path / "one/projects", tmp_path / "two/projects"]
