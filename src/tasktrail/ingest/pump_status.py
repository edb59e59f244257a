"""How a pump is doing, and the report of it beside its state: for processes that stand by.

Only the owner of a pump's lock knows what Redis holds and what is wrong. It writes that down every
few seconds, unsynced, so that the health and the figures of every process of the root tell the
same. A report that is not renewed comes from an owner that is stuck, or stopped.
"""

from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tasktrail.errors import StorageFailed
from tasktrail.model.times import MICROSECONDS
from tasktrail.store.files import read_all, write_volatile

REPORT_SECONDS: Final = 2.0  # the longest time between two reports of an owner that is well
STUCK_SECONDS: Final = 30.0  # longer than any single step of a pump may take

PumpWord = Literal["connected", "away", "refused", "standby", "blocked", "stopped"]


class PumpStatus(Struct, frozen=True):
    """How a pump is doing; `None` is not known."""

    stream: str
    state: PumpWord
    reason: str | None
    depth: int | None  # entries that Redis still holds for us
    lag_seconds: float | None  # at most so old is the oldest of them
    gaps: int
    dead: int
    dead_in_a_row: int = 0  # since the last event that could be accepted
    owner_trouble: str | None = None  # of the process that pumps, while this one stands by


class PumpReport(Struct, frozen=True):
    """What the owner of a pump said last."""

    at: int  # µs since the epoch
    pid: int
    status: PumpStatus


_DECODER: Final = msgspec.json.Decoder(PumpReport)


def write_report(path: Path, report: PumpReport) -> None:
    """The report, for others to read; a power cut may take it."""
    write_volatile(path, msgspec.json.encode(report) + b"\n")


def read_report(path: Path) -> PumpReport | None:
    """What the owner said last; `None` when nothing that can be read."""
    try:
        return _DECODER.decode(read_all(path))
    except (FileNotFoundError, StorageFailed, msgspec.DecodeError, UnicodeDecodeError):
        return None


def seen_from_beside(own: PumpStatus, report: PumpReport | None, now: int) -> PumpStatus:
    """The status of a pump that stands by: what its owner knows, and what is wrong with that."""
    if report is None:
        return own
    said, age = report.status, (now - report.at) / MICROSECONDS
    trouble = None
    if age > STUCK_SECONDS:
        trouble = f"process {report.pid} has said nothing for {age:.0f} s: it is stopped or stuck"
    elif said.state != "connected":
        trouble = f"process {report.pid}: {said.state}: {said.reason or 'just started'}"
    is_current = trouble is None or said.state != "connected"
    return replace(
        own,
        depth=said.depth if is_current else None,
        lag_seconds=said.lag_seconds if is_current else None,
        dead_in_a_row=said.dead_in_a_row,
        owner_trouble=trouble,
    )
