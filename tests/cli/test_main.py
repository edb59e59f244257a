"""The command `tasktrail`: its table of commands, and what outcomes are to the shell."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tasktrail import errors
from tasktrail.cli.main import COMMANDS, exit_code_of, run
from tests.cli.commands import PROGRAM, tasktrail

# What --help must not load: it would be felt at every call.
TOO_HEAVY = {
    "rich",
    "litestar",
    "uvicorn",
    "redis",
    "sqlite3",
    "asyncio",
    "httptools",
    "websockets",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_exists_and_says_in_one_line_what_it_does(name: str) -> None:
    """Each row of the table leads to a command with help of its own."""
    verb = COMMANDS[name]
    command = getattr(importlib.import_module(f"tasktrail.cli.{verb.module}"), verb.name)

    assert isinstance(command, click.Command)
    assert command.help
    assert verb.help.endswith(".")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_the_shared_options(name: str) -> None:
    """--data and --json work behind every command's name."""
    verb = COMMANDS[name]
    command = getattr(importlib.import_module(f"tasktrail.cli.{verb.module}"), verb.name)
    leaves = list(command.commands.values()) if isinstance(command, click.Group) else [command]

    for leaf in leaves:
        assert {"data", "server", "as_json", "color", "raw"} <= {one.name for one in leaf.params}


def test_help_loads_nothing_heavy() -> None:
    """--help and the table of commands import no library that a command may need."""
    program = (
        "import sys\nfrom tasktrail.cli.main import run\nrun(['--help'])\n"
        "print(*sorted(m.split('.')[0] for m in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert "verify" in done.stdout
    assert set(done.stderr.split()) & TOO_HEAVY == set()


def test_help_names_every_command() -> None:
    """Whoever asks for help sees all commands, with a line each."""
    done = tasktrail("--help")

    assert done.returncode == 0
    assert [name for name in COMMANDS if f"\n  {name} " not in done.stdout] == []


def test_a_mistyped_command_is_a_usage_error_with_a_hint() -> None:
    """One line on stderr says what was expected, and what was probably meant."""
    done = tasktrail("taks")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "tasktrail: expected a command, found 'taks'; did you mean tasks? (see tasktrail --help)\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["log"],
        ["log", "a", "-n", "x"],
        ["tasks", "--nope"],
        ["tasks", "--limit", "0"],
        ["dead", "x"],
    ],
)
def test_usage_errors_are_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What the command line got wrong is said on stderr, with where to read on."""
    code = run(arguments)
    captured = capsys.readouterr()

    assert (code, captured.out) == (2, "")
    assert captured.err.startswith("tasktrail: ")
    assert captured.err.endswith("--help)\n")
    assert captured.err.count("\n") == 1


def test_no_arguments_show_the_help() -> None:
    """The bare command shows its help, as talk, and is no success."""
    done = tasktrail()

    assert (done.returncode, done.stdout) == (2, "")
    assert "Commands:" in done.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.TaskNotFound("x"), 3),
        (errors.ServerUnreachable("x"), 4),
        (errors.LockHeld("x"), 5),
        (TimeoutError("x"), 5),
        (errors.InvalidFilter("x"), 2),
        (errors.InvalidCursor("x"), 2),
        (errors.InvalidSetting("x"), 2),
        (errors.PortInUse("x"), 1),
        (errors.RootUnusable("x"), 1),
        (PermissionError("x"), 1),
    ],
)
def test_every_error_has_its_exit_code(error: Exception, code: int) -> None:
    """Scripts can tell not found, unreachable, timed out and misuse apart."""
    assert exit_code_of(error) == code


def test_an_unusable_setting_is_named(tmp_path: Path) -> None:
    """A setting that means nothing is a usage error that says expected, found and where."""
    done = tasktrail("config", environ={"PORT": "eighty", "TASKTRAIL_DATA": str(tmp_path)})

    assert done.returncode == 2
    assert done.stderr == (
        "tasktrail: PORT: expected a whole number from 0 to 65535, found 'eighty' (environment)\n"
    )


@pytest.mark.parametrize(("lacking", "arguments"), [("click", "--help"), ("uvicorn", "serve")])
def test_a_library_that_is_not_installed_is_named(
    lacking: str, arguments: str, tmp_path: Path
) -> None:
    """With what installs it, in one line."""
    program = (
        f"import sys; sys.modules[{lacking!r}] = None; sys.argv[1:] = [{arguments!r}];"
        "from tasktrail.cli.main import main; main()"
    )
    environ = {**os.environ, "TASKTRAIL_DATA": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stderr == f"tasktrail: expected {lacking}: pip install 'tasktrail[all]'\n"


@pytest.mark.parametrize("closed", [0, 1, 2])
def test_a_stream_that_is_closed_keeps_no_command_from_running(closed: int, tmp_path: Path) -> None:
    """Daemons start their children so; what is opened next must not take its place."""
    ran = tmp_path / "ran"
    command = f'exec "{PROGRAM}" run --data "{tmp_path}/root" --task a -- touch "{ran}" {closed}>&-'
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)

    assert (done.returncode, ran.exists(), "Traceback" in done.stderr) == (0, True, False)
    assert tasktrail("task", "a", "--data", f"{tmp_path}/root").stdout.startswith("✓ completed")


def test_an_argument_that_is_no_text_is_a_usage_error(tmp_path: Path) -> None:
    """In one line, which shows what was found."""
    said = [b"run", b"--data", bytes(tmp_path), b"--task", b"t\xff", b"--", b"true"]
    done = subprocess.run([bytes(PROGRAM), *said], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr == "tasktrail: expected text in UTF-8, found 't\\udcff'\n"


def test_the_version_is_printed() -> None:
    """--version prints the version and nothing else."""
    assert tasktrail("--version").stdout.count(".") == 2


def test_the_module_is_the_command() -> None:
    """`python -m tasktrail` is the same command."""
    done = subprocess.run(
        [sys.executable, "-m", "tasktrail", "--version"], capture_output=True, text=True, check=True
    )

    assert done.stdout == tasktrail("--version").stdout
