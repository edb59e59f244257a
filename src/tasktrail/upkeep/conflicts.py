"""Where identities were given twice: the recorder counts them, the trails hold both entries."""

from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from tasktrail.model.ids import TrailKey
from tasktrail.store.catalog import iter_trails
from tasktrail.store.heads import Head, read_head
from tasktrail.store.layout import Layout
from tasktrail.store.scan import iter_trail

MOST_READ: Final = 500_000  # entries: some seconds


class Conflict(NamedTuple):
    """An entry that has the identity of an earlier one of its trail."""

    trail: TrailKey
    head: Head
    earlier_seq: int

    def __str__(self) -> str:
        return (
            f"{self.trail.family.removesuffix('s')} {self.trail.id} "
            f"(seq {self.earlier_seq} and {self.head.seq}, identity {self.head.id})"
        )


def find_conflicts(layout: Layout, *, most: int, most_read: int = MOST_READ) -> list[Conflict]:
    """At most so many of them; fewer where they do not stand among the first entries read."""
    heads = islice(_iter_heads(layout), most_read)
    return list(islice(_iter_conflicts(heads), most))


def _iter_heads(layout: Layout) -> Iterator[tuple[TrailKey, Head]]:
    for key in iter_trails(layout):
        for _, line in iter_trail(layout, key, below=None):
            head = read_head(line)
            if head is not None:
                yield key, head


def _iter_conflicts(heads: Iterator[tuple[TrailKey, Head]]) -> Iterator[Conflict]:
    known: dict[str, int] = {}
    trail: TrailKey | None = None
    for key, head in heads:
        if key != trail:
            trail, known = key, {}
        earlier = known.setdefault(head.id, head.seq)
        if earlier != head.seq:
            yield Conflict(key, head, earlier)
