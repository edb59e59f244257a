"""Days as a user counts them: from midnight to midnight of a time zone, however long that is."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tasktrail.errors import InvalidFilter
from tasktrail.model.times import MICROSECONDS, READABLE_YEARS

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LOCAL: Final = None  # the zone of this machine


def parse_zone(text: str | None) -> tzinfo | None:
    """The zone of that IANA name; `None`, the zone of this machine, when none is named."""
    if not text:
        return LOCAL
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidFilter(
            f"zone: expected a name like Europe/Berlin or UTC, found {text!r}"
        ) from error


def zone_name(zone: tzinfo | None, at: int) -> str:
    """The name of the zone, or what this machine calls it at that time."""
    if isinstance(zone, ZoneInfo):
        return zone.key
    return _moment(at, zone).strftime("%Z %z").removesuffix(" +0000").strip()


def day_of(at: int, zone: tzinfo | None) -> date:
    """The day on which that time falls; µs since the epoch."""
    return _moment(at, zone).date()


def day_start(day: date, zone: tzinfo | None) -> int:
    """When that day begins, in µs since the epoch."""
    midnight = datetime.combine(day, time(), tzinfo=zone)
    return _micros(midnight if zone else midnight.astimezone())


def day_after(day: date) -> date:
    """The next day."""
    return day + timedelta(days=1)


def parse_day(text: str) -> date | None:
    """The day that is written so, `None` for any other text."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in READABLE_YEARS else None


def _moment(at: int, zone: tzinfo | None) -> datetime:
    return (EPOCH + timedelta(microseconds=at)).astimezone(zone)


def _micros(moment: datetime) -> int:
    delta = moment - EPOCH
    return (delta.days * 86_400 + delta.seconds) * MICROSECONDS + delta.microseconds
