"""What is wrong now: figures beyond the limits of the first design, and every reason of /health."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from msgspec import Struct

from tasktrail.service.figures import Health, Metrics

PERCENT: Final = 100.0


class Limit(NamedTuple):
    """A figure that is watched, and above what it is too much."""

    name: str
    limit: float
    unit: str
    meaning: str


LIMITS: Final = (
    Limit("queue_depth", 1_000, "events", "accepted and not yet recorded"),
    Limit("queue_lag", 30, "seconds", "the age of the oldest event that is not yet recorded"),
    Limit("failed_events", 5, "percent", "events that cannot be recorded"),
    Limit("disk_usage", 80, "percent", "use of the data volume"),
)


class Watched(Struct, frozen=True):
    """A limit, and how its figure stands; `None` is not known."""

    name: str
    value: float | None
    limit: float
    unit: str


class Alert(Struct, frozen=True):
    """Something that a person should look at."""

    name: str
    severity: str  # warning | critical: nothing can be recorded
    detail: str
    value: float | None = None
    limit: float | None = None
    unit: str | None = None


def watched(metrics: Metrics) -> list[Watched]:
    """Every limit with its figure."""
    values = {
        "queue_depth": metrics.queue_depth,
        "queue_lag": metrics.queue_lag_seconds,
        "failed_events": failed_percent(metrics),
        "disk_usage": metrics.disk_used_percent,
    }
    return [Watched(one.name, values[one.name], one.limit, one.unit) for one in LIMITS]


def failed_percent(metrics: Metrics) -> float | None:
    """How many of all events could not be recorded, since the root's birth."""
    failed, recorded = metrics.dead_letters, metrics.events_recorded
    if failed is None or recorded is None:
        return None
    return PERCENT * failed / (failed + recorded) if failed else 0.0


def alerts(metrics: Metrics, health: Health) -> list[Alert]:
    """What is beyond its limit, then what the service itself complains of."""
    return [*_beyond(metrics), *_concerns(health)]


def _beyond(metrics: Metrics) -> Iterator[Alert]:
    for limit, one in zip(LIMITS, watched(metrics), strict=True):
        if one.value is not None and one.value > one.limit:
            detail = f"{limit.meaning}: {one.value:,.6g} {one.unit}, more than {one.limit:,.6g}"
            yield Alert(one.name, "warning", detail, one.value, one.limit, one.unit)


def _concerns(health: Health) -> Iterator[Alert]:
    severity = "warning" if health.can_record else "critical"
    for reason in health.reasons:
        yield Alert("health", severity, reason)
