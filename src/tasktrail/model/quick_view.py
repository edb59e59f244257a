"""The row of an ordinary line, at a fraction of the price of taking it apart value by value.

Log lines and agents' output are most of all lines, and nearly always of the same few types. For
those `quick_row` says exactly what `view.row_of` says; for every other line it says nothing, and
the whole view is asked. A property test holds the two together.
"""

import re
from functools import lru_cache
from typing import Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from tasktrail.model.channels import AGENT_OUTPUT, LOG
from tasktrail.model.ids import TrailKey
from tasktrail.model.levels import parse_level
from tasktrail.model.times import parse_time
from tasktrail.model.view import EMPTY

MAX_INTEGER: Final = 2**63 - 1
SECOND: Final = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d", re.ASCII)
REST_OF_TIME: Final = re.compile(r"(?:\.(\d{1,6}))?(?:Z|\+00:00)", re.ASCII)
FRACTION: Final = len(".123456Z")
SPOKEN: Final = frozenset({"task:thinking", "task:output", "task:raw_output"})
SPOKEN_KEYS: Final = ("type", "content", "tool_name", "tool_input", "is_error")

Text = str | UnsetType


class _Data(Struct, forbid_unknown_fields=True, gc=False):
    """What an engine says of a tool besides the keys of its line."""

    tool_use_id: Raw = msgspec.field(name="_tool_use_id", default=EMPTY)


class _Rest(Struct, gc=False):
    """The line's `event`, where everything in it is of its usual type."""

    event_type: str
    data: _Data | UnsetType = UNSET
    level: Text = UNSET
    source: Text = UNSET
    stage: Text = UNSET
    worker_id: Text = UNSET
    job_id: Text = UNSET
    session_id: Text = UNSET
    execution_id: Text = UNSET
    item: Text = UNSET
    attempt: int | UnsetType = UNSET


class _Line(Struct, gc=False):
    """The keys of every line."""

    seq: int
    id: str
    timestamp: str
    recorded_at: str
    pos: int
    event: Raw
    h: str


class _Logged(_Line, forbid_unknown_fields=True, gc=False):
    """A line of a log."""

    level: str
    source: str
    stage: str | None
    message: str
    metadata: Raw


class _Spoken(_Line, forbid_unknown_fields=True, gc=False):
    """A line of an agent's output."""

    type: str
    content: Text = UNSET
    tool_name: Text = UNSET
    tool_input: Text = UNSET
    is_error: bool | UnsetType = UNSET


class _Said(Struct, gc=False):
    """What is different in the two."""

    message: str | UnsetType
    level: str
    source: str
    stage: str | None
    metadata: Raw
    fields: dict[str, object]


_LOGGED: Final = msgspec.json.Decoder(_Logged)
_SPOKEN: Final = msgspec.json.Decoder(_Spoken)
_REST: Final = msgspec.json.Decoder(_Rest)


def quick_row(line: bytes, channel: str, trail: TrailKey) -> dict[str, object] | None:
    """The row of a line of the usual kind, `None` for any other."""
    if trail.family != "tasks":
        return None
    try:
        if channel == LOG:
            logged = _LOGGED.decode(line)
            rest = _REST.decode(logged.event)
            return _row(logged, rest, _logged(logged, rest), channel, trail)
        if channel == AGENT_OUTPUT:
            spoken = _SPOKEN.decode(line)
            rest = _REST.decode(spoken.event)
            return _row(spoken, rest, _spoken(spoken, rest), channel, trail)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass
    return None


def _row(
    line: _Line, rest: _Rest, said: _Said | None, channel: str, trail: TrailKey
) -> dict[str, object] | None:
    at, attempt = _utc(line.timestamp), rest.attempt
    if said is None or said.message is UNSET or at is None:
        return None
    if _utc(line.recorded_at) != line.recorded_at:
        return None
    if attempt is not UNSET and abs(attempt) > MAX_INTEGER:
        return None
    return {
        "id": line.id,
        "seq": line.seq,
        "task_id": trail.id,
        "timestamp": at,
        "recorded_at": line.recorded_at,
        "level": said.level,
        "source": said.source,
        "stage": said.stage,
        "channel": channel,
        "event_type": rest.event_type,
        "message": said.message if channel == LOG else said.message or rest.event_type,
        "metadata": said.metadata,
        "percent": None,
        "worker_id": rest.worker_id or None,
        "job_id": rest.job_id or None,
        "session_id": rest.session_id or None,
        "execution_id": rest.execution_id or None,
        "item": rest.item or None,
        "attempt": None if attempt is UNSET else attempt,
        "fields": said.fields,
        "event": line.event,
    }


def _logged(line: _Logged, rest: _Rest) -> _Said | None:
    """What a line of a log says; one that may have a percentage is for the whole view."""
    if rest.event_type != "task:log" or rest.data is not UNSET or _may_tell_progress(line.metadata):
        return None
    return _Said(
        line.message,
        _level(rest.level or line.level) or "info",
        rest.source or line.source or "system",
        rest.stage or line.stage or None,
        line.metadata,
        {
            "level": line.level,
            "source": line.source,
            "stage": line.stage,
            "message": line.message,
            "metadata": line.metadata,
        },
    )


def _spoken(line: _Spoken, rest: _Rest) -> _Said | None:
    """What an agent says, calls, or is answered."""
    level, message = _level(rest.level), line.content
    if rest.event_type == "task:tool_call":
        if line.tool_name is UNSET or line.tool_input is UNSET:
            return None
        message = f"{line.tool_name} {line.tool_input}"
    elif rest.event_type == "task:tool_result":
        level = level or ("error" if line.is_error is True else "info")
    elif rest.event_type not in SPOKEN:
        return None
    said = ((name, getattr(line, name)) for name in SPOKEN_KEYS)
    return _Said(
        message,
        level or "info",
        rest.source or "system",
        rest.stage or None,
        EMPTY,
        {name: value for name, value in said if value is not UNSET},
    )


def _may_tell_progress(metadata: Raw) -> bool:
    blob = bytes(metadata)
    if blob == b"{}":
        return False
    return b"progress" in blob or b"percent" in blob or b"\\" in blob


@lru_cache(maxsize=256)
def _level(said: str | UnsetType) -> str | None:
    return parse_level(said) if isinstance(said, str) and said else None


def _utc(text: str) -> str | None:
    """The time in its one form; `None` when it is of any other than the usual ones."""
    if not _is_second(text[:19]):
        return None
    fraction = text[19:]
    if len(fraction) == FRACTION and fraction[0] == "." and fraction[-1] == "Z":
        digits = fraction[1:-1]
        return text if digits.isdigit() and digits.isascii() else None
    match = REST_OF_TIME.fullmatch(fraction)
    return f"{text[:19]}.{(match[1] or '').ljust(6, '0')}Z" if match else None


@lru_cache(maxsize=1024)
def _is_second(text: str) -> bool:
    """Whether that is a second of a day that exists."""
    return SECOND.fullmatch(text) is not None and parse_time(text) is not None
