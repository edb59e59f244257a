"""Filters of entries and of tasks: one definition for REST, WebSocket, terminal and index.

Values come as a query string has them: every key with the list of its values. Values of one key
are alternatives, keys are ANDed, an empty value says nothing; only pieces of text (`search`,
`without`) and exclusions must all hold. `q` is the typed form of a filter (see query_text) and is
ANDed with the rest.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from tasktrail.errors import InvalidFilter
from tasktrail.model.entry_filter import (
    FREE_NAMES,
    IDS,
    NAMES,
    EntryFilter,
    combined,
    fingerprint_of,
    fits,
    matches,
    says,
    without_place,
)
from tasktrail.model.filter_values import (
    MAX_SEQ,
    ago_in,
    read_channel,
    read_level,
    read_moment,
    read_seq,
    read_status,
)
from tasktrail.model.query_text import SHORT_NAMES, parse_query_text

__all__ = [
    "IDS",
    "MAX_SEQ",
    "EntryFilter",
    "TaskFilter",
    "combined",
    "fits",
    "matches",
    "parse_filter",
    "parse_task_filter",
    "says",
    "without_place",
]

Params = Mapping[str, Sequence[str]]

SEQS: Final = ("after_seq", "before_seq", "from_seq", "to_seq")
TEXTS: Final = ("search", "without")
QUERY: Final = "q"
EXCLUDE: Final = "exclude"
ENTRY_KEYS: Final = (
    "min_level",
    *NAMES,
    *TEXTS,
    *SEQS,
    "since",
    "until",
    EXCLUDE,
    QUERY,
    *SHORT_NAMES,
)
TASK_KEYS: Final = ("status", "source", "agent", "session_id", "job_id", "search", "since")


class TaskFilter(Struct, frozen=True):
    """Which tasks; an empty tuple and `None` let everything through."""

    status: tuple[str, ...] = ()
    source: tuple[str, ...] = ()  # the task's origin
    session_id: str | None = None
    job_id: str | None = None
    search: str | None = None  # in the id or the title
    since: int | None = None  # µs since the epoch, by when the task's first entry was recorded
    ago: tuple[str, ...] = ()
    agent: tuple[str, ...] = ()

    def fingerprint(self) -> str:
        """The same text for the same filter: what a cursor is bound to."""
        return fingerprint_of(self, self.ago)


def parse_filter(params: Params, *, now: int | None = None) -> EntryFilter:
    """The filter of entries; raises InvalidFilter with the key, what was expected and found.

    `now` is what relative times (`10m`, `24h`, `7d`) are counted from; without it they are refused.
    """
    said = _said(_with_long_names(params), ENTRY_KEYS)
    found: dict[str, object] = {name: _alternatives(said, name) for name in FREE_NAMES}
    found |= {name: _seq(said, name) for name in SEQS}
    found |= {name: tuple(dict.fromkeys(said.get(name, ()))) for name in TEXTS}
    found |= _times(said, ("since", "until"), now)
    found["level"] = sorted({read_level(text) for text in _split(said, "level")})
    found["channel"] = [read_channel(text) for text in _split(said, "channel")]
    found["excluded"] = sorted({_exclusion(text) for text in said.get(EXCLUDE, ())})
    if "min_level" in said:
        found["min_level"] = read_level(said["min_level"][-1], "min_level")
    wanted = msgspec.convert(found, EntryFilter)
    for text in said.get(QUERY, ()):
        wanted = combined(wanted, parse_query_text(text, now=now))
    return combined(wanted, EntryFilter())


def parse_task_filter(params: Params, *, now: int | None = None) -> TaskFilter:
    """The filter of tasks; raises InvalidFilter with the key, what was expected and found."""
    said = _said(params, TASK_KEYS)
    found: dict[str, object] = {
        name: _one(said, name) for name in ("session_id", "job_id", "search")
    }
    found |= _times(said, ("since",), now)
    found["status"] = [read_status(text) for text in _split(said, "status")]
    found["source"] = _alternatives(said, "source")
    found["agent"] = _alternatives(said, "agent")
    return msgspec.convert(found, TaskFilter)


def _with_long_names(params: Params) -> dict[str, list[str]]:
    """The parameters, short names (`worker`) written out."""
    found: dict[str, list[str]] = {}
    for name, values in params.items():
        found.setdefault(SHORT_NAMES.get(name, name), []).extend(values)
    return found


def _said(params: Params, known: Sequence[str]) -> dict[str, list[str]]:
    """The keys that say something; raises InvalidFilter for one that the filter does not know."""
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


def _exclusion(text: str) -> tuple[str, str]:
    """A name and the value that it must not have."""
    said, colon, value = text.partition(":")
    name = SHORT_NAMES.get(said, said)
    if not colon or not value or name not in NAMES:
        raise InvalidFilter(
            f"{EXCLUDE}: expected one of {', '.join(NAMES)}, a colon and a value, found {text!r}"
        )
    if name == "level":
        return name, read_level(value)
    return name, read_channel(value) if name == "channel" else value


def _seq(params: Params, name: str) -> int | None:
    text = _one(params, name)
    return None if text is None else read_seq(text, name)


def _times(params: Params, names: tuple[str, ...], now: int | None) -> dict[str, object]:
    """The times in µs, and under `ago` those that were said relative to now, as said."""
    said = {name: text for name in names if (text := _one(params, name))}
    found: dict[str, object] = {name: read_moment(text, name, now) for name, text in said.items()}
    agos = {name: ago for name, text in said.items() if (ago := ago_in(text))}
    return found | {"ago": [f"{name}={ago}" for name, ago in sorted(agos.items())]}
