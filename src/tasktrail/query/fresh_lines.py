"""The newest lines of a trail, read from the ends of its files: no index is asked.

Within a channel `seq` and the place in the spool rise, so a reading from the end stops at the first
line that is old enough.
"""

from collections.abc import Callable, Iterator
from os import fstat
from typing import Final

from tasktrail.errors import TornEntry
from tasktrail.index.peek import Glimpse, look
from tasktrail.model.channels import CHANNELS
from tasktrail.model.ids import TrailKey
from tasktrail.query.text_scan import Hit
from tasktrail.store.layout import Layout
from tasktrail.store.lines import iter_tail
from tasktrail.store.trail_directory import reading

MOST_BYTES: Final = 8 << 20  # lines that are read back; whatever is longer goes by the index

IsOld = Callable[[Glimpse], bool]


def lines_behind(
    layout: Layout, key: TrailKey, is_old: IsOld, *, below: int, most_bytes: int = MOST_BYTES
) -> list[Hit] | None:
    """The recorded lines behind the old ones, by `seq`; `None` where there are too many."""
    found: list[Hit] = []
    left = most_bytes
    with reading(layout, key.family, key.directory) as channels:
        for channel, fd in channels.items():
            for hit in _fresh(channel, fd, key, is_old, below):
                found.append(hit)
                left -= len(hit.line.line)
                if left < 0:
                    return None
    found.sort(key=lambda one: (one.seq, one.channel))
    return found


def _fresh(channel: str, fd: int, key: TrailKey, is_old: IsOld, below: int) -> Iterator[Hit]:
    number = CHANNELS.index(channel)
    for line in iter_tail(fd, fstat(fd).st_size):
        try:
            glimpse = look(line.line, channel, key)
        except TornEntry:
            continue
        if is_old(glimpse):
            return
        if glimpse.pos < below:
            yield Hit(glimpse.seq, number, line, glimpse)
