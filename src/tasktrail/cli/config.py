"""`tasktrail config`: every setting, its value, where it came from; secrets are never shown."""

import click

from tasktrail.cli.invocation import Invocation
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.render import Column, write_table

COLUMNS = (
    Column("SETTING"),
    Column("VALUE", least=16, wraps=True),
    Column("FROM", optional=2, wraps=True),
    Column("MEANING", flexible=True, optional=1),
)


@click.command
@takes_invocation()
def config(invocation: Invocation) -> None:
    """Every setting, its value and where it came from.

    A value comes from an option, else the environment, else the settings file, else the default.
    Secrets are not shown.
    """
    values = invocation.explained()
    if invocation.as_json:
        for value in values:
            invocation.output.write_json(value._asdict())
        return
    rows = [
        (value.env, "-" if value.value is None else value.value, value.origin, value.help)
        for value in values
    ]
    write_table(invocation.output, COLUMNS, rows)
