"""One look at the index of a root at rest: for rules that must know which trails say something."""

import logging
from collections.abc import Callable
from typing import TypeVar

from tasktrail.errors import TasktrailError
from tasktrail.index.database import Queries
from tasktrail.index.state import is_of, open_index
from tasktrail.store.layout import Layout
from tasktrail.store.root import Root

log = logging.getLogger(__name__)

Found = TypeVar("Found")


def ask_index(layout: Layout, root: Root, ask: Callable[[Queries], Found]) -> Found | None:
    """What the index answers; `None` where there is none of this root that can be read."""
    index = open_index(layout, root, leaves_no_trace=True)
    try:
        with index.snapshot() as queries:
            return ask(queries) if is_of(queries, root) else None
    except TasktrailError as error:
        log.debug("the index is not asked: %s", error)
        return None
    finally:
        index.database.close()
