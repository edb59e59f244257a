"""What a service says of itself: its health, which parts are there, and its figures."""

from msgspec import Struct

# The name under which monitoring of the first design knows the recorder.
SERVICE_NAME = "task-logger"


class Health(Struct, frozen=True):
    """Whether events can be recorded, and every reason for concern."""

    can_record: bool
    reasons: tuple[str, ...] = ()
    gaps: int | None = 0  # places where accepted events are missing, since the root's birth
    dead_alarm: str | None = None  # what is said of many dead letters in a row, at any door

    @property
    def status(self) -> str:
        """healthy, degraded (we record, but not all is well) or unhealthy."""
        if not self.can_record:
            return "unhealthy"
        return "degraded" if self.reasons else "healthy"


class Readiness(Struct, frozen=True):
    """Which parts are there."""

    parts: dict[str, bool]

    @property
    def ready(self) -> bool:
        """Whether all are."""
        return all(self.parts.values())


class Metrics(Struct, frozen=True):
    """The figures of a service; `None` is not known. `trouble` says what could not be asked."""

    queue_depth: int | None = None
    queue_lag_seconds: float | None = None
    events_recorded: int | None = None
    dead_letters: int | None = None
    processing_rate: float | None = None
    disk_used_percent: float | None = None
    tasks: int | None = None
    spool_bytes: int | None = None
    duplicates: int | None = None
    identity_conflicts: int | None = None
    gaps: int | None = None
    damaged_frames: int | None = None
    holds: int | None = None
    index_lag_bytes: int | None = None
    events_accepted: int | None = None
    events_rejected: int | None = None
    trouble: tuple[str, ...] = ()
