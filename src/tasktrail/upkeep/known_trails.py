"""Which trails there should be, and how long: what was written down about them elsewhere.

A removed directory, or a tail that was cut off with its metadata, leaves nothing to prove. But the
recorder noted which trails each batch advanced, and the index knows every trail it ever read.
Neither is complete (the one is started anew when it is long, the other may be deleted), so what
they do not know proves nothing.
"""

import logging

from tasktrail.errors import TasktrailError
from tasktrail.index.state import open_index
from tasktrail.model.ids import TrailKey
from tasktrail.store.checkpoints import read_checkpoint
from tasktrail.store.layout import Layout
from tasktrail.store.root import Root
from tasktrail.store.touched import iter_touched
from tasktrail.upkeep.index_look import ask_index

log = logging.getLogger(__name__)


def known_heads(layout: Layout, root: Root) -> dict[TrailKey, int]:
    """The last `seq` that each known trail must have, as far as its checkpoint has moved."""
    heads = _indexed(layout, root)
    for p in range(root.partitions):
        checkpoint = read_checkpoint(layout, p)
        for batch in iter_touched(layout, p):
            if checkpoint is not None and batch.pos <= checkpoint.pos:
                for key, seq in batch.heads().items():
                    heads[key] = max(seq, heads.get(key, 0))
    return heads


def absent_trails(layout: Layout, root: Root) -> list[TrailKey]:
    """Trails that the index lists and that have no directory any more."""
    rows = ask_index(layout, root, lambda queries: list(queries.query("known_heads"))) or ()
    listed = (TrailKey(str(family), str(name)) for family, name, _ in rows)
    return [key for key in listed if not layout.trail(key).is_dir()]


def _indexed(layout: Layout, root: Root) -> dict[TrailKey, int]:
    """What the index knows; nothing when it is missing, damaged, or of more than is recorded."""
    if not layout.index.exists():
        return {}
    index = open_index(layout, root, leaves_no_trace=True)
    try:
        with index.snapshot() as queries:
            rows = list(queries.query("known_heads"))
        for p, pos in index.positions().items():
            checkpoint = read_checkpoint(layout, p)
            if checkpoint is None or pos > checkpoint.pos:
                return {}
    except TasktrailError as error:
        log.debug("the index is not asked: %s", error)
        return {}
    finally:
        index.database.close()
    return {TrailKey(str(family), str(name)): int(seq) for family, name, seq in rows}
