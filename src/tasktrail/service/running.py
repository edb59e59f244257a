"""A running service: every part in its thread, one door in, one way out.

Pumps fill the spool, the recorder empties it into the trails, the indexer follows the trails. Each
goes on without the others; stopping goes the way the events go, so that what came in is recorded.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from tasktrail.errors import TasktrailError
from tasktrail.ingest.pressure import Space
from tasktrail.query.follow import Follow
from tasktrail.query.follow_all import FollowAll
from tasktrail.query.reader import Reader
from tasktrail.service.accept import Acceptor, Receipt
from tasktrail.service.budget_watch import BudgetWatch
from tasktrail.service.figures import Health, Metrics, Readiness
from tasktrail.service.health import Vitals, judge
from tasktrail.service.loops import Loop
from tasktrail.service.meter import Meter
from tasktrail.service.notices import Notices
from tasktrail.service.parts import Parts, clock, open_parts
from tasktrail.service.process import prepare_process
from tasktrail.service.settling import PATIENCE_SECONDS, Settling
from tasktrail.service.supervision import Supervision
from tasktrail.settings import Settings
from tasktrail.store.root import read_root
from tasktrail.store.watch import CheckpointPoller, Heads, Watch

SAMPLE_SECONDS: Final = 5.0


class Service:
    """The parts of one root, running."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.follow = Follow(parts.reader, parts.watch)
        self.follow_all = FollowAll(parts.reader)
        self._settling = Settling(parts.layout)
        self._acceptor = Acceptor(
            parts.spool,
            max_event_bytes=parts.settings.max_event_bytes,
            settling=self._settling,
        )
        self._meter = Meter(parts.layout, parts.root, parts.index, clock=clock)
        self._advanced = threading.Event()
        self._supervision = Supervision(
            parts.layout, parts.root.partitions, stalled_seconds=parts.settings.stalled_seconds
        )
        self._pumps = (
            Loop("outboxes", parts.outbox_pump.run),
            *(Loop(f"redis {pump.status().stream}", pump.run) for pump in parts.redis_pumps),
        )
        self._recorder = Loop("recorder", parts.recording.run)
        self._followers = (
            Loop("indexer", self._index),
            Loop("poller", self._poll),
            Loop("meter", self._sample),
            Loop("budgets", BudgetWatch(parts.reader, self.accept, clock).run),
            Loop("supervision", self._supervision.run),
        )

    @property
    def reader(self) -> Reader:
        """The one way out."""
        return self.parts.reader

    def settled_reader(self, *, patience_seconds: float = PATIENCE_SECONDS) -> Reader:
        """The same, once what was accepted here before is recorded, or when patience ends."""
        self._settling.wait(patience_seconds=patience_seconds)
        return self.parts.reader

    @property
    def watch(self) -> Watch:
        """What says that a trail advanced."""
        return self.parts.watch

    @property
    def generation(self) -> int:
        """The root's generation."""
        return self.parts.root.generation

    @property
    def _loops(self) -> tuple[Loop, ...]:
        return (*self._pumps, self._recorder, *self._followers)

    def start(self) -> None:
        """Every part begins."""
        self.parts.spool.on_append = self.parts.recording.wake
        self.parts.watch.subscribe(self._notice)
        for loop in self._loops:
            loop.start()

    def stop(self) -> None:
        """Every part has ended, what came in is recorded as far as the disk allowed."""
        for group in (self._pumps, (self._recorder,), self._followers):
            for loop in group:
                loop.tell_to_stop()
            self._advanced.set()
            self.parts.recording.wake()
            for loop in group:
                loop.join()

    def accept(self, events: Iterable[bytes]) -> Receipt:
        """The one way in; returns when everything accepted is durable.

        Raises Overloaded or StorageFailed.
        """
        return self._acceptor.accept(events)

    def health(self) -> Health:
        """Whether events can be recorded, and what is not as it should be."""
        metrics = self.metrics()
        return judge(
            Vitals(
                loops={loop.name: _trouble_of(loop) for loop in self._loops},
                partitions_in_trouble=self.parts.recording.status().troubles,
                pumps=[pump.status() for pump in self.parts.redis_pumps],
                outboxes=self.parts.outbox_pump.status(),
                root_trouble=self._root_trouble(),
                index_trouble=self.parts.indexer.trouble,
                space=self._space(),
                counters=self._meter.known_counters(),
                lag_seconds=metrics.queue_lag_seconds,
                disk_used_percent=metrics.disk_used_percent,
            )
        )

    def ready(self) -> Readiness:
        """Which parts are there."""
        parts = {loop.name: loop.is_well for loop in self._loops}
        troubles = self.parts.recording.status().troubles
        for pump in (one.status() for one in self.parts.redis_pumps):
            parts[f"redis {pump.stream}"] &= pump.state in {"connected", "standby"}
        parts["recorder"] &= not troubles
        parts["indexer"] &= self.parts.indexer.trouble is None
        parts["root"] = self._root_trouble() is None
        parts["space"] = (space := self._space()) is not None and not space.is_short
        return Readiness(parts)

    def metrics(self) -> Metrics:
        """The figures for monitoring."""
        pumps = [pump.status() for pump in self.parts.redis_pumps]
        return self._meter.measure(self._acceptor, pumps)

    def _index(self, stop: threading.Event) -> None:
        parts = self.parts
        parts.indexer.run(stop, self._advanced, is_coming=parts.recording.is_behind)

    def _poll(self, stop: threading.Event) -> None:
        """Hear of what recorders in other processes record."""
        parts = self.parts
        CheckpointPoller(parts.layout, parts.root.partitions, parts.watch, stop).run()

    def _sample(self, stop: threading.Event) -> None:
        notices, pumps = Notices(), self.parts.redis_pumps
        while not stop.wait(SAMPLE_SECONDS):
            self._meter.sample()
            counters = self._meter.known_counters()
            notices.look(counters, [pump.status() for pump in pumps], self._space())

    def _notice(self, heads: Heads) -> None:
        del heads
        self._advanced.set()

    def _root_trouble(self) -> str | None:
        """Why the root is not the one we opened, if so."""
        try:
            found = read_root(self.parts.layout)
        except TasktrailError as error:
            return str(error)
        if found != self.parts.root:
            return f"the data root {self.parts.layout.root} was replaced while we run"
        return None

    def _space(self) -> Space | None:
        try:
            return self.parts.spool.space()
        except TasktrailError:
            return None


def _trouble_of(loop: Loop) -> str | None:
    return None if loop.is_well else loop.trouble or "it has ended"


@contextmanager
def open_service(settings: Settings) -> Iterator[Service]:
    """The service of the root, running; raises RootUnusable or InvalidSetting."""
    prepare_process()
    with open_parts(settings) as parts:
        service = Service(parts)
        try:
            service.start()
            yield service
        finally:
            service.stop()
