"""`tasktrail gaps`: what is known to be missing, and where."""

from functools import partial
from typing import Final

import click

from tasktrail.cli.figures import count_text
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.ledger import counted, show_rows, time_text
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.render import Column, Row
from tasktrail.service.local import open_local
from tasktrail.store.layout import layout_of
from tasktrail.store.root import read_root
from tasktrail.upkeep.missing import Missing, iter_missing, losses_in_tasks

COLUMNS = (
    Column("KNOWN SINCE"),
    Column("KIND"),
    Column("WHERE", least=16, wraps=True),
    Column("MISSING", right=True),
    Column("PLACE", least=22, wraps=True),
    Column("WHAT", flexible=True, least=30, wraps=True),
)
ROOMY: Final = 120  # cells, for all columns beside each other
NARROW = (
    Column("SINCE", least=10, wraps=True),
    Column("WHERE", least=20, wraps=True),
    Column("MISSING", right=True),
    Column("WHAT", flexible=True, least=19, wraps=True),
)


@click.command
@takes_invocation(asks_root=True)
def gaps(invocation: Invocation) -> None:
    """Events that are missing, oldest first: where, how many as far as known, and why.

    PLACE is the last entry up to which nothing is missing, and the first behind the hole where that
    is known. Counts are compared with Redis every few seconds, so entries of the last seconds
    before the hole can lie between the two and be recorded.

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
    terminal = invocation.output.terminal
    if terminal.width < ROOMY:
        show_rows(invocation, found, columns=NARROW, row=_narrow_row, told=told)
        return
    row = partial(_row, is_local=terminal.is_terminal)
    show_rows(invocation, found, columns=COLUMNS, row=row, told=told)


def _row(one: Missing, *, is_local: bool) -> Row:
    at = time_text(one.at) if is_local else one.at
    return at, one.kind, one.place, count_text(one.missing), _between(one) or "-", one.message


def _narrow_row(one: Missing) -> Row:
    where = ", ".join(said for said in (one.place, _between(one)) if said)
    return time_text(one.at), where, count_text(one.missing), one.message


def _between(one: Missing) -> str:
    """Behind which entry they are missing, and before which, as far as that is known."""
    ends = [
        f"{word} {place}"
        for word, place in (("after", one.after), ("before", one.before))
        if place is not None
    ]
    return ", ".join(ends)
