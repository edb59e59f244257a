"""`tasktrail import`, as a shell runs it."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.commands import PROGRAM, json_lines, tasktrail
from tests.cli.services import serving
from tests.support.importing import SESSION, answer, lines_of, prompt, said
from tests.support.waiting import PATIENCE_SECONDS, wait_until


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A home directory with one session of an agent."""
    path = tmp_path / "home/.claude/projects/p/s.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(lines_of(prompt(1, "Fix the login"), answer(2, said("Done.")), "{torn"))
    return path


def test_what_was_imported_can_be_read_at_once(tmp_path: Path, history: Path) -> None:
    """Without any service; a broken line is told and costs nothing else."""
    root = str(tmp_path / "root")
    done = tasktrail("import", "--data", root, "--json", history.parent)
    task = json_lines(tasktrail("task", SESSION, "--data", root, "--json").stdout)[0]

    assert done.returncode == 0, done.stderr
    assert "torn" in done.stderr
    assert {name: json_lines(done.stdout)[0][name] for name in ("files", "records", "broken")} == {
        "files": 1,
        "records": 2,
        "broken": 1,
    }
    assert (task["title"], task["source"]) == ("Fix the login", "claude-code")


def test_importing_again_changes_nothing(tmp_path: Path, history: Path) -> None:
    """Not a byte of any trail, with or without the memory of it."""
    root = tmp_path / "root"
    tasktrail("import", "--data", str(root), history.parent)
    before = trails(root)
    tasktrail("import", "--data", str(root), history.parent)
    (root / "imports/files.jsonl").unlink()
    again = tasktrail("import", "--data", str(root), history.parent)

    assert again.returncode == 0
    assert trails(root) == before != {}


def trails(root: Path) -> dict[str, bytes]:
    """Every channel file of the root."""
    return {str(path): path.read_bytes() for path in root.glob("tasks/*/*.jsonl")}


def test_homes_are_discovered(tmp_path: Path, history: Path) -> None:
    """By the variables that agents themselves look at, else below the home directory."""
    environ = {"HOME": str(tmp_path / "home"), "TASKTRAIL_DATA": str(tmp_path / "root")}
    done = tasktrail("import", "--discover", environ=environ)

    assert (done.returncode, str(history.parents[1]) in done.stderr) == (0, True)
    assert done.stdout.startswith("1 files")


def test_nothing_that_could_be_read_is_a_failure(tmp_path: Path) -> None:
    """A missing path, or files of no format of ours; an empty folder is none."""
    (tmp_path / "x.txt").write_text("words")
    (tmp_path / "empty").mkdir()
    data = ("--data", str(tmp_path / "root"))

    assert tasktrail("import", tmp_path / "missing", *data).returncode == 1
    assert tasktrail("import", tmp_path / "x.txt", *data).returncode == 1
    assert tasktrail("import", tmp_path / "empty", *data).returncode == 0
    assert tasktrail("import", *data).returncode == 2
    assert tasktrail("import", tmp_path, "--format", "nonsense", *data).returncode == 2


def test_a_pipe_is_imported(tmp_path: Path) -> None:
    """As `claude -p` writes it."""
    record = {"type": "result", "session_id": "s1", "uuid": "u", "total_cost_usd": 0.5}
    done = subprocess.run(
        [PROGRAM, "import", "-", "--data", tmp_path / "root", "--json"],
        input=json.dumps(record).encode(),
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )

    assert json.loads(done.stdout)["by_format"] == {"claude_stream": 1}


def test_a_pipe_may_have_a_files_name(tmp_path: Path) -> None:
    """Which names the task; the file that was written beside it adds nothing."""
    record = {"type": "result", "session_id": "s1", "uuid": "u", "total_cost_usd": 0.5}
    path, root = tmp_path / "gh-7.jsonl", str(tmp_path / "root")
    path.write_bytes(lines_of(record))
    with path.open("rb") as file:
        subprocess.run(
            [PROGRAM, "import", "-", "--name", path.name, "--data", root],
            stdin=file,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=True,
        )
    tasktrail("import", "--data", root, path)
    tasks = json_lines(tasktrail("tasks", "--data", root, "--json").stdout)

    assert [(one["task_id"], one["cost_micro_usd"], len(one["attempts"])) for one in tasks] == [
        ("gh-7", 500_000, 1)
    ]


def test_files_of_no_known_format_are_named(tmp_path: Path, history: Path) -> None:
    """The first few where somebody reads, all of them for scripts, also when nothing is new."""
    for number in range(7):
        (history.parent / f"note{number}.txt").write_text("words")
    data = ("--data", str(tmp_path / "root"))
    shown = tasktrail("import", *data, history.parent).stderr
    again = json_lines(tasktrail("import", *data, "--json", history.parent).stdout)[0]

    assert (shown.count("of no format that is known"), "and 2 other files" in shown) == (5, True)
    assert len(again["other_files"]) == 7


def test_a_mapping_reads_any_lines(tmp_path: Path) -> None:
    """By the file that describes them."""
    (tmp_path / "map.toml").write_text('name = "mine"\n[ids]\ntask_id = "job"\n')
    (tmp_path / "a.jsonl").write_text('{"job":"t-1"}\n')
    root = str(tmp_path / "root")
    done = tasktrail(
        "import", tmp_path / "a.jsonl", "--map", str(tmp_path / "map.toml"), "--data", root
    )

    assert (done.returncode, "1 mine" in done.stdout) == (0, True)


def test_a_mapping_passes_over_files_of_a_folder_that_have_no_record(tmp_path: Path) -> None:
    """They are named, and make no task; one that was named itself is kept, line by line."""
    (tmp_path / "map.toml").write_text('[ids]\ntask_id = "job"\n')
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.jsonl").write_text('starting\n{"job":"t-1"}\n{"no":"id"}\n')
    (logs / "notes.txt").write_text("words\nand words\n")
    (logs / "report.json").write_text('{\n "a": 1\n}\n')
    options = ("--map", str(tmp_path / "map.toml"), "--data", str(tmp_path / "root"), "--json")
    done = tasktrail("import", logs, *options)
    (found,) = json_lines(done.stdout)
    (named,) = json_lines(tasktrail("import", logs / "notes.txt", *options).stdout)

    assert (found["files"], found["records"], found["broken"], found["others"]) == (1, 1, 2, 2)
    assert f"{logs}/notes.txt: of no format that is known" in done.stderr
    assert (named["files"], named["broken"]) == (1, 2)


def test_a_server_takes_an_import(tmp_path: Path, history: Path) -> None:
    """The same entries under the same identities as straight on a root."""
    tasktrail("import", "--data", str(tmp_path / "straight"), history.parent)
    with serving(tmp_path / "served") as url:
        home = {"XDG_DATA_HOME": str(tmp_path / "xdg"), "HOME": str(tmp_path)}
        done = tasktrail("import", history.parent, "--server", url, environ=home)
        rows = tasktrail("log", SESSION, "--server", url, "--json")

    straight = tasktrail("log", SESSION, "--data", str(tmp_path / "straight"), "--json")
    assert done.returncode == 0, done.stderr
    assert [one["id"] for one in json_lines(rows.stdout)] == [
        one["id"] for one in json_lines(straight.stdout)
    ]


def test_following_imports_until_it_is_interrupted(tmp_path: Path, history: Path) -> None:
    """And what it imported can be read meanwhile."""
    root = str(tmp_path / "root")
    command = [str(PROGRAM), "import", "--follow", "--data", root, str(history.parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as follower:
        assert follower.stdout is not None
        follower.stdout.readline()
        with history.open("ab") as file:
            file.write(b"\n" + lines_of(prompt(3, "And test it")))
        wait_until(lambda: "And test it" in tasktrail("log", SESSION, "--data", root).stdout)
        follower.send_signal(signal.SIGINT)

        assert follower.wait(PATIENCE_SECONDS) == 130
