"""The segments of a partition's spool: their names, their order, how much of them is unrecorded.

    spool/<p>/<base, 20 digits>-<12 random hex digits>.jsonl

A segment's base is the spool position of its first byte, so a frame's position is base + offset and
names sort by position. The random part tells two segments apart that were made for the same place
in different lives of a root: a checkpoint never takes one for the other.
"""

import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, Self

from tasktrail.store.checkpoints import read_checkpoint
from tasktrail.store.layout import Layout

RANDOM_BYTES: Final = 6
BASE_DIGITS: Final = 20
SUFFIX: Final = ".jsonl"
_NAME: Final = re.compile(r"[0-9]{20}-[0-9a-f]{12}\.jsonl")


class Segment(NamedTuple):
    """One file of a spool; segments compare by their place in it."""

    base: int
    name: str  # without the suffix: what a checkpoint remembers
    path: Path

    @property
    def end(self) -> int:
        """The position behind its last byte by now; its base when the file is gone."""
        try:
            return self.base + self.path.stat().st_size
        except FileNotFoundError:
            return self.base

    @classmethod
    def at(cls, folder: Path, base: int) -> Self:
        """A segment that does not exist yet and begins at that position."""
        name = f"{base:0{BASE_DIGITS}d}-{secrets.token_hex(RANDOM_BYTES)}"
        return cls(base, name, folder / (name + SUFFIX))

    @classmethod
    def named(cls, folder: Path, file_name: str) -> Self:
        """The segment in the file of that name."""
        return cls(int(file_name[:BASE_DIGITS]), file_name[: -len(SUFFIX)], folder / file_name)


def list_segments(folder: Path) -> list[Segment]:
    """The segments of a spool, first bytes first; other files there are nobody's business."""
    return [Segment.named(folder, name) for name in sorted(_names(folder))]


def newest_segment(folder: Path) -> Segment | None:
    """The segment that is appended to, by its name alone; `None` in a new spool."""
    name = newest_name(str(folder))
    return None if name is None else Segment.named(folder, name)


def newest_name(folder: str) -> str | None:
    """The file name of the segment that is appended to; asked for at each append."""
    return max(_names(folder), default=None)


def _names(folder: Path | str) -> Iterator[str]:
    return filter(_NAME.fullmatch, os.listdir(folder))  # noqa: PTH208 - pathlib makes paths of all


def unrecorded_bytes(layout: Layout, partitions: int) -> int:
    """How many bytes of all partitions' spools stand behind their checkpoints."""
    return sum(_unrecorded(layout, p) for p in range(partitions))


def _unrecorded(layout: Layout, p: int) -> int:
    checkpoint = read_checkpoint(layout, p)
    recorded = checkpoint.pos if checkpoint else 0
    return sum(
        max(0, segment.end - max(segment.base, recorded))
        for segment in list_segments(layout.spool(p))
    )
