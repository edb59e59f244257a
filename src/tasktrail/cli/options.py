"""Options that every command has, also before the command's name; what is said later wins."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import click

DATA: Final = click.option(
    "--data", metavar="DIR", help="The data root; its trails are in DIR/tasks.  [TASKTRAIL_DATA]"
)
DATA_OR_OBJECT: Final = click.option(
    "--data",
    metavar="DIR | {JSON}",
    multiple=True,
    help="The data root, as everywhere; or, beginning with a brace, the event's data.",
)
OTHERS: Final = (
    click.option("--server", metavar="URL", help="Work on that server.  [TASKTRAIL_URL]"),
    click.option("--json", "as_json", is_flag=True, help="JSON lines on stdout."),
    click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        help="Whether to use colours; auto: on a terminal without NO_COLOR.",
    ),
    click.option("--raw", is_flag=True, help="Content as it is, control characters too."),
)
OTHER_JSON: Final = ("[", '"')  # a directory that is called so can be named with ./ before it
EXAMPLE: Final = '{"message":"hello"}'
MEANS_SERVER: Final = "works on a data root: expected --data, found TASKTRAIL_URL"
NAMES: Final = ("data", "server", "as_json", "color", "raw")

Function = Callable[..., Any]


def shared_options(function: Function) -> Function:
    """The function with the options of every command."""
    return _with_options(function, DATA)


def _with_options(function: Function, data: Callable[[Function], Function]) -> Function:
    for option in reversed((data, *OTHERS)):
        function = option(function)
    return function


def takes_invocation(
    *, local: bool = False, asks_root: bool = False, takes_object: bool = False
) -> Callable[[Function], Function]:
    """A decorator that gives a command its `Invocation` in place of the shared options.

    `local` commands work on a data root of this machine only and refuse --server. One that
    `asks_root` what it holds also refuses a server that the environment names: nobody who named
    one means the root that stands in where none is named. A command that `takes_object` gets what
    --data says in braces as `given`.
    """

    def decorate(function: Function) -> Function:
        @click.pass_context
        @wraps(function)
        def command(context: click.Context, /, **said: Any) -> Any:  # noqa: ANN401 - click's values
            # The command table must load without it.
            from tasktrail.cli.invocation import Invocation  # noqa: PLC0415

            if takes_object:
                said["data"], said["given"] = _parted(said["data"], context)
            earlier: dict[str, Any] = context.find_root().obj or {}
            shared: dict[str, Any] = {name: said.pop(name) or earlier.get(name) for name in NAMES}
            if (local or asks_root) and shared["server"]:
                raise click.UsageError("works on a data root: expected no --server", context)
            invocation = Invocation(**shared)
            if asks_root and invocation.means_server():
                raise click.UsageError(MEANS_SERVER, context)
            return function(invocation, **said)

        return _with_options(command, DATA_OR_OBJECT if takes_object else DATA)

    return decorate


def _parted(values: tuple[str, ...], context: click.Context) -> tuple[str | None, str | None]:
    """The directory and the object among the values of --data, each at most once."""
    objects = [value for value in values if value.lstrip().startswith("{")]
    directories = [value for value in values if value not in objects]
    if others := [value for value in directories if value.lstrip().startswith(OTHER_JSON)]:
        found = f"expected an object like {EXAMPLE}, found {others[0]!r}"
        raise click.UsageError(f"--data: {found}", context)
    if len(objects) > 1 or len(directories) > 1:
        found = f"expected one directory and one object like {EXAMPLE}, found {', '.join(values)}"
        raise click.UsageError(f"--data: {found}", context)
    return next(iter(directories), None), next(iter(objects), None)


def params_of(said: dict[str, Any]) -> dict[str, list[str]]:
    """Options as the lists of texts that filters are parsed from; what was not said is absent."""
    return {
        name: [str(one) for one in (value if isinstance(value, tuple) else (value,))]
        for name, value in said.items()
        if value
    }
