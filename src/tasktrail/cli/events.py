"""`tasktrail events`: what coordinators decided, were told or ran into, newest first."""

import click

from tasktrail.cli.connect import Answer, connected
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.ledger import gather, show_list, texts, time_text
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.render import Cell, Column, Row
from tasktrail.model.levels import LEVELS

COLUMNS = (
    Column("TIME"),
    Column("SEVERITY", optional=3),
    Column("TYPE", least=10),
    Column("CONTEXT", optional=2, least=12),
    Column("SESSION", optional=1),
    Column("MESSAGE", flexible=True, least=20),
)
STYLES = {"warning": "yellow", "error": "red", "critical": "bold red", "debug": "dim"}


@click.command
@click.option("--type", "type", metavar="TYPE", help="Only decision, error, trigger, worktree, …")
@click.option("--last", metavar="TIME", help="Not older than 10m, 24h, 7d; or since an ISO time.")
@click.option("--session", "session_id", help="Only of that session.")
@click.option("--context", "context_id", help="Only about that task, worker or worktree.")
@click.option("--min-severity", type=click.Choice(LEVELS), help="That and above.")
@click.option(
    "--limit", "-n", type=click.IntRange(1), default=100, show_default=True, help="At most so many."
)
@takes_invocation()
def events(invocation: Invocation, *, limit: int, last: str | None, **said: str | None) -> None:
    """What coordinators decided, were told or ran into, newest first."""
    params = texts(said | {"since": last})
    with connected(invocation) as connection:
        found = gather(connection.reader.ledger.events, "events", params, limit)
    show_list(invocation, found, columns=COLUMNS, row=_row, noun="event")


def _row(event: Answer) -> Row:
    context = (text for text in (event["context_type"], event["context_id"]) if text)
    style = STYLES.get(event["severity"], "")
    return (
        time_text(event["timestamp"]),
        Cell(event["severity"], style),
        event["event_type"],
        " ".join(context) or "-",
        event["session_id"] or "-",
        Cell(event["message"] or "-", style),
    )
