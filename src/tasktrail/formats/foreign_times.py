"""Times as other programs write them, as UTC text."""

from datetime import UTC, datetime

from tasktrail.model.times import MICROSECONDS, parse_time, utc_text

LATEST_EPOCH = 100_000_000_000  # seconds; a larger number counts milliseconds
MILLISECONDS = 1_000


def from_epoch(value: object) -> str | None:
    """UTC text of seconds (or milliseconds) since the epoch; `None` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    seconds = value / MILLISECONDS if abs(value) > LATEST_EPOCH else value
    try:
        return utc_text(round(seconds * MICROSECONDS))
    except (ValueError, OverflowError, OSError):
        return None


def told_time(text: str | None) -> str | None:
    """The text where it is a time; one that cannot be read tells none, as if it were not there."""
    return text if text and parse_time(text) is not None else None


def from_local(value: object) -> str | None:
    """UTC text of a time that names no zone and is this machine's; one with a zone stays."""
    if not isinstance(value, str) or not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return value if moment.tzinfo else moment.astimezone(UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None
