"""The example plugins do what they say, and their tasks tell it."""

import hashlib
import os
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec import json

from tests.house.tree import REPOSITORY
from tests.support.outboxes import events_in
from tests.support.programs import require_program

RUN = REPOSITORY / "examples" / "plugins" / "run.py"


def ran(
    root: Path, plugin: str, params: Mapping[str, object], *, fails: bool = False
) -> list[dict[str, Any]]:
    """What the plugin's task was told."""
    done = subprocess.run(
        [sys.executable, RUN, plugin, json.encode(params).decode(), "gh-1"],
        env={**os.environ, "TASKTRAIL_DATA": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert bool(done.returncode) is fails, done.stderr
    return events_in(root)


def stages(events: list[dict[str, Any]], outcome: str = "completed") -> list[str]:
    """The stages that ended so, in their order."""
    return [one["stage"] for one in events if one["type"] == f"stage:{outcome}"]


def percents(events: list[dict[str, Any]]) -> list[float]:
    """How far the task was, each time it said so."""
    return [one["data"]["percent"] for one in events if one["type"] == "task:progress"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with some files."""
    place = tmp_path / "folder"
    (place / "deep").mkdir(parents=True)
    (place / "one.txt").write_text("one")
    (place / "deep" / "two ü.bin").write_bytes(bytes(1000))
    (place / "empty").touch()
    return place


def test_a_backup_holds_every_file(tmp_path: Path, folder: Path) -> None:
    """Its stages and its progress are in the task, its figures are the result."""
    archive = tmp_path / "out.tar.gz"
    events = ran(tmp_path, "backup", {"folder": str(folder), "archive": str(archive)})
    with tarfile.open(archive) as tar:
        names = sorted(tar.getnames())

    assert names == ["deep/two ü.bin", "empty", "one.txt"]
    assert stages(events) == ["scan", "archive", "verify"]
    assert percents(events)[-1] == 100
    assert events[-1]["data"]["result"] == {"archive": str(archive), "files": 3, "bytes": 1003}


def test_a_backup_of_nothing_fails_where_it_failed(tmp_path: Path) -> None:
    """The stage and the task both say why."""
    params = {"folder": str(tmp_path), "archive": str(tmp_path / "no" / "such.tar")}
    events = ran(tmp_path, "backup", params, fails=True)

    assert stages(events, "failed") == ["archive"]
    assert "No such file" in events[-1]["data"]["error"]


def database(path: Path, rows: int) -> None:
    """A database of two tables."""
    with closing(sqlite3.connect(path)) as made, made:
        made.execute('CREATE TABLE "odd ""name" (a INTEGER, b TEXT, c BLOB)')
        made.execute("CREATE TABLE empty (x)")
        many = ((n, f"row {n}", bytes([n % 256])) for n in range(rows))
        made.executemany('INSERT INTO "odd ""name" VALUES (?, ?, ?)', many)


def rows_of(path: Path) -> list[tuple[Any, ...]]:
    """The rows of the first table."""
    with closing(sqlite3.connect(path)) as found:
        return found.execute('SELECT * FROM "odd ""name"').fetchall()


def test_a_migration_copies_everything_in_batches(tmp_path: Path) -> None:
    """Every row, with the progress after each batch."""
    source, target = tmp_path / "old.db", tmp_path / "new.db"
    database(source, 1_000)
    params = {"source": str(source), "target": str(target), "batch": 100}
    events = ran(tmp_path, "migration", params)

    assert rows_of(target) == rows_of(source)
    assert stages(events) == ["schema", "empty", 'odd "name', "verify"]
    assert percents(events) == [float(percent) for percent in range(10, 101, 10)]
    assert events[-1]["data"]["result"] == {"empty": 0, 'odd "name': 1_000}


def test_an_interrupted_migration_goes_on(tmp_path: Path) -> None:
    """What is in the target is not copied again."""
    source, target = tmp_path / "old.db", tmp_path / "new.db"
    database(source, 500)
    database(target, 200)
    ran(tmp_path, "migration", {"source": str(source), "target": str(target)})

    assert rows_of(target) == rows_of(source)


def test_a_repository_is_cloned_and_described(tmp_path: Path) -> None:
    """Commits, authors and files; git's own words are in the task."""
    require_program("git")
    repository = tmp_path / "repository"
    name = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for command in (
        ["init", "-q", "-b", "main", str(repository)],
        *[
            ["-C", str(repository), *name, "commit", "-q", "--allow-empty", "-m", f"change {n}"]
            for n in range(3)
        ],
    ):
        subprocess.run(["git", *command], check=True)
    params = {"repository": str(repository), "clone": str(tmp_path / "clone")}
    events = ran(tmp_path, "git_report", params)
    report = events[-1]["data"]["result"]

    assert (report["commits"], report["authors"], report["files"]) == (3, {"Ada": 3}, 0)
    assert report["latest"] == "change 2"
    assert (tmp_path / "clone" / ".git").is_dir()
    assert any(e.get("source") == "git" and "Cloning" in e["data"]["message"] for e in events)


def test_a_repository_that_is_none_fails_with_git_s_words(tmp_path: Path) -> None:
    """The task says why."""
    require_program("git")
    params = {"repository": str(tmp_path / "none"), "clone": str(tmp_path / "clone")}
    events = ran(tmp_path, "git_report", params, fails=True)

    assert "git clone ended with 128" in events[-1]["data"]["error"]
    assert any("does not exist" in one["data"].get("message", "") for one in events)


def test_a_plugin_of_yesterday_runs_and_logs_into_its_task(tmp_path: Path, folder: Path) -> None:
    """Though it takes no context and knows only Python's own logging."""
    listed = tmp_path / "sums"
    events = ran(tmp_path, "checksums", {"folder": str(folder), "list": str(listed)})
    said = [one["data"]["message"] for one in events if one["type"] == "task:log"]

    assert listed.read_text().splitlines()[2].startswith(hashlib.sha256(b"one").hexdigest())
    assert said == ["reading two ü.bin", "reading empty", "reading one.txt"]
    assert {one["task_id"] for one in events} == {"gh-1"}
    assert events[-1]["data"]["result"] == 3
