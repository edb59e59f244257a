"""The figures of a service, computed from what is on disk: any process of the root gets the same.

What cannot be asked is `None` and named as trouble; nothing unknown becomes a zero.
"""

import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from tasktrail.errors import TasktrailError
from tasktrail.index.state import Index
from tasktrail.ingest.outbox_pump import DOOR_NAME as OUTBOXES
from tasktrail.ingest.pump_status import PumpStatus
from tasktrail.service.accept import Acceptor
from tasktrail.service.backlog import Backlog, measure_backlog
from tasktrail.service.figures import Metrics
from tasktrail.store.catalog import iter_trails
from tasktrail.store.checkpoints import Counters, read_checkpoint
from tasktrail.store.dead_letters import count_dead
from tasktrail.store.hold_journal import iter_holds
from tasktrail.store.layout import Layout
from tasktrail.store.root import Root

RATE_SECONDS: Final = 60.0
KEEP_SECONDS: Final = 1.0  # so long the same figures are told, however often they are asked for
WAITING: Final = "held"

Value = TypeVar("Value")


class Meter:
    """The figures of one root; may be asked by many threads."""

    def __init__(
        self,
        layout: Layout,
        root: Root,
        index: Index,
        *,
        clock: Callable[[], int],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._layout = layout
        self._root = root
        self._index = index
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._samples: deque[tuple[float, int]] = deque()
        self._known: tuple[float, Metrics] | None = None

    def measure(self, acceptor: Acceptor, pumps: Sequence[PumpStatus]) -> Metrics:
        """The figures now, or a moment ago."""
        with self._lock:
            now = self._monotonic()
            if self._known is None or now - self._known[0] >= KEEP_SECONDS:
                self._known = (now, self._measured(acceptor, pumps))
            return self._known[1]

    def sample(self) -> None:
        """Remember how many events are recorded by now, for the rate."""
        counters = self.known_counters()
        if counters:
            with self._lock:
                self._add_sample(counters.recorded)

    def known_counters(self) -> Counters | None:
        """What was counted, `None` where the disk does not say."""
        try:
            return self.counters()
        except TasktrailError:
            return None

    def counters(self) -> Counters:
        """What all partitions have counted since the root's birth; raises StorageFailed."""
        total = Counters()
        for p in range(self._root.partitions):
            checkpoint = read_checkpoint(self._layout, p)
            if checkpoint is None:
                continue
            for name in Counters.__struct_fields__:
                counted = getattr(total, name) + getattr(checkpoint.counters, name)
                setattr(total, name, counted)
        return total

    def _measured(self, acceptor: Acceptor, pumps: Sequence[PumpStatus]) -> Metrics:
        trouble: list[str] = []

        def ask(question: Callable[[], Value]) -> Value | None:
            try:
                return question()
            except (TasktrailError, OSError) as error:
                trouble.append(str(error))
                return None

        backlog = ask(lambda: measure_backlog(self._layout, self._root.partitions))
        counters = ask(self.counters)
        return Metrics(
            queue_depth=_depth(backlog, pumps),
            queue_lag_seconds=_lag(backlog, pumps, self._clock()),
            events_recorded=counters.recorded if counters else None,
            dead_letters=self._dead_letters(counters, pumps) if counters else None,
            processing_rate=self._rate(counters.recorded) if counters else None,
            disk_used_percent=ask(self._disk_used_percent),
            tasks=ask(lambda: sum(key.family == "tasks" for key in iter_trails(self._layout))),
            spool_bytes=backlog.bytes if backlog else None,
            duplicates=counters.duplicates if counters else None,
            identity_conflicts=counters.identity_conflicts if counters else None,
            gaps=counters.gaps + sum(pump.gaps for pump in pumps) if counters else None,
            damaged_frames=counters.damaged_frames if counters else None,
            holds=ask(lambda: sum(one.state == WAITING for one in iter_holds(self._layout))),
            index_lag_bytes=ask(self._index_lag_bytes),
            events_accepted=acceptor.accepted,
            events_rejected=acceptor.rejected,
            trouble=tuple(trouble),
        )

    def _dead_letters(self, counters: Counters, pumps: Sequence[PumpStatus]) -> int:
        """Since the root's birth: at the recorder, at Redis and at the outboxes."""
        at_outboxes = count_dead(self._layout, OUTBOXES)
        return counters.dead_letters + sum(pump.dead for pump in pumps) + at_outboxes

    def _rate(self, recorded: int) -> float:
        self._add_sample(recorded)
        (first_at, first), (last_at, last) = self._samples[0], self._samples[-1]
        return (last - first) / (last_at - first_at) if last_at > first_at else 0.0

    def _add_sample(self, recorded: int) -> None:
        now = self._monotonic()
        self._samples.append((now, recorded))
        while len(self._samples) > 2 and now - self._samples[1][0] >= RATE_SECONDS:  # noqa: PLR2004 - two make a rate
            self._samples.popleft()

    def _disk_used_percent(self) -> float:
        usage = shutil.disk_usage(self._layout.root)
        return round(100 * usage.used / (usage.used + usage.free), 1)

    def _index_lag_bytes(self) -> int:
        positions = self._index.positions()
        checkpoints = {p: read_checkpoint(self._layout, p) for p in range(self._root.partitions)}
        return sum(max(0, one.pos - positions.get(p, 0)) for p, one in checkpoints.items() if one)


def _depth(backlog: Backlog | None, pumps: Sequence[PumpStatus]) -> int | None:
    """Group lag, pending, and accepted and not recorded; unknown when a part of it is."""
    depths = [pump.depth for pump in pumps]
    if backlog is None or None in depths:
        return None
    return backlog.events + sum(depth or 0 for depth in depths)


def _lag(backlog: Backlog | None, pumps: Sequence[PumpStatus], now: int) -> float | None:
    """How long the oldest that is not recorded waits, wherever it does."""
    lags = [pump.lag_seconds for pump in pumps]
    if backlog is None or None in lags:
        return None
    return max([backlog.age_seconds(now), *(lag or 0.0 for lag in lags)])
