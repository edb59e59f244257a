"""Times as text: microseconds since the epoch to UTC text and back."""

from datetime import UTC, datetime
from functools import lru_cache

MICROSECONDS = 1_000_000
READABLE_YEARS = range(2, 9_999)  # those beside them do not exist in every zone


@lru_cache(maxsize=64)
def _second_text(second: int) -> str:
    # `strftime` imports a module, which an interpreter that shuts down cannot.
    return datetime.fromtimestamp(second, UTC).isoformat()[: len("2026-01-01T00:00:00")]


@lru_cache(maxsize=256)  # events that were accepted together share their time
def utc_text(micros: int) -> str:
    """`YYYY-MM-DDTHH:MM:SS.ffffffZ` of microseconds since the epoch."""
    second, fraction = divmod(micros, MICROSECONDS)
    return f"{_second_text(second)}.{fraction:06d}Z"


def known_time(micros: int | None) -> str | None:
    """The same of a time that may be unknown; that is `None`."""
    return None if micros is None else utc_text(micros)


def parse_time(text: str) -> int | None:
    """Microseconds since the epoch of an ISO time, or `None`; a time without a zone is UTC.

    The years 1 and 9999 are none: what a program writes there stands for no time at all.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.year not in READABLE_YEARS:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * MICROSECONDS + delta.microseconds
