"""`tasktrail index`: how far the derived index is, and its making anew out of the trails."""

import time
from typing import Final

import click

from tasktrail.cli.figures import duration_text
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.ledger import counted
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.render import Column, write_table
from tasktrail.errors import LockHeld
from tasktrail.index.indexer import Indexer
from tasktrail.index.state import open_index
from tasktrail.store.checkpoints import read_checkpoint
from tasktrail.store.files import write_volatile
from tasktrail.store.layout import Layout, layout_of
from tasktrail.store.root import read_root

LOCK_SECONDS: Final = 0.5  # another command that catches up is done by then
ASKED_SECONDS: Final = 600.0
LOOK_SECONDS: Final = 0.05


@click.group
def index() -> None:
    """The derived index: its state, its rebuilding.

    Nothing in it is original: it may be deleted at any time, and is made anew out of the trails.
    """


@index.command
@takes_invocation(asks_root=True)
def status(invocation: Invocation) -> None:
    """What the index holds, and how far it is behind the trails."""
    settings = invocation.settings()
    layout = layout_of(settings.data, settings.logs_dir)
    root = read_root(layout)
    found = open_index(layout, root).status()
    checkpoints = {p: read_checkpoint(layout, p) for p in range(root.partitions)}
    recorded = {p: one.pos if one else 0 for p, one in checkpoints.items()}
    behind = sum(pos - found.positions.get(p, 0) for p, pos in recorded.items())
    answer = {
        "path": str(layout.index),
        "is_usable": found.is_usable,
        "schema": found.schema,
        "trails": found.trails,
        "entries": found.entries,
        "damaged_lines": found.damaged_lines,
        "behind_bytes": behind,
    }
    if invocation.as_json:
        invocation.output.write_json(answer)
        return
    rows = [(name.replace("_", " "), _said(value)) for name, value in answer.items()]
    write_table(invocation.output, (Column("INDEX"), Column("")), rows, titles=False)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)


@index.command
@takes_invocation(asks_root=True)
def rebuild(invocation: Invocation) -> None:
    """Make the index anew out of the trails; its answers stay the same.

    Where a service runs, it does so, and this command waits for it.
    """
    settings = invocation.settings()
    layout = layout_of(settings.data, settings.logs_dir)
    found = open_index(layout, read_root(layout))
    began = time.monotonic()
    try:
        Indexer(layout, read_root(layout), found.database).rebuild(lock_seconds=LOCK_SECONDS)
    except LockHeld:
        _ask(invocation, layout)
    took = time.monotonic() - began
    status = found.status()
    if invocation.as_json:
        answer = {"trails": status.trails, "entries": status.entries, "seconds": round(took, 3)}
        invocation.output.write_json(answer)
        return
    entries = f"{status.entries:,} {'entry' if status.entries == 1 else 'entries'}"
    invocation.output.write(
        f"{counted(status.trails, 'trail')}, {entries}, {duration_text(took)}\n"
    )


def _ask(invocation: Invocation, layout: Layout) -> None:
    """Nothing, once whoever indexes has made it anew; raises LockHeld when that takes too long."""
    request = layout.index_request
    write_volatile(request, b"")
    invocation.output.say("another process indexes: it was asked to make the index anew")
    deadline = time.monotonic() + ASKED_SECONDS
    while request.exists():
        if time.monotonic() > deadline:
            raise LockHeld(
                f"{layout.index_lock} is held by a process that has not made the index anew within "
                f"{ASKED_SECONDS:.0f} s; stop it, or wait: it stays asked for"
            )
        time.sleep(LOOK_SECONDS)
