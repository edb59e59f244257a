"""Held webhook events: what came before its task was known, by `webhook_event_id`.

    {"pos":…,"kind":"hold","webhook_event_id":…,"at":…,"identity":…,"event":{…}}
    {"pos":…,"kind":"bind","webhook_event_id":…,"task_id":…}
    {"pos":…,"kind":"skip"|"expire","webhook_event_id":…}

A flow that is bound was handed over to its task's partition and is no longer here; a skipped or
expired flow stays readable, in a compressed archive once the journal has grown.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Raw, Struct, field

from tasktrail.errors import InvalidEvent
from tasktrail.model.event import parse_event
from tasktrail.store.archives import add_archive, iter_all_lines, journals_in
from tasktrail.store.files import atomic_write
from tasktrail.store.journal import Journal, is_below
from tasktrail.store.layout import Layout
from tasktrail.store.lines import iter_lines

NO_EVENT: Final = Raw(b"null")
STATES: Final = {"skip": "skipped", "expire": "expired"}


class HoldLine(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of a flow: an event is held, or the flow is bound, skipped or expired."""

    pos: int  # the place in the partition's spool of the event that caused it
    kind: Literal["hold", "bind", "skip", "expire"]
    webhook_event_id: str
    at: int | None = None  # µs since the epoch: the held event's time of acceptance
    identity: str | None = None
    task_id: str | None = None  # which task a `bind` names
    event: Raw = NO_EVENT  # msgspec reads no `Raw | None`


class HeldFlow(Struct):
    """The events of one webhook that no task has claimed."""

    webhook_event_id: str
    p: int
    state: str = "held"  # held, skipped or expired
    first_at: int | None = None
    events: list[HoldLine] = field(default_factory=list)

    def event_types(self) -> list[str]:
        """The types of its events, in their order."""
        return [_type_of(line) for line in self.events]


_DECODER: Final = msgspec.json.Decoder(HoldLine)


class HoldJournal:
    """The owner's side of one partition's holds."""

    def __init__(self, path: Path, journal: Journal) -> None:
        self._path = path
        self._journal = journal

    @classmethod
    def open(cls, layout: Layout, p: int, *, keep_below: int | None) -> "HoldJournal":
        """The journal without the lines of events that will be read again from the spool."""
        keep = None if keep_below is None else is_below(keep_below)
        path = layout.holds(p)
        return cls(path, Journal.open(path, keep=keep))

    def lines(self) -> Iterator[HoldLine]:
        """Every line that can be read, oldest first."""
        return _lines_of(self._path)

    def append(self, lines: Sequence[HoldLine]) -> None:
        """The lines, synced."""
        if lines:
            self._journal.append(b"".join(map(_bytes_of, lines)))

    @property
    def size(self) -> int:
        """Its bytes on disk."""
        return self._journal.size

    def compact(self, *, bound_since: int) -> None:
        """The journal made anew without what its trails have, and without flows that are closed.

        Events of bound flows go, and bindings accepted before `bound_since`; skipped and expired
        flows move into an archive first. Call it only when all lines are before the checkpoint.
        """
        last_bound: dict[str, int] = {}
        last_kind: dict[str, str] = {}
        for number, line in enumerate(self.lines()):
            last_kind[line.webhook_event_id] = line.kind
            if line.kind == "bind":
                last_bound[line.webhook_event_id] = number
        kept: list[bytes] = []
        closed: list[bytes] = []
        for number, line in enumerate(self.lines()):
            if number > last_bound.get(line.webhook_event_id, -1):
                is_closed = last_kind[line.webhook_event_id] in STATES
                (closed if is_closed else kept).append(_bytes_of(line))
            elif line.kind == "bind" and (line.at or 0) >= bound_since:
                kept.append(_bytes_of(line))
        if closed:
            add_archive(self._path, closed)
        self._journal.close()
        atomic_write(self._path, b"".join(kept))
        self._journal = Journal.open(self._path, keep=None)

    def close(self) -> None:
        """The journal is closed."""
        self._journal.close()


def iter_holds(layout: Layout) -> Iterator[HeldFlow]:
    """Every flow that is not bound, partition by partition, in the order of its first event."""
    for path in journals_in(layout.hold_journals):
        if path.stem.isdecimal():
            lines = _parsed(iter_all_lines(path))
            yield from fold_holds(int(path.stem), lines).values()


def fold_holds(p: int, lines: Iterator[HoldLine]) -> dict[str, HeldFlow]:
    """The flows that a partition's lines leave unbound."""
    flows: dict[str, HeldFlow] = {}
    for line in lines:
        if line.kind == "bind":
            flows.pop(line.webhook_event_id, None)
            continue
        flow = flows.setdefault(line.webhook_event_id, HeldFlow(line.webhook_event_id, p))
        flow.state = STATES.get(line.kind, flow.state)
        if line.kind == "hold" and line not in flow.events:  # a crash may leave it in two files
            flow.events.append(line)
            flow.first_at = line.at if flow.first_at is None else flow.first_at
    return flows


def _lines_of(path: Path) -> Iterator[HoldLine]:
    return _parsed(line for _, line in iter_lines(path))


def _parsed(lines: Iterable[bytes]) -> Iterator[HoldLine]:
    for line in lines:
        try:
            yield _DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue


def _bytes_of(line: HoldLine) -> bytes:
    return msgspec.json.encode(line) + b"\n"


def _type_of(line: HoldLine) -> str:
    try:
        return parse_event(bytes(line.event)).event_type
    except InvalidEvent:
        return "unknown"
