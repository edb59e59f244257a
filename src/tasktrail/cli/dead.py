"""`tasktrail dead`: events that could not be recorded, each kept whole with its reason."""

import click

from tasktrail.cli.connect import Answer, connected
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.render import Column, Row, write_table

COLUMNS = (
    Column("AT"),
    Column("MET BY"),
    Column("BYTES", right=True),
    Column("CODE"),
    Column("REASON", flexible=True),
)


@click.group
def dead() -> None:
    """Events that could not be recorded."""


@dead.command("list")
@takes_invocation()
def dead_list(invocation: Invocation) -> None:
    """Every dead letter with its reason, oldest first.

    With --json also the bytes as they came, in base64.
    """
    with connected(invocation) as connection:
        letters = list(connection.reader.dead())
    if invocation.as_json:
        for letter in letters:
            invocation.output.write_json(letter)
        return
    if letters:
        write_table(invocation.output, COLUMNS, [_row(letter) for letter in letters])
    invocation.output.say(f"{len(letters):,} dead letters")


def _row(letter: Answer) -> Row:
    size = len(letter["raw"]) * 3 // 4 - letter["raw"].count("=")
    door = letter["p"]
    return (
        letter["at"],
        f"partition {door}" if isinstance(door, int) else str(door),
        f"{size:,}",
        letter["code"],
        letter["reason"],
    )
