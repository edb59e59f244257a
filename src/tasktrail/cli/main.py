"""The command `tasktrail`: which commands there are, and what their outcome is to the shell.

A command's module is imported when the command is called, so this file stays quick to load.

Exit codes: 0 done, whatever a task's own status · 1 findings, or it could not be done · 2 usage ·
3 not found · 4 server unreachable · 5 timed out · 130 Ctrl-C.
"""

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Final, NamedTuple

try:
    import click
except ModuleNotFoundError as error:  # the client alone was installed
    raise SystemExit("tasktrail: expected click: pip install 'tasktrail[all]'") from error

from tasktrail.cli.options import shared_options
from tasktrail.cli.output import OutputClosed, fail
from tasktrail.errors import (
    InvalidCursor,
    InvalidFilter,
    InvalidSetting,
    InvalidSql,
    LockHeld,
    NotFound,
    QueryTimeout,
    ServerTimeout,
    ServerUnreachable,
    TasktrailError,
)

FAILED: Final = 1
USAGE: Final = 2
SHOWN: Final = 20  # characters around what is no text
INTERRUPTED: Final = 130
STDERR: Final = 2
EXIT_CODES: Final[tuple[tuple[type[Exception], int], ...]] = (
    (NotFound, 3),
    (ServerTimeout, 5),
    (ServerUnreachable, 4),
    (LockHeld, 5),
    (TimeoutError, 5),
    (InvalidFilter, USAGE),
    (InvalidCursor, USAGE),
    (InvalidSql, USAGE),
    (QueryTimeout, 5),
    (InvalidSetting, USAGE),
    (TasktrailError, FAILED),
    (OSError, FAILED),
    (ModuleNotFoundError, FAILED),
    (UnicodeEncodeError, USAGE),  # bytes among the arguments that are no text
)


class Verb(NamedTuple):
    """A command: the module below `tasktrail.cli` and the name in it, and one line of help."""

    module: str
    name: str
    help: str


COMMANDS: Final = {
    "demo": Verb("demo", "demo", "Service and simulated tasks in a root of its own."),
    "serve": Verb("serve", "serve", "API, web page, pumps, recorder and indexer."),
    "record": Verb("record", "record", "Pumps, recorder and indexer, without HTTP."),
    "run": Verb("run", "run", "Run a command as a task."),
    "emit": Verb("emit", "emit", "Send one entry to a task, from a shell script."),
    "tasks": Verb("tasks", "tasks", "The list of tasks, newest first."),
    "task": Verb("task", "task", "One page about a task."),
    "log": Verb("log", "log", "A task's entries, oldest first; -f follows."),
    "sessions": Verb("sessions", "sessions", "Coordinator runs, newest first."),
    "session": Verb("session", "session", "One coordinator run: tasks, workers, cost."),
    "workers": Verb("workers", "workers", "Processes that executed tasks, newest first."),
    "worker": Verb("worker", "worker", "One worker: facts, cost, conversation."),
    "events": Verb("events", "events", "What coordinators decided or ran into."),
    "cost": Verb("cost", "cost", "What was spent, on what, and why."),
    "follow": Verb("follow", "follow", "What all tasks say, as it is recorded."),
    "watch": Verb("watch", "watch", "One task's stages until it ends; exits with its result."),
    "search": Verb("search", "search", "Where a text stands, in whatever task."),
    "stages": Verb("stages", "stages", "A job's stages and the work in them."),
    "executions": Verb("executions", "executions", "The runs of a scheduled job."),
    "import": Verb("import_files", "import_files", "Agent history already on disk, into trails."),
    "holds": Verb("holds", "holds", "Webhook events that no task has claimed."),
    "dead": Verb("dead", "dead", "Events that could not be recorded."),
    "gaps": Verb("gaps", "gaps", "Places where events are missing, and why."),
    "index": Verb("index", "index", "The derived index: its state, its rebuilding."),
    "verify": Verb("verify", "verify", "Check hash chains and documents of trails."),
    "doctor": Verb("doctor", "doctor", "What is wrong or risky, and what to do about it."),
    "sql": Verb("sql", "sql", "Ask the index in SQL, read-only."),
    "config": Verb("config", "config", "Every setting, its value and where it came from."),
}


class LazyGroup(click.Group):
    """The table of commands; a module is loaded when its command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name."""
        verb = COMMANDS.get(cmd_name)
        if verb is None:
            return None
        gc.disable()  # a tenth of the time of the imports, which leave no garbage
        try:
            module = importlib.import_module(f"tasktrail.cli.{verb.module}")
        finally:
            gc.freeze()
            gc.enable()
        command: click.Command = getattr(module, verb.name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list in --help, out of the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.help) for name, verb in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name, or a word on what was probably meant."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            raise click.UsageError(f"expected a command, found {name!r}{_meant(name)}", ctx)
        return super().resolve_command(ctx, args)


def _meant(name: str) -> str:
    import difflib  # noqa: PLC0415 - only a typing mistake pays for it

    near = difflib.get_close_matches(name, COMMANDS, n=1)
    return f"; did you mean {near[0]}?" if near else ""


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tasktrail", message="%(version)s")
@shared_options
@click.pass_context
def tasktrail(context: click.Context, /, **said: object) -> None:
    """One trail per task: what it did, asked and cost, and how it ended.

    Commands work on the data root of this machine, with or without a running service, or on a
    server (--server or TASKTRAIL_URL).
    """
    context.obj = said


def run(arguments: Sequence[str]) -> int:
    """The exit code of the command line; whatever went wrong is one line on stderr."""
    try:
        outcome = tasktrail.main(list(arguments), prog_name="tasktrail", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        return fail(error.ctx.get_help() if error.ctx else str(error), code=USAGE, prefix="")
    except click.ClickException as error:
        return fail(_usage(error), code=error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except OutputClosed:
        return 0  # whoever read our output has seen enough
    except (TasktrailError, OSError, ModuleNotFoundError, UnicodeEncodeError) as error:
        return fail(_reason(error), code=exit_code_of(error))
    return outcome if isinstance(outcome, int) else 0


def _reason(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"expected {error.name}: pip install 'tasktrail[all]'"
    if isinstance(error, UnicodeEncodeError):
        found = error.object[max(0, error.start - SHOWN) : error.end + SHOWN]
        return f"expected text in UTF-8, found {found!a}"
    return str(error)


def _usage(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    hint = f" (see {context.command_path} --help)" if context else ""
    return f"{error.format_message()}{hint}"


def exit_code_of(error: Exception) -> int:
    """What the error means to a shell."""
    return next(code for kind, code in EXIT_CODES if isinstance(error, kind))


def _open_closed_streams() -> None:
    """What our caller had closed leads nowhere, and no file of ours takes its place."""
    while (fd := os.open(os.devnull, os.O_RDWR)) <= STDERR:
        pass
    os.close(fd)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w", closefd=False))


def main() -> None:
    """The installed command."""
    _open_closed_streams()
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except (BrokenPipeError, ValueError):
        # the interpreter would flush again at its end and complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
