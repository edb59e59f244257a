"""`tasktrail gaps`: what is known to be missing, and where."""

import click

from tasktrail.cli.figures import count_text
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.ledger import counted, show_rows
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.render import Column, Row
from tasktrail.service.local import open_local
from tasktrail.store.layout import layout_of
from tasktrail.store.root import read_root
from tasktrail.upkeep.missing import Missing, iter_missing, losses_in_tasks

COLUMNS = (
    Column("KNOWN SINCE"),
    Column("KIND", optional=0),
    Column("WHERE"),
    Column("MISSING", right=True),
    Column("PLACE", optional=1),
    Column("WHAT", flexible=True),
)


@click.command
@takes_invocation(asks_root=True)
def gaps(invocation: Invocation) -> None:
    """Events that are missing, oldest first: where, how many as far as known, and why.

    PLACE is the last entry that was read before them, and the first behind them where that is
    known.

    A gap is what vanished before it was read: somebody trimmed or emptied the Redis stream, or a
    disk lost what it had kept. A loss is what a producer could not keep, on a full disk or in a
    full outbox; where its task is known it stands in that task's log as well.
    """
    settings = invocation.settings()
    layout = layout_of(settings.data, settings.logs_dir)
    with open_local(settings):  # what waits may tell of a gap
        in_tasks = losses_in_tasks(layout, read_root(layout))
        found = sorted([*iter_missing(layout), *(in_tasks or ())], key=lambda one: one.at)
    told = f"{counted(len(found), 'place')} where events are missing"
    if in_tasks is None:
        told += "; losses in tasks are not among them, there is no index that says where they are"
    show_rows(invocation, found, columns=COLUMNS, row=_row, told=told)


def _row(one: Missing) -> Row:
    return one.at, one.kind, one.place, count_text(one.missing), _between(one), one.message


def _between(one: Missing) -> str:
    """Behind which entry they are missing, and before which, as far as that is known."""
    ends = [
        f"{word} {place}"
        for word, place in (("after", one.after), ("before", one.before))
        if place is not None
    ]
    return ", ".join(ends) or "-"
