"""Checkpoints: how far a partition is recorded, and what was counted on the way.

Everything before `pos` is in the trails, synced. The owner moves it after its syncs and nobody else
writes it; readers and the indexer read it, a moment old at worst.
"""

from typing import Final

import msgspec
from msgspec import Struct, field

from tasktrail.errors import StorageFailed
from tasktrail.store.files import atomic_write, read_all
from tasktrail.store.layout import Layout

ENCODER: Final = 1  # raised when the same event would give other bytes in a trail


class Counters(Struct):
    """What a partition's owners have counted since the root's birth."""

    recorded: int = 0
    duplicates: int = 0
    identity_conflicts: int = 0
    dead_letters: int = 0
    gaps: int = 0
    damaged_frames: int = 0
    consecutive_dead: int = 0  # dead letters since the last event that could be recorded


class Checkpoint(Struct, frozen=True):
    """The place in the spool before which everything is recorded."""

    pos: int
    segment: str
    offset: int
    crc: int  # of the last frame before it: proves that the segment is still the same
    generation: int
    encoder: int = ENCODER
    counters: Counters = field(default_factory=Counters)


_DECODER: Final = msgspec.json.Decoder(Checkpoint)


def read_checkpoint(layout: Layout, p: int) -> Checkpoint | None:
    """The partition's checkpoint; `None` when nothing was recorded yet."""
    path = layout.checkpoint(p)
    try:
        return _DECODER.decode(read_all(path))
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise StorageFailed(f"{path}: expected a checkpoint: {error}") from error


def write_checkpoint(layout: Layout, p: int, checkpoint: Checkpoint) -> None:
    """The checkpoint on disk; call it only after everything before it is synced."""
    atomic_write(layout.checkpoint(p), msgspec.json.encode(checkpoint) + b"\n")
