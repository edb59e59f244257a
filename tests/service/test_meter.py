"""The figures are those on disk, the same for every process; what nobody knows is no zero."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tasktrail.ingest.pump_status import PumpStatus
from tasktrail.service.accept import Acceptor
from tasktrail.service.figures import Metrics
from tasktrail.service.meter import Meter
from tasktrail.service.parts import Parts, clock, open_parts
from tests.service.rooms import event, settings_in


class Seconds:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    """A root whose parts do not run."""
    with open_parts(settings_in(tmp_path)) as opened:
        yield opened


@pytest.fixture
def seconds() -> Seconds:
    """The meter's sense of time."""
    return Seconds()


@pytest.fixture
def meter(parts: Parts, seconds: Seconds) -> Meter:
    """A meter of the root."""
    return Meter(parts.layout, parts.root, parts.index, clock=clock, monotonic=seconds)


def door(parts: Parts) -> Acceptor:
    """The way in."""
    return Acceptor(parts.spool, max_event_bytes=1 << 20)


def pump(depth: int | None, lag: float | None) -> PumpStatus:
    """What a pump says."""
    return PumpStatus("task_events", "connected", None, depth, lag, gaps=1, dead=2)


def test_a_new_root_has_nothing(parts: Parts, meter: Meter) -> None:
    """Zeros where nothing happened."""
    metrics = meter.measure(door(parts), [])

    assert metrics.trouble == ()
    assert (metrics.queue_depth, metrics.queue_lag_seconds) == (0, 0.0)
    assert (metrics.events_recorded, metrics.dead_letters, metrics.tasks) == (0, 0, 0)
    assert metrics.disk_used_percent is not None
    assert 0 < metrics.disk_used_percent <= 100


def test_what_is_accepted_waits_until_it_is_recorded(
    parts: Parts, meter: Meter, seconds: Seconds
) -> None:
    """The depth falls as the count of recorded events rises."""
    acceptor = door(parts)
    acceptor.accept([event("gh-1"), event("gh-2"), b"{}"])
    before = meter.measure(acceptor, [])
    parts.recording.record_now()
    seconds.now += 10
    after = meter.measure(acceptor, [])

    assert (before.queue_depth, before.events_recorded) == (2, 0)
    assert (after.queue_depth, after.events_recorded, after.tasks) == (0, 2, 2)
    assert (after.events_accepted, after.events_rejected) == (2, 1)
    assert after.index_lag_bytes == before.spool_bytes


def test_the_rate_is_over_the_last_minute(parts: Parts, meter: Meter, seconds: Seconds) -> None:
    """What happened earlier counts no more."""
    acceptor = door(parts)
    rates = [meter.measure(acceptor, []).processing_rate]
    for count in (100, 0, 0):
        acceptor.accept([event()] * count)
        parts.recording.record_now()
        seconds.now += 50
        rates.append(meter.measure(acceptor, []).processing_rate)

    assert rates == [0.0, 2.0, 1.0, 0.0]


def test_the_same_moment_is_measured_once(parts: Parts, meter: Meter, seconds: Seconds) -> None:
    """Whoever asks often gets what was found a moment ago."""
    acceptor = door(parts)
    first = meter.measure(acceptor, [])
    acceptor.accept([event()])
    again = meter.measure(acceptor, [])
    seconds.now += 2
    later = meter.measure(acceptor, [])

    assert again is first
    assert later.queue_depth == 1


def test_redis_is_part_of_the_queue(parts: Parts, meter: Meter) -> None:
    """Its lag and pending entries wait like everything else; its dead letters and gaps count."""
    metrics = meter.measure(door(parts), [pump(5, 3.0), pump(7, 1.0)])

    assert (metrics.queue_depth, metrics.queue_lag_seconds) == (12, 3.0)
    assert (metrics.dead_letters, metrics.gaps) == (4, 2)


def test_an_absent_redis_makes_the_queue_unknown(parts: Parts, meter: Meter) -> None:
    """Nobody can say how much waits there, so nobody says zero."""
    metrics = meter.measure(door(parts), [pump(None, None)])

    assert (metrics.queue_depth, metrics.queue_lag_seconds) == (None, None)
    assert metrics.events_recorded == 0


def test_trouble_is_told_and_hides_nothing_else(parts: Parts, meter: Meter) -> None:
    """A checkpoint that cannot be read leaves its figures unknown, the others known."""
    parts.layout.checkpoint(0).write_text("no json", encoding="utf-8")
    metrics = meter.measure(door(parts), [])

    assert metrics.trouble
    assert (metrics.events_recorded, metrics.queue_depth) == (None, None)
    assert metrics.tasks == 0
    assert meter.known_counters() is None


def test_every_figure_is_known_of_a_healthy_root(parts: Parts, meter: Meter) -> None:
    """No figure of the table stays without a source."""
    metrics = meter.measure(door(parts), [])

    assert [name for name in Metrics.__struct_fields__ if getattr(metrics, name) is None] == []
