"""`tasktrail verify`: proves the hash chains and documents of trails; reports, never repairs.

It reads the files, and the index only for the names of trails that may be gone, so it also works on
a copy that cannot be written to, and needs nobody to stop: of a trail that is being recorded, what
lies before its partition's checkpoint is looked at.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import click

from tasktrail.cli.invocation import Invocation
from tasktrail.cli.ledger import counted
from tasktrail.cli.options import takes_invocation
from tasktrail.errors import TaskNotFound
from tasktrail.model.ids import TrailKey, partition_of
from tasktrail.store.catalog import find_trail, iter_trails
from tasktrail.store.checkpoints import read_checkpoint
from tasktrail.store.layout import FAMILIES, Layout, layout_of
from tasktrail.store.root import Root, read_root
from tasktrail.store.verify import Finding, missing_trail, verify_trail
from tasktrail.upkeep.known_trails import known_heads

FINDINGS: Final = 1  # the exit code that says that there are some


@click.command
@click.argument("task_id", metavar="[TASK]", required=False)
@takes_invocation(asks_root=True)
def verify(invocation: Invocation, *, task_id: str | None) -> int:
    """Check the hash chain and the documents of TASK, or of every trail.

    Exits with 1 when something is not as it was recorded. Nothing is repaired.
    """
    settings = invocation.settings()
    layout = layout_of(settings.data, settings.logs_dir)
    root = read_root(layout)
    heads = known_heads(layout, root)
    trails, findings = 0, 0
    for key in _trails(layout, task_id, heads):
        trails += 1
        for finding in _verified(layout, root, key, heads.get(key, 0)):
            findings += 1
            _report(invocation, finding)
    invocation.output.say(f"{counted(trails, 'trail')} verified, {counted(findings, 'finding')}")
    return FINDINGS if findings else 0


def _trails(
    layout: Layout, task_id: str | None, heads: Mapping[TrailKey, int]
) -> Iterator[TrailKey]:
    """The trail of that id (a task's, else a session's), or all, also those that are gone."""
    if task_id is None:
        seen = set()
        for key in iter_trails(layout):
            seen.add(key)
            yield key
        yield from sorted(heads.keys() - seen)
        return
    found = (find_trail(layout, family, task_id) for family in FAMILIES)
    gone = (one for one in (TrailKey(family, task_id) for family in FAMILIES) if one in heads)
    wanted = next((one for one in (*found, *gone) if one), None)
    if wanted is None:
        raise TaskNotFound(f"expected a trail of {task_id!r} in {layout.root}, found none")
    yield wanted


def _verified(layout: Layout, root: Root, key: TrailKey, head: int) -> list[Finding]:
    """What is wrong with the trail; that it is gone is all that can be said of one that is."""
    if head and find_trail(layout, key.family, key.id) is None:
        return [missing_trail(key, head)]
    return verify_trail(layout, key, below=_recorded_below(layout, root, key), head=head)


def _recorded_below(layout: Layout, root: Root, key: TrailKey) -> int | None:
    """Where what is surely recorded of a trail ends; `None` where nothing is ever recorded."""
    checkpoint = read_checkpoint(layout, partition_of(key.id, root.partitions))
    return None if checkpoint is None else checkpoint.pos


def _report(invocation: Invocation, finding: Finding) -> None:
    if invocation.as_json:
        invocation.output.write_json(finding)
        return
    place = (
        finding.channel,
        None if finding.offset is None else f"at byte {finding.offset:,}",
        None if finding.seq is None else f"seq {finding.seq:,}",
    )
    where = " ".join((finding.trail, *(text for text in place if text)))
    invocation.output.write_line(f"{where}: expected {finding.expected}, found {finding.found}")
