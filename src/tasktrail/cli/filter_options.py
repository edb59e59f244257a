"""The options that say which entries are meant, the same for every command that shows entries."""

from collections.abc import Callable
from typing import Any, Final

import click

from tasktrail.cli.invocation import Invocation
from tasktrail.cli.options import params_of
from tasktrail.model.filters import EntryFilter, parse_filter

Function = Callable[..., Any]

OPTIONS: Final = (
    click.option(
        "--query",
        "-q",
        "q",
        metavar="TEXT",
        help='All in one text: level>=warning source:git "exact" -noise.',
    ),
    click.option("--level", multiple=True, help="Exactly this level; several."),
    click.option("--min-level", help="This level and above: debug to critical."),
    click.option("--source", multiple=True, help="Who wrote it, NAME* begins so; several."),
    click.option("--stage", multiple=True, help="In which stage; several."),
    click.option("--channel", multiple=True, help="log, agent_output, webhook_flow, …; several."),
    click.option("--type", "event_type", multiple=True, help="Type of event: task:log; several."),
    click.option("--worker", "worker_id", multiple=True, help="By which worker; several."),
    click.option("--job", "job_id", multiple=True, help="For which job; several."),
    click.option("--item", multiple=True, help="For which item of the job; several."),
    click.option("--execution", "execution_id", multiple=True, help="In which execution; several."),
    click.option("--without", multiple=True, help="A piece that the message must not hold."),
    click.option("--since", metavar="TIME", help="10m, 24h, 7d or an ISO time."),
    click.option("--until", metavar="TIME", help="Before that time."),
)
TASK: Final = click.option(
    "--task", "task_id", multiple=True, help="Only of this task, NAME* begins so; several."
)
SEARCH: Final = click.option(
    "--search", multiple=True, help="A piece of the message, whatever its case; several: all."
)


def filter_options(function: Function) -> Function:
    """The function with the options of a filter, but for the text itself."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


def wanted_of(invocation: Invocation, said: dict[str, Any]) -> EntryFilter:
    """The filter that the options say; raises InvalidFilter."""
    return parse_filter(params_of(said), now=invocation.now())
