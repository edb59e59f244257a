"""Turns the frames of one partition into entries: addresses, dedupes, holds, sets aside.

Everything happens in memory until `write`; the partition decides when, syncs and moves its
checkpoint. What is written is a pure function of the frames: no clock, no worker, no outside input.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from msgspec import Struct

from tasktrail.errors import InvalidEvent, TasktrailError, TrailUnusable
from tasktrail.ingest.holds import HeldEvent, Hold, Release
from tasktrail.ingest.known_identities import MOST_IDENTITIES, KnownIdentities
from tasktrail.ingest.spool_reader import SpoolFrame
from tasktrail.model.event import Event, address_of, parse_event
from tasktrail.model.frame import Frame
from tasktrail.model.ids import TrailKey, partition_of
from tasktrail.model.plain import PlainEvent, plain_events
from tasktrail.store.dead_letters import DeadLetter, raw_text
from tasktrail.store.layout import Layout
from tasktrail.store.trail import TrailWriter
from tasktrail.store.trail_batch import write_documents, write_trails

MOST_AT_ONCE: Final = 256  # plain events; after a resend each run may end with its first
MAX_KNOWN_TRAILS: Final = 10_000  # of all partitions; the longest unused are read again
LEAST_KNOWN_TRAILS: Final = 100  # of each partition
MAX_OPEN_TRAILS: Final = 64  # trails whose files stay open between batches, 8 files each at most


class Tally(Struct):
    """What became of the frames since the last commit."""

    recorded: int = 0
    duplicates: int = 0
    identity_conflicts: int = 0
    dead_letters: int = 0
    damaged_frames: int = 0
    consecutive_dead: int = 0


class HandOver(Struct, frozen=True):
    """An event that belongs to a task of another partition, with its identity and acceptance."""

    at: int
    event: bytes
    identity: str
    task_id: str


class Place(Struct, frozen=True, gc=False):
    """Where an event was accepted: when, as what, at which place in the spool."""

    at: int
    identity: str
    pos: int


class PlainRun(NamedTuple):
    """Plain events of one task that follow each other, and the frames they came in."""

    events: list[PlainEvent]
    items: list[SpoolFrame]


class OpenTrail(Protocol):
    """How a recorder opens a trail; the partition knows its checkpoint."""

    def __call__(self, key: TrailKey, /) -> TrailWriter:
        """The open trail."""
        ...


class Recorder:
    """The open trails of one partition and what waits to be written to them."""

    def __init__(
        self, partition: int, partitions: int, *, hold: Hold, open_trail: OpenTrail
    ) -> None:
        self.partition = partition
        self.tally = Tally()
        self.dead: list[DeadLetter] = []
        self.hand_overs: list[HandOver] = []
        self.gaps: list[tuple[int, int]] = []  # spool positions between which bytes are missing
        self.newest_at = 0  # by the clock of acceptance
        self._partitions = partitions
        self._hold = hold
        self._open_trail = open_trail
        self._writers: OrderedDict[TrailKey, TrailWriter] = OrderedDict()
        self._touched: dict[TrailKey, TrailWriter] = {}
        self._resent: dict[TrailKey, TrailWriter] = {}  # looked up, and perhaps not touched
        # One process may own every partition, and has to do with the memory of one process.
        self._most_known = max(LEAST_KNOWN_TRAILS, MAX_KNOWN_TRAILS // partitions)
        self._identities = KnownIdentities(MOST_IDENTITIES // partitions)

    def record_all(self, items: Sequence[SpoolFrame]) -> None:
        """Take these frames, in the order of each trail; what is wrong with one costs only itself.

        Plain events are gathered by their task, up to the next one that is none: that one may
        touch any trail.
        """
        row, known = self.tally.consecutive_dead, len(self.dead)
        waiting: dict[str, PlainRun] = {}
        bodies = [item.body if item.is_whole else b"" for item in items]
        places = [item.pos for item in items]
        plain = plain_events(bodies, partition=self.partition, places=places)
        for item, event in zip(items, plain, strict=True):
            if event is None:
                self._record_plain(waiting)
                waiting = {}
                self.record(item)
                continue
            run = waiting.get(event.task_id)
            if run is None:
                run = waiting[event.task_id] = PlainRun([], [])
            run.events.append(event)
            run.items.append(item)
        self._record_plain(waiting)
        if len(self.dead) > known:
            self._order_dead(items, row)

    def _order_dead(self, items: Sequence[SpoolFrame], row: int) -> None:
        """Dead letters stand in the order of the spool, and so are those in a row counted."""
        self.dead.sort(key=_pos_of)
        dead = set(map(_pos_of, self.dead))
        sound = (one.pos for one in reversed(items) if one.pos not in dead and one.frame)
        last = next(sound, None)
        after = sum(last is None or pos > last for pos in map(_pos_of, self.dead))
        self.tally.consecutive_dead = after + (row if last is None else 0)

    def _record_plain(self, waiting: Mapping[str, PlainRun]) -> None:
        """The runs are recorded; what is not new at a glance goes the general way."""
        for task_id, (events, items) in waiting.items():
            key = TrailKey("tasks", task_id)
            done = 0
            while done < len(events):
                some = events[done : done + MOST_AT_ONCE]
                added = self._add_plain(key, some)
                done += added
                if added < len(some):
                    self.record(items[done])
                    done += 1

    def _add_plain(self, key: TrailKey, events: Sequence[PlainEvent]) -> int:
        """How many of the events, from the first on, are recorded; none in a trail not open."""
        writer = self._writers.get(key)
        added = 0 if writer is None else writer.add_plain(events)
        if writer is not None and added:
            self._writers.move_to_end(key)
            self._touched[key] = writer
            self.tally.recorded += added
            self.tally.consecutive_dead = 0
            self.newest_at = max(self.newest_at, events[added - 1].recorded_at)
        return added

    def record(self, item: SpoolFrame) -> None:
        """Take one frame; whatever is wrong with it costs only itself."""
        frame = item.frame
        if frame is None:
            self._note_damage(item)
            return
        self.newest_at = max(self.newest_at, frame.at)
        try:
            self._route(frame, item.pos)
        except (InvalidEvent, TrailUnusable) as error:
            place = Place(frame.at, frame.id or "", item.pos)
            self._set_aside(place, bytes(frame.event), error)
        else:
            self.tally.consecutive_dead = 0

    def _note_damage(self, item: SpoolFrame) -> None:
        if item.is_gap:
            self.gaps.append((item.pos, item.end))
        else:
            self.tally.damaged_frames += 1

    def _route(self, frame: Frame, pos: int) -> None:
        event = parse_event(frame.event)
        place = Place(frame.at, self._identity(frame, event, pos), pos)
        if frame.to is not None:
            self._record_in(TrailKey("tasks", frame.to), event, place)
            return
        trail = address_of(event).trail
        if event.webhook_event_id is not None:
            self._record_flow(event, place, bytes(frame.event))
        elif trail is not None:
            self._record_in(trail, event, place)

    def _identity(self, frame: Frame, event: Event, pos: int) -> str:
        return frame.id or event.identity or f"spool:{self.partition}:{pos}"

    def _set_aside(self, place: Place, blob: bytes, error: TasktrailError) -> None:
        self.tally.dead_letters += 1
        self.tally.consecutive_dead += 1
        self.dead.append(
            DeadLetter(
                at=place.at,
                p=self.partition,
                pos=place.pos,
                identity=place.identity or None,
                code=error.code,
                reason=str(error),
                raw=raw_text(blob),
            )
        )

    def _record_flow(self, event: Event, place: Place, blob: bytes) -> None:
        """An event of a webhook's flow: held until its task is known, then recorded in order."""
        held = HeldEvent(place.at, place.identity, place.pos, event.event_type, blob)
        for release in self._hold.take(event, held):
            self._release(release, place.pos)

    def _release(self, release: Release, pos: int) -> None:
        """Here when the task is ours, else to its own partition's spool.

        Released events take the place of the event that bound them: a trail's `pos` must never
        fall, or cutting it back to a checkpoint would tear a flow apart.
        """
        if partition_of(release.task_id, self._partitions) != self.partition:
            self.hand_overs.append(
                HandOver(release.at, release.blob, release.identity, release.task_id)
            )
            return
        place = Place(release.at, release.identity, pos)
        try:
            self._record_in(TrailKey("tasks", release.task_id), parse_event(release.blob), place)
        except (InvalidEvent, TrailUnusable) as error:
            self._set_aside(place, release.blob, error)

    def _record_in(self, key: TrailKey, event: Event, place: Place) -> None:
        writer = self._writer(key)
        if writer.find(place.identity):
            if writer.same_content(place.identity, event):
                self.tally.duplicates += 1
                self._resent[key] = writer
                return
            self.tally.identity_conflicts += 1
        writer.add(event, identity=place.identity, recorded_at=place.at, pos=place.pos)
        self.tally.recorded += 1
        self._touched[key] = writer

    def _writer(self, key: TrailKey) -> TrailWriter:
        writer = self._writers.get(key)
        if writer is None:
            writer = self._writers[key] = self._open_trail(key)
        else:
            self._writers.move_to_end(key)
        return writer

    def write(self) -> None:
        """Everything that waits, in the hold's journal and the channel files, synced."""
        self._hold.write()
        write_trails(self._touched.values())

    def write_documents(self) -> None:
        """Bring the documents of the touched trails up to date where a change is due at once."""
        write_documents(self._touched.values(), force=False)

    def refresh_documents(self) -> None:
        """Bring every stale document up to date."""
        write_documents(self._writers.values(), force=True)

    def heads(self) -> Mapping[TrailKey, int]:
        """The touched trails and their last seq."""
        return {key: writer.seq for key, writer in self._touched.items()}

    def settle(self) -> None:
        """Forget the batch once it is committed; let go of what has not been used for long."""
        self._hold.tidy()
        self._identities.settle(self._resent | self._touched)
        self._resent.clear()
        self._touched.clear()
        self.hand_overs.clear()
        self.gaps.clear()
        self.dead.clear()
        self.tally = Tally(consecutive_dead=self.tally.consecutive_dead)
        for key in list(self._writers)[: -MAX_OPEN_TRAILS or None]:
            self._writers[key].rest()
        while len(self._writers) > self._most_known:
            key, writer = self._writers.popitem(last=False)
            self._identities.forget(key)
            write_documents([writer], force=True)
            writer.close()

    def close(self) -> None:
        """Let go of every file; nothing unwritten is kept."""
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()
        self._hold.close()


def _pos_of(letter: DeadLetter) -> int:
    return letter.pos or 0


def open_trails(layout: Layout, keep_below: Callable[[], int | None]) -> OpenTrail:
    """How an owner opens trails; `keep_below` says where its checkpoint stands by then."""

    def open_trail(key: TrailKey, /) -> TrailWriter:
        return TrailWriter.open(layout, key, keep_below=keep_below())

    return open_trail
