"""The work of a pump on one connection: attach, then step by step from the stream into the spool.

    own pending entries until none is left → new ones → spool (fdatasync) → state → XACK

Redis keeps an entry pending until the spool is synced. Whatever goes wrong is raised: then this
work is over, and the next one, on a new connection, begins with what is pending. Whenever nothing
new comes, what is pending is looked at again before new entries are.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tasktrail.ingest.pump_state import (
    START,
    PumpState,
    parse_id,
    read_pump_state,
    write_pump_state,
)
from tasktrail.ingest.redis_pump_batch import Batch, Door, sort_entries
from tasktrail.ingest.redis_pump_gaps import (
    Gap,
    begin_state,
    compare_counts,
    is_continued,
    lost_unseen,
    open_gap,
    trimmed_gap,
)
from tasktrail.ingest.redis_pump_group import (
    Delivery,
    Entry,
    GroupPlace,
    Look,
    StreamGroup,
    crc_of,
)
from tasktrail.ingest.spool_writer import SpoolWriter
from tasktrail.model.acceptance import Accepted
from tasktrail.model.ids import OWN_SESSION
from tasktrail.store.dead_letters import append_dead
from tasktrail.store.layout import Layout

FIRST_COUNT: Final = 100  # entries in the first read: their size is not yet known
FEWER_ABOVE_BYTES: Final = 32 << 20  # a delivery this large is followed by a smaller one
MORE_BELOW_BYTES: Final = 8 << 20
LOOK_SECONDS: Final = 5.0  # the longest time between two looks at counts and other consumers
REST_SECONDS: Final = 0.5  # the shortest between two looks at counts
EPOCH_BYTES: Final = 6


class StreamReplaced(Exception):
    """The stream is not the one we attached to: emptied, deleted, rolled back or another Redis."""


class PumpPlan(Struct, frozen=True):
    """What one pump was told."""

    layout: Layout
    spool: SpoolWriter
    volume_id: str
    state_path: Path
    door_name: str  # of its journal of dead letters
    batch: int  # most entries in one read
    max_event_bytes: int
    foreign_idle_seconds: float  # a foreign consumer that was quiet for so long is gone
    is_trimming: bool
    clock: Callable[[], int]


class PumpWork:
    """What one connection does; `state` is what is known of the stream."""

    def __init__(self, plan: PumpPlan, group: StreamGroup, *, was_all_read: bool) -> None:
        """`was_all_read`: the connection before lived until now and had left nothing unread."""
        self._plan = plan
        self._group = group
        self._count = min(plan.batch, FIRST_COUNT)
        self._is_draining = True
        self._claimed: set[str] = set()
        self._looked_at = float("-inf")
        self._looked_place: GroupPlace | None = None
        self._attended_id: str | None = None
        self.is_all_read = False
        self.depth: int | None = None
        self.target_id = START  # the last entry there was when we came
        self.state = self._attach(was_all_read=was_all_read)

    def _attach(self, *, was_all_read: bool) -> PumpState:
        """The state to go on with: of the same stream, or begun anew, with a gap where due."""
        group = self._group
        group.claim_volume(self._plan.volume_id)
        group.refuse_active_consumers(self._plan.foreign_idle_seconds)
        known = read_pump_state(self._plan.state_path)
        if known is not None and known.open_gap is not None:
            known = self._close_gap(known)
        # A lost key costs little: what is pending gets another identity. Guessing would cost more,
        # because ids that a producer chose can come again in an emptied stream.
        epoch = group.find_epoch() or group.begin_epoch(secrets.token_hex(EPOCH_BYTES))
        look = group.look()
        self.target_id = look.generated_id
        if known is not None and epoch == known.epoch and self._goes_on(known, look):
            state = known
        else:
            gap = None
            if known is not None:
                gap = lost_unseen(known, look, was_all_read=was_all_read)
            self._make_group(START, None)
            state = self._begin(epoch, look, known=known, gap=gap)
        self._measure(state)
        return state

    def _goes_on(self, known: PumpState, look: Look) -> bool:
        """Whether this is the stream that was pumped; its group is made anew where it is lost.

        Then it goes on behind the last entry pumped, if that very entry is still there.
        """
        if not is_continued(known, look):
            return False
        if self._group.place() is not None:
            return True
        fields = self._group.find(known.last_id)
        if fields is None:
            self._make_group(START, None)
        elif crc_of(fields) == known.last_crc:
            self._make_group(known.last_id, known.counted)
        else:
            return False
        return True

    def _make_group(self, after_id: str, counted: int | None) -> None:
        if self._group.place() is None:
            self._group.create(after_id, entries_read=counted)

    def _begin(
        self, epoch: str, look: Look, *, known: PumpState | None, gap: Gap | None
    ) -> PumpState:
        """A new state, on disk together with the gap it begins with: a crash adds no second."""
        state = begin_state(epoch, self._group.place())
        state = replace(state, added=look.added, run_id=look.run_id, xadds=look.xadds)
        if known is not None:
            state = replace(state, gaps=known.gaps, dead=known.dead)
        if gap is not None:
            return self._record_gap(state, gap, acks=())
        return self._save(state)

    def step(self, block_ms: int) -> int:
        """How many entries were moved; waits so long for the first when there are none."""
        moved = self._drain() if self._is_draining else 0
        if moved:
            return moved
        delivery = self._checked(self._group.read_new(self._count, block_ms=block_ms))
        self.is_all_read = len(delivery.entries) < self._count
        if not delivery.entries:
            return self._drain()
        self._pump(delivery.entries)
        if time.monotonic() - self._looked_at > LOOK_SECONDS:
            self._is_draining = True
        return len(delivery.entries)

    def _drain(self) -> int:
        """How many pending entries were moved; with none left, a look at the counts when due."""
        delivery = self._checked(self._group.read_pending(self._count))
        self._is_draining = bool(delivery.entries)
        if delivery.entries:
            self._pump(delivery.entries)
            return len(delivery.entries)
        self._attend()
        # What was inherited just now is older than anything new.
        return self._drain() if self._is_draining else 0

    def _checked(self, delivery: Delivery) -> Delivery:
        """The delivery, when it came from the stream that we attached to."""
        if delivery.epoch == self.state.epoch:
            return delivery
        # Either these entries wait in the new stream, to be pumped under its epoch, or the stream
        # vanished right after it gave them to us: then nobody else has them.
        if delivery.entries and self._group.find(delivery.entries[0][0]) is None:
            self._pump(delivery.entries)
        raise StreamReplaced(f"epoch {delivery.epoch} instead of {self.state.epoch}")

    def _pump(self, entries: list[Entry]) -> None:
        plan = self._plan
        batch = sort_entries(entries, Door(plan.door_name, self.state.epoch, plan.max_event_bytes))
        self._record_trimmed(batch.emptied)
        if batch.accepted:
            plan.spool.append(batch.accepted)
        append_dead(plan.layout, plan.door_name, batch.letters)
        self.state = self._save(self._after(batch, entries[-1]))
        self._group.acknowledge(batch.ids)
        self._fit_count(batch.size, len(entries))
        self.depth = 0 if self.is_all_read else max(0, (self.depth or 0) - len(entries))

    def _after(self, batch: Batch, last: Entry) -> PumpState:
        """The state once the batch is in the spool."""
        in_a_row = batch.dead_at_end + (0 if batch.accepted else self.state.dead_in_a_row)
        dead = self.state.dead + len(batch.letters)
        state = replace(self.state, dead=dead, dead_in_a_row=in_a_row)
        if state.counted is not None:
            state = replace(state, counted=state.counted + self._count_new(batch.ids))
        last_id, fields = last
        if parse_id(last_id) > parse_id(state.last_id):
            state = replace(state, last_id=last_id, last_crc=crc_of(fields))
        return state

    def _count_new(self, ids: Sequence[str]) -> int:
        """How many of these entries, in their order, were not counted before."""
        if ids and parse_id(ids[0]) > parse_id(self.state.last_id):
            return len(ids)
        return sum(map(self._is_new, ids))

    def _is_new(self, entry_id: str) -> bool:
        """Whether the entry was not counted when it was delivered before."""
        at = parse_id(entry_id)
        if at > parse_id(self.state.last_id):
            return True
        return entry_id in self._claimed and at > parse_id(self.state.since_id)

    def _fit_count(self, size: int, entries: int) -> None:
        """Few large entries or many small ones: a delivery must fit into memory."""
        if size > FEWER_ABOVE_BYTES:
            self._count = max(1, entries * MORE_BELOW_BYTES // size)
        elif size < MORE_BELOW_BYTES and entries == self._count:
            self._count = min(self._plan.batch, 2 * self._count)

    def _attend(self) -> None:
        """With nothing pending: look after other consumers, what vanished, and trimming."""
        age = time.monotonic() - self._looked_at
        has_moved = self._attended_id != self.state.last_id
        if not has_moved and age < LOOK_SECONDS:
            return
        seconds = self._plan.foreign_idle_seconds
        if self._group.refuse_active_consumers(seconds) and self._claim():
            return
        self._attended_id = self.state.last_id
        # A look carries the stream's first and last entry along, however large they are.
        if age >= (REST_SECONDS if has_moved else LOOK_SECONDS) and not self._is_as_it_was():
            self._look()

    def _is_as_it_was(self) -> bool:
        """Whether neither an entry nor a removal of unread ones came since the last look."""
        place = self._group.place()
        is_known = place is not None and place.lag is not None
        return is_known and place == self._looked_place

    def finish(self) -> int:
        """How many entries were still moved; counts are compared now, for nobody comes again."""
        moved = self._drain()
        if not self._is_draining and not self._is_as_it_was():
            self._look()
        return moved

    def _look(self) -> None:
        """Compare our count with that of Redis, tell a gap, trim; nothing is pending."""
        look = self._group.look()
        if not is_continued(self.state, look):
            raise StreamReplaced(f"entry {self.state.last_id} is not behind us any more")
        state, gap = compare_counts(self.state, look)
        if gap is not None:
            state = self._record_gap(state, gap, acks=())
        elif _known(state) != _known(self.state):
            self._save(state)
        self.state = state
        if self._plan.is_trimming:
            self._group.trim()
        self._looked_place = self._measure(state)
        self._looked_at = time.monotonic()

    def _claim(self) -> bool:
        """Whether idle foreign consumers left something, which is now pending for us."""
        claimed, trimmed = self._group.claim_idle(self._plan.foreign_idle_seconds)
        self._claimed.update(claimed)
        self._record_trimmed(trimmed)
        self._is_draining = bool(claimed)
        return self._is_draining

    def _measure(self, state: PumpState) -> GroupPlace | None:
        """Count what Redis holds for us: what is not delivered, and what is pending."""
        place = self._group.place()
        if place is None:
            self.depth = None
            return None
        lag = place.lag
        if lag is None and state.added is not None and state.counted is not None:
            lag = state.added - state.counted
        self.depth = None if lag is None else lag + place.pending
        return place

    def _record_trimmed(self, ids: Sequence[str]) -> None:
        """Entries that were delivered and then removed: a gap, unless they had been pumped."""
        if not ids:
            return
        gap = trimmed_gap(self.state, ids)
        if gap is None:
            self._group.acknowledge(ids)
            return
        state = self.state
        if state.counted is not None:
            state = replace(state, counted=state.counted + self._count_new(ids))
        self.state = self._record_gap(state, gap, acks=ids)

    def _record_gap(self, state: PumpState, gap: Gap, *, acks: Sequence[str]) -> PumpState:
        """The state with the gap recorded: first remembered, then in the spool, then closed."""
        opened = open_gap(state, gap, stream=self._group.stream, at=self._plan.clock(), acks=acks)
        return self._close_gap(self._save(opened))

    def _close_gap(self, state: PumpState) -> PumpState:
        gap = state.open_gap
        if gap is None:
            return state
        event = gap.event.encode()
        self._plan.spool.append([Accepted(event, gap.identity, OWN_SESSION, gap.at)])
        self._group.acknowledge(gap.acks)
        return self._save(replace(state, open_gap=None))

    def _save(self, state: PumpState) -> PumpState:
        write_pump_state(self._plan.state_path, state)
        return state

    def close(self) -> None:
        """The connection is closed; what was not acknowledged stays pending."""
        self._group.close()


def _known(state: PumpState) -> tuple[int | None, int | None, str | None]:
    """What of the state a look can change without a gap."""
    return state.added, state.counted, state.sound_id
