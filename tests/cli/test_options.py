"""Options that every command has, before and behind its name."""

import click
import pytest
from click.testing import CliRunner

from tasktrail.cli.invocation import Invocation
from tasktrail.cli.options import params_of, shared_options, takes_invocation
from tests.cli.commands import tasktrail


@click.group
@shared_options
@click.pass_context
def program(context: click.Context, /, **said: object) -> None:
    """A program with two commands."""
    context.obj = said


@program.command
@takes_invocation()
def anywhere(invocation: Invocation) -> None:
    """Says what it was told."""
    click.echo(f"{invocation.data} {invocation.server} {invocation.as_json} {invocation.is_raw}")


@program.command
@takes_invocation(local=True)
def here(invocation: Invocation) -> None:
    """Says what it was told; works on a root only."""
    click.echo(f"{invocation.data}")


def outcome(*arguments: str) -> tuple[int, str]:
    """The exit code and the last line of all output."""
    result = CliRunner().invoke(program, arguments)
    return result.exit_code, result.output.splitlines()[-1]


def test_options_work_before_and_behind_the_command() -> None:
    """A shared option means the same in both places."""
    assert outcome("--data", "a", "--json", "anywhere") == (0, "a None True False")
    assert outcome("anywhere", "--data", "a", "--json") == (0, "a None True False")


def test_what_is_said_later_wins() -> None:
    """The option behind the command's name overrules the one before it."""
    assert outcome("--data", "a", "anywhere", "--data", "b") == (0, "b None False False")


def test_a_root_and_a_server_cannot_both_be_meant() -> None:
    """Naming both is a usage error, wherever they are named."""
    code, said = outcome("--data", "a", "anywhere", "--server", "http://x")

    assert code == 2
    assert "expected --data or --server, found both" in said


def test_commands_that_need_a_root_refuse_a_server() -> None:
    """A command that works on files says so instead of ignoring the server."""
    code, said = outcome("here", "--server", "http://x")

    assert code == 2
    assert "expected no --server" in said


@pytest.mark.parametrize("command", [["gaps"], ["verify"], ["index", "status"], ["dead", "replay"]])
def test_what_a_root_holds_is_not_asked_where_a_server_is_meant(command: list[str]) -> None:
    """The root that stands in where none is named is another one."""
    done = tasktrail(*command, environ={"TASKTRAIL_URL": "http://127.0.0.1:1"})

    assert done.returncode == 2
    assert "expected --data, found TASKTRAIL_URL" in done.stderr


def test_unsaid_options_filter_nothing() -> None:
    """Only what was said becomes a filter, each value as text."""
    said = {"level": ("error", "info"), "search": "x", "since": None, "stage": ()}

    assert params_of(said) == {"level": ["error", "info"], "search": ["x"]}
