"""Filters of entries and of tasks: one definition for REST, WebSocket, terminal and index.

Values come as a query string has them: every key with the list of its values. Values of one key
are alternatives, keys are ANDed, an empty value says nothing. `search` is a literal piece of the
message, whatever its case; `%` and `_` are ordinary characters. `after_seq` and `before_seq` say
where a page lies, all else says which entries match.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from tasktrail.errors import InvalidFilter
from tasktrail.model.channels import CHANNELS
from tasktrail.model.levels import LEVELS, at_least, parse_level
from tasktrail.model.statuses import STATUSES, parse_status
from tasktrail.model.times import MICROSECONDS, parse_time

Params = Mapping[str, Sequence[str]]

SECONDS_OF: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
AGO: Final = re.compile(r"(\d{1,9})([smhdw])")
IDS: Final = ("worker_id", "job_id", "item", "execution_id", "session_id")
SEQS: Final = ("after_seq", "before_seq")
MAX_SEQ: Final = (1 << 63) - 1
FINGERPRINT_DIGITS: Final = 16
NO_LEVEL: Final = ("none",)  # `level` and `min_level` contradict each other: no entry has this one


class EntryFilter(Struct, frozen=True):
    """Which entries of a trail; an empty tuple and `None` let everything through."""

    level: tuple[str, ...] = ()
    min_level: str | None = None
    source: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    event_type: tuple[str, ...] = ()
    worker_id: str | None = None
    job_id: str | None = None
    item: str | None = None
    execution_id: str | None = None
    session_id: str | None = None
    search: str | None = None
    since: int | None = None  # µs since the epoch, by the entry's own timestamp; from here on
    until: int | None = None  # up to here, itself excluded
    after_seq: int | None = None
    before_seq: int | None = None
    ago: tuple[str, ...] = ()  # times as said relative to now, so that paging outlives the moment

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that pass, lowest first; empty when all do."""
        floor = at_least(self.min_level) if self.min_level else LEVELS
        if not self.level:
            return () if floor == LEVELS else floor
        return tuple(name for name in floor if name in self.level) or NO_LEVEL

    def fingerprint(self) -> str:
        """The same text for the same filter: what a cursor is bound to."""
        return fingerprint_of(self)


class TaskFilter(Struct, frozen=True):
    """Which tasks; an empty tuple and `None` let everything through."""

    status: tuple[str, ...] = ()
    source: tuple[str, ...] = ()  # the task's origin
    session_id: str | None = None
    job_id: str | None = None
    search: str | None = None  # in the id or the title
    since: int | None = None  # µs since the epoch, by when the task's first entry was recorded
    ago: tuple[str, ...] = ()

    def fingerprint(self) -> str:
        """The same text for the same filter: what a cursor is bound to."""
        return fingerprint_of(self)


def fingerprint_of(wanted: EntryFilter | TaskFilter) -> str:
    """A short text of the filter as it was said: `10m` counts as said, not as what it means now."""
    said: dict[str, object] = msgspec.structs.asdict(wanted)
    for text in wanted.ago:
        said[text.partition("=")[0]] = text
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:FINGERPRINT_DIGITS]


def parse_filter(params: Params, *, now: int | None = None) -> EntryFilter:
    """The filter of entries; raises InvalidFilter with the key, what was expected and found.

    `now` is what relative times (`10m`, `24h`, `7d`) are counted from; without it they are refused.
    """
    params = _said(params, EntryFilter)
    found: dict[str, object] = {name: _one(params, name) for name in (*IDS, "search")}
    found |= {name: _alternatives(params, name) for name in ("source", "stage", "event_type")}
    found |= {name: _seq(params, name) for name in SEQS}
    found |= _times(params, ("since", "until"), now)
    found["level"] = sorted({_level(text) for text in _split(params, "level")})
    found["channel"] = [_channel(text) for text in _split(params, "channel")]
    if "min_level" in params:
        found["min_level"] = _level(params["min_level"][-1], "min_level")
    return msgspec.convert(found, EntryFilter)


def parse_task_filter(params: Params, *, now: int | None = None) -> TaskFilter:
    """The filter of tasks; raises InvalidFilter with the key, what was expected and found."""
    params = _said(params, TaskFilter)
    found: dict[str, object] = {
        name: _one(params, name) for name in ("session_id", "job_id", "search")
    }
    found |= _times(params, ("since",), now)
    found["status"] = [_status(text) for text in _split(params, "status")]
    found["source"] = _alternatives(params, "source")
    return msgspec.convert(found, TaskFilter)


