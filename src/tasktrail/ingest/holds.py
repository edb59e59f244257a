"""Events of webhooks whose task is not known yet: held, bound, released in order.

A flow is everything with one `webhook_event_id`. The first event that names a task binds it: what
was held is released first, in its order, then that event; later events follow at once. Holds and
bindings stand in a journal that is cut back to the checkpoint and replayed like a trail.

A skipped flow is closed: no task ever follows. A flow that stays unbound expires when an event
arrives that is `HOLD_DAYS` younger, or when too much is held. Both stay readable in the journal;
only flows that reached a trail ever leave it.
"""

from collections import OrderedDict
from typing import Final

from msgspec import Raw, Struct, field

from tasktrail.model.event import Event, parse_event
from tasktrail.store.hold_journal import HoldJournal, HoldLine

DAY: Final = 86_400 * 1_000_000
HOLD_DAYS: Final = 7
MAX_HELD_BYTES: Final = 64 * 1024 * 1024  # in memory; the oldest flows expire above it
COMPACT_BYTES: Final = 16 * 1024 * 1024  # below it the journal is left as it is
SKIPPED: Final = "webhook:skipped"


class HeldEvent(Struct, frozen=True):
    """An event of a flow, with what it needs to be recorded later as if it came now."""

    at: int
    identity: str
    pos: int
    event_type: str
    blob: bytes


class Release(Struct, frozen=True):
    """An event of a flow on its way to its task."""

    at: int
    identity: str
    blob: bytes
    task_id: str


class Flow(Struct):
    """One webhook's events: held, or the task they are bound to."""

    first_at: int
    task_id: str | None = None
    held: list[HeldEvent] = field(default_factory=list)

    @property
    def held_bytes(self) -> int:
        """How much of it is kept in memory."""
        return sum(len(one.blob) for one in self.held)

    @property
    def is_closed(self) -> bool:
        """Whether nothing waits and no task is known: it was skipped."""
        return self.task_id is None and not self.held


class Hold:
    """The flows of one partition, over its journal."""

    def __init__(self, journal: HoldJournal) -> None:
        self._journal = journal
        self._flows: OrderedDict[str, Flow] = OrderedDict()
        self._waiting: list[HoldLine] = []
        self._held_bytes = 0
        self._newest_at = 0
        self._compact_at = COMPACT_BYTES
        for line in journal.lines():
            self._apply(line)

    def take(self, event: Event, held: HeldEvent) -> list[Release]:
        """What may be recorded now because of this event; nothing while its task is unknown."""
        webhook_id = event.webhook_event_id or ""
        self._newest_at = max(self._newest_at, held.at)
        self._expire(held)
        flow = self._flows.get(webhook_id)
        bound = flow.task_id if flow else None
        task_id = event.task_id or bound
        if task_id is None:
            self._hold(webhook_id, flow, held)
            return []
        waiting = flow.held if flow and bound is None else []
        released = [Release(one.at, one.identity, one.blob, task_id) for one in waiting]
        if bound is None:
            self._note(
                HoldLine(
                    pos=held.pos,
                    kind="bind",
                    webhook_event_id=webhook_id,
                    at=held.at,
                    task_id=task_id,
                )
            )
        return [*released, Release(held.at, held.identity, held.blob, task_id)]

    def _hold(self, webhook_id: str, flow: Flow | None, held: HeldEvent) -> None:
        if flow is not None and any(one.identity == held.identity for one in flow.held):
            return
        self._note(
            HoldLine(
                pos=held.pos,
                kind="hold",
                webhook_event_id=webhook_id,
                at=held.at,
                identity=held.identity,
                event=Raw(held.blob),
            )
        )
        if held.event_type == SKIPPED:
            self._note(HoldLine(pos=held.pos, kind="skip", webhook_event_id=webhook_id))

    def _note(self, line: HoldLine) -> None:
        """One more line of the journal; memory changes as it will when the line is replayed."""
        self._waiting.append(line)
        self._apply(line)

    def _apply(self, line: HoldLine) -> None:
        if line.kind == "expire":
            self._held_bytes -= self._flows.pop(line.webhook_event_id, Flow(0)).held_bytes
            return
        flow = self._flows.setdefault(line.webhook_event_id, Flow(line.at or 0))
        if line.kind == "hold":
            held = _held_event(line)
            flow.held.append(held)
            self._held_bytes += len(held.blob)
            return
        self._held_bytes -= flow.held_bytes
        flow.held = []
        flow.task_id = line.task_id

    def _expire(self, newest: HeldEvent) -> None:
        """Flows stand in the order of their first event: only the oldest need a look."""
        while self._flows:
            webhook_id, flow = next(iter(self._flows.items()))
            too_old = flow.first_at <= newest.at - HOLD_DAYS * DAY
            if not too_old and self._held_bytes <= MAX_HELD_BYTES:
                return
            if flow.held:
                self._note(HoldLine(pos=newest.pos, kind="expire", webhook_event_id=webhook_id))
            else:
                del self._flows[webhook_id]  # bound or skipped: nothing waits, nothing to tell

    def write(self) -> None:
        """What waits, in the journal and synced."""
        lines, self._waiting = self._waiting, []
        self._journal.append(lines)

    def tidy(self) -> None:
        """The journal without what reached its trail; call it when all of it is checkpointed."""
        if self._journal.size > self._compact_at:
            self._journal.compact(bound_since=self._newest_at - HOLD_DAYS * DAY)
            self._compact_at = max(COMPACT_BYTES, 2 * self._journal.size)
            # Closed flows are in an archive now: memory is as after a restart.
            for name in [name for name, flow in self._flows.items() if flow.is_closed]:
                del self._flows[name]

    def close(self) -> None:
        """Let go of the journal."""
        self._journal.close()


def _held_event(line: HoldLine) -> HeldEvent:
    blob = bytes(line.event)
    event_type = parse_event(blob).event_type
    return HeldEvent(line.at or 0, line.identity or "", line.pos, event_type, blob)
