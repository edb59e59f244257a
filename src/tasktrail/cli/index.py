"""`tasktrail index`: how far the derived index is, and its making anew out of the trails."""

import time

import click

from tasktrail.cli.figures import duration_text
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.render import Column, write_table
from tasktrail.index.indexer import Indexer
from tasktrail.index.state import open_index
from tasktrail.store.checkpoints import read_checkpoint
from tasktrail.store.layout import layout_of
from tasktrail.store.root import read_root


@click.group
def index() -> None:
    """The derived index: its state, its rebuilding.

    Nothing in it is original: it may be deleted at any time, and is made anew out of the trails.
    """


@index.command
@takes_invocation(local=True)
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
@takes_invocation(local=True)
def rebuild(invocation: Invocation) -> None:
    """Make the index anew out of the trails; its answers stay the same."""
    settings = invocation.settings()
    layout = layout_of(settings.data, settings.logs_dir)
    root = read_root(layout)
    began = time.monotonic()
    done = Indexer(layout, root, open_index(layout, root).database).rebuild()
    took = time.monotonic() - began
    if invocation.as_json:
        answer = {"trails": done.trails, "entries": done.entries, "seconds": round(took, 3)}
        invocation.output.write_json(answer)
        return
    invocation.output.write(
        f"{done.trails:,} trails, {done.entries:,} entries, {duration_text(took)}\n"
    )