def without_place(wanted: EntryFilter) -> EntryFilter:
    """The filter without `after_seq` and `before_seq`: which entries match, wherever they are."""
    return msgspec.structs.replace(wanted, after_seq=None, before_seq=None)


def matches(wanted: EntryFilter, row: Mapping[str, object]) -> bool:
    """Whether the filter lets an answered row through."""
    return fits(wanted, row) and says(wanted, str(row.get("message")))


def fits(wanted: EntryFilter, row: Mapping[str, object]) -> bool:
    """Whether all of the filter but `search` lets the row through."""
    alternatives = {
        "level": wanted.levels,
        "source": wanted.source,
        "stage": wanted.stage,
        "channel": wanted.channel,
        "event_type": wanted.event_type,
    }
    if any(allowed and row[name] not in allowed for name, allowed in alternatives.items()):
        return False
    if any((said := getattr(wanted, name)) is not None and row[name] != said for name in IDS):
        return False
    return _lies_within(wanted, row)


def _lies_within(wanted: EntryFilter, row: Mapping[str, object]) -> bool:
    seq = row["seq"]
    if wanted.after_seq is not None and not wanted.after_seq < seq:  # type: ignore[operator]
        return False
    if wanted.before_seq is not None and not seq < wanted.before_seq:  # type: ignore[operator]
        return False
    if wanted.since is None and wanted.until is None:
        return True
    at = parse_time(str(row["timestamp"])) or 0
    return (wanted.since is None or wanted.since <= at) and (
        wanted.until is None or at < wanted.until
    )


def says(wanted: EntryFilter, message: str) -> bool:
    """Whether the message holds what the filter searches for."""
    return not wanted.search or wanted.search.casefold() in message.casefold()


def _said(params: Params, kind: type[Struct]) -> dict[str, list[str]]:
    """The keys that say something; raises InvalidFilter for one that the filter does not know."""
    known = [name for name in kind.__struct_fields__ if name != "ago"]
    for name in params:
        if name not in known:
            raise InvalidFilter(f"{name}: expected one of {', '.join(known)}, found another key")
    said = {name: [text for text in values if text] for name, values in params.items()}
    return {name: values for name, values in said.items() if values}


def _one(params: Params, name: str) -> str | None:
    values = params.get(name, ())
    if len(values) > 1:
        raise InvalidFilter(f"{name}: expected one value, found {len(values)}")
    return values[0] if values else None


def _split(params: Params, name: str) -> list[str]:
    texts = [text.strip() for value in params.get(name, ()) for text in value.split(",")]
    return list(dict.fromkeys(text for text in texts if text))


def _alternatives(params: Params, name: str) -> tuple[str, ...]:
    """Names are free text: a comma may separate two of them or belong to one, so both are meant."""
    return tuple(dict.fromkeys([*params.get(name, ()), *_split(params, name)]))


def _level(text: str, name: str = "level") -> str:
    level = parse_level(text)
    if level is None:
        raise InvalidFilter(f"{name}: expected one of {', '.join(LEVELS)}, found {text!r}")
    return level


def _channel(text: str) -> str:
    if text not in CHANNELS:
        raise InvalidFilter(f"channel: expected one of {', '.join(CHANNELS)}, found {text!r}")
    return text


def _status(text: str) -> str:
    status = parse_status(text)
    if status is None:
        known = ", ".join(STATUSES)
        raise InvalidFilter(f"status: expected one of {known} or running, found {text!r}")
    return status


def _seq(params: Params, name: str) -> int | None:
    text = _one(params, name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or int(text) > MAX_SEQ:
        raise InvalidFilter(f"{name}: expected a whole number, 0 or more, found {text!r}")
    return int(text)


def _times(params: Params, names: tuple[str, ...], now: int | None) -> dict[str, object]:
    """The times in µs, and under `ago` those that were said relative to now, as said."""
    said = {name: text for name in names if (text := _one(params, name))}
    found: dict[str, object] = {name: _moment(name, text, now) for name, text in said.items()}
    return found | {"ago": [f"{name}={text}" for name, text in said.items() if AGO.fullmatch(text)]}


def _moment(name: str, text: str, now: int | None) -> int:
    relative = AGO.fullmatch(text)
    if relative and now is not None:
        return max(0, now - int(relative[1]) * SECONDS_OF[relative[2]] * MICROSECONDS)
    moment = None if relative else parse_time(text)
    if moment is None:
        raise InvalidFilter(f"{name}: expected a time like 10m, 24h, 7d or ISO, found {text!r}")
    return moment
