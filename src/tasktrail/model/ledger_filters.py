"""What is asked of costs, workers and events of coordinators, read from a query's keys.

Values come as a query string has them: every key with the list of its values; an empty one says
nothing. A key that is not known, or a value that means nothing, is InvalidFilter.
"""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Final

from msgspec import Struct

from tasktrail.errors import InvalidFilter
from tasktrail.model.days import day_of, day_start, parse_day, parse_zone
from tasktrail.model.filter_values import ago_in, read_level, read_moment
from tasktrail.model.levels import LEVELS, at_least
from tasktrail.model.page import PAGE_KEYS

Params = Mapping[str, Sequence[str]]

GROUPS: Final = ("model", "task", "session", "worker", "day")
TODAY: Final = "today"
COST_IDS: Final = ("task_id", "session_id", "worker_id", "model")
COST_KEYS: Final = ("since", "until", "by", "parts", "zone", *COST_IDS)
MOST_PARTS: Final = 10
WORKER_KEYS: Final = ("task_id", "session_id", "status")
EVENT_KEYS: Final = ("type", "session_id", "context_id", "severity", "min_severity", "since")
WORKER_STATUSES: Final = ("spawned", "completed", "failed", "cancelled")


class CostFilter(Struct, frozen=True):
    """Which calls; `None` lets everything through."""

    since: int | None = None  # µs since the epoch, by the call's own time
    until: int | None = None  # itself excluded
    task_id: str | None = None
    session_id: str | None = None
    worker_id: str | None = None
    model: str | None = None
    zone: tzinfo | None = None  # in which days are counted; `None`: of this machine


class CostQuestion(Struct, frozen=True):
    """Which costs, and how they are grouped."""

    wanted: CostFilter = CostFilter()
    by: str | None = None
    parts: int = 0  # of how many models, the dearest, each row tells the cost
    asked_at: int = 0  # µs: names the zone as it is then; no figure depends on it


class WorkerFilter(Struct, frozen=True):
    """Which workers; `None` lets all through."""

    task_id: str | None = None
    session_id: str | None = None
    status: str | None = None


class EventFilter(Struct, frozen=True):
    """Which events of coordinators; `None` lets all through."""

    event_type: str | None = None
    session_id: str | None = None
    context_id: str | None = None  # or the task in whose trail it stands
    severities: tuple[str, ...] = ()
    since: int | None = None  # µs since the epoch
    ago: str | None = None  # as said, where it was said relative to now


def parse_cost_question(params: Params, *, now: int) -> CostQuestion:
    """The question; a day as `since` begins it, as `until` ends before it, in the zone's days."""
    said = _said(params, COST_KEYS)
    zone = parse_zone(said.get("zone"))
    by = said.get("by")
    if by is not None and by not in GROUPS:
        raise InvalidFilter(f"by: expected one of {', '.join(GROUPS)}, found {by!r}")
    times = {
        name: _moment(said[name], name, now, zone) for name in ("since", "until") if name in said
    }
    ids = {name: said[name] for name in COST_IDS if name in said}
    wanted = CostFilter(times.get("since"), times.get("until"), **ids, zone=zone)
    return CostQuestion(wanted, by, _parts(said.get("parts", "0")), now)


def parse_worker_filter(params: Params) -> WorkerFilter:
    """The filter of workers."""
    said = _said(params, WORKER_KEYS)
    status = said.get("status")
    if status is not None and status not in WORKER_STATUSES:
        known = ", ".join(WORKER_STATUSES)
        raise InvalidFilter(f"status: expected one of {known}, found {status!r}")
    return WorkerFilter(**said)


def parse_event_filter(params: Params, *, now: int) -> EventFilter:
    """The filter of events."""
    said = _said(params, EVENT_KEYS)
    since = said.get("since")
    exact, least = said.get("severity"), said.get("min_severity")
    severities = at_least(read_level(least, "min_severity")) if least else LEVELS
    if exact:
        level = read_level(exact, "severity")
        severities = tuple(one for one in severities if one == level) or ("none",)
    return EventFilter(
        said.get("type"),
        said.get("session_id"),
        said.get("context_id"),
        () if severities == LEVELS else severities,
        read_moment(since, "since", now) if since else None,
        ago_in(since) if since else None,
    )


def _said(params: Params, known: Sequence[str]) -> dict[str, str]:
    """The keys that say something, each with its one value."""
    said: dict[str, str] = {}
    for name, values in params.items():
        if name in PAGE_KEYS:
            continue
        if name not in known:
            raise InvalidFilter(f"{name}: expected one of {', '.join(known)}, found another key")
        texts = [text for text in values if text]
        if len(texts) > 1:
            raise InvalidFilter(f"{name}: expected one value, found {len(texts)}")
        if texts:
            said[name] = texts[0]
    return said


def _parts(text: str) -> int:
    """How many models; what is no small number is InvalidFilter."""
    if text not in map(str, range(MOST_PARTS + 1)):
        raise InvalidFilter(f"parts: expected a number up to {MOST_PARTS}, found {text[:200]!r}")
    return int(text)


def _moment(text: str, name: str, now: int, zone: tzinfo | None) -> int:
    """The time in µs; `today` and a day alone are the midnight with which they begin."""
    day = day_of(now, zone) if text == TODAY else parse_day(text)
    return read_moment(text, name, now) if day is None else day_start(day, zone)
