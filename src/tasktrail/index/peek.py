"""A quick look at a stored line: what the index needs to know of it, the rest skipped unread.

`look` says of every line that can be read exactly what `model.view` says of it, at a tenth of the
price; where a value has an unusual type it asks `model.view` itself. A line that is no entry, or no
UTF-8, is TornEntry.
"""

from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from tasktrail.errors import TornEntry
from tasktrail.model.channels import AGENT_OUTPUT, LOG, WEBHOOK_FLOW
from tasktrail.model.entry import Entry, parse_line
from tasktrail.model.event import Event
from tasktrail.model.filters import MAX_SEQ
from tasktrail.model.ids import TrailKey
from tasktrail.model.levels import parse_level
from tasktrail.model.statuses import outcome_of
from tasktrail.model.times import parse_time
from tasktrail.model.view import FAILURES, level_of, message_of, sent_at, source_of

UNVIEWABLE: Final = (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError)
WITH_Z: Final = len("2026-02-14T10:00:00.123456Z")
WITH_OFFSET: Final = len("2026-02-14T10:00:00.123456+00:00")
WORDS_REMEMBERED: Final = 2_048
SHORT_BYTES: Final = 1 << 10  # what longer ones say is not remembered: memory stays bounded
NOT_NAMED: Final = (UNSET, UNSET, UNSET)


class Labels(NamedTuple):
    """Who and what an entry belongs to, besides its trail."""

    worker_id: str | None = None
    job_id: str | None = None
    item: str | None = None
    execution_id: str | None = None
    session_id: str | None = None


class Words(Struct, frozen=True, gc=False, cache_hash=True):
    """What an entry says of itself; many entries say the same."""

    level: str
    source: str
    stage: str | None
    event_type: str
    labels: Labels
    names_attempt: bool


class Glimpse(Struct, frozen=True, gc=False):
    """What the index keeps of an entry, and what its fold must know."""

    seq: int
    pos: int
    at: int  # µs since the epoch: the entry's own time
    recorded_at: int  # µs since the epoch: its time of acceptance
    words: Words


class _Said(Struct, frozen=True, gc=False):
    """The keys of `data` that matter; UNSET where the line has no such key."""

    level: Any = UNSET
    stage: Any = UNSET
    severity: Any = UNSET
    status: Any = UNSET
    attempt: Any = UNSET
    worker_id: Any = UNSET
    job_id: Any = UNSET
    execution_id: Any = UNSET
    session_id: Any = UNSET
    is_error: Any = UNSET
    method: Any = UNSET


class _Rest(Struct, frozen=True, gc=False):
    """The line's `event`: the envelope and what of `data` the line does not name."""

    event_type: str
    level: Any = UNSET
    source: Any = UNSET
    stage: Any = UNSET
    attempt: Any = UNSET
    worker_id: Any = UNSET
    job_id: Any = UNSET
    item: Any = UNSET
    execution_id: Any = UNSET
    session_id: Any = UNSET
    data: _Said | None = None


class GlimpsedLine(Struct, gc=False):
    """The keys of a line that matter, what is in `event` and `data` not yet looked at."""

    seq: int
    id: str
    timestamp: str
    recorded_at: str
    pos: int
    event: Raw
    level: Any = UNSET
    source: Any = UNSET
    stage: Any = UNSET
    is_error: Any = UNSET
    method: Any = UNSET
    data: Raw | UnsetType = UNSET


class _Message(Struct, gc=False):
    """The keys that the message of a plain line is made of."""

    event: dict[str, Raw]
    message: Any = UNSET
    content: Any = UNSET


class _UnusualError(Exception):
    """A value that only the whole view can judge."""


LINE: Final = msgspec.json.Decoder(GlimpsedLine)
_REST: Final = msgspec.json.Decoder(_Rest)
_SAID: Final = msgspec.json.Decoder(_Said | None)
_MESSAGE: Final = msgspec.json.Decoder(_Message)
_NOTHING: Final = _Said()


def look(line: bytes, channel: str, trail: TrailKey) -> Glimpse:
    """What the index needs to know of the line; raises TornEntry."""
    try:
        if not line.isascii():
            line.decode()
        glimpse = _glimpse(LINE.decode(line), channel, trail)
    except UnicodeDecodeError as error:
        raise TornEntry(f"expected UTF-8 in {trail.name} {channel}: {error}") from error
    except (msgspec.DecodeError, RecursionError, _UnusualError, TypeError):  # the last: a list
        glimpse = _whole_look(line, channel, trail)
    if not 0 < glimpse.seq <= MAX_SEQ or abs(glimpse.pos) > MAX_SEQ:
        raise TornEntry(f"expected a seq above 0 in {trail.name} {channel}, found {glimpse.seq}")
    return glimpse


def message_in(line: bytes, channel: str, trail: TrailKey) -> str:
    """The message of the line, as `model.view` has it; raises TornEntry."""
    try:
        seen = _MESSAGE.decode(line)
        if "data" not in seen.event:
            if channel == LOG and isinstance(seen.message, str) and seen.message:
                return seen.message
            if channel == AGENT_OUTPUT and isinstance(seen.content, str) and seen.content:
                return seen.content
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    return message_of(parse_line(line, channel, trail).event)


def _glimpse(line: GlimpsedLine, channel: str, trail: TrailKey) -> Glimpse:
    recorded_at = _moment(line.recorded_at) if len(line.recorded_at) == WITH_Z else None
    if recorded_at is None:
        raise _UnusualError
    sent_at = quick_time(line.timestamp)
    event = bytes(line.event)
    flow = b"null"
    if channel == WEBHOOK_FLOW and line.data is not UNSET:
        flow = bytes(line.data)
    words_of = _words_of if len(event) + len(flow) <= SHORT_BYTES else _words_of.__wrapped__
    words = words_of(
        event,
        flow,
        (line.level, line.source, line.stage) if channel == LOG else NOT_NAMED,
        (_flag(line.is_error), line.method),
        trail.id if trail.family == "sessions" else None,
    )
    at = recorded_at if sent_at is None else sent_at
    return Glimpse(line.seq, line.pos, at, recorded_at, words)


@lru_cache(maxsize=WORDS_REMEMBERED)
def _words_of(
    event: bytes,
    flow: bytes,
    named: tuple[object, ...],
    outcome: tuple[object, object],
    session: str | None,
) -> Words:
    """What the entry says of itself, by the very bytes: most lines end like those before."""
    return _words(_REST.decode(event), _SAID.decode(flow), named, outcome, session)


@lru_cache(maxsize=WORDS_REMEMBERED)
def _words(
    rest: _Rest,
    flow: _Said | None,
    named: tuple[object, ...],
    outcome: tuple[object, object],
    session: str | None,
) -> Words:
    """What the entry says of itself; entries that say the same are judged once."""
    if rest.data and flow:
        raise _UnusualError
    data = rest.data or flow or _NOTHING
    sent = (rest.level, rest.source, rest.stage)
    level, source, stage = (
        there if one is UNSET else one for one, there in zip(sent, named, strict=True)
    )
    said = _text(level) or _text(data.level) or _text(data.severity)
    return Words(
        parse_level(said) or _level_of_outcome(rest.event_type, data, outcome),
        _text(source) or "system",
        _text(stage) or _text(data.stage),
        rest.event_type,
        _labels(rest, data, session),
        rest.attempt is not UNSET or data.attempt is not UNSET,
    )


def _flag(value: object) -> object:
    """The value, if it is a flag or text; 1 must not be taken for true, which it equals."""
    if value is UNSET or type(value) in {bool, str}:
        return value
    raise _UnusualError


def _level_of_outcome(event_type: str, data: _Said, outcome: tuple[object, object]) -> str:
    named_error, named_method = outcome
    match event_type:
        case "task:tool_result":
            is_error = named_error if data.is_error is UNSET else _flag(data.is_error)
            went_wrong = is_error is True or is_error == "true"
        case "task:completed":
            went_wrong = _is_failure(_text(data.status))
        case "task:response_posted":
            went_wrong = (named_method if data.method is UNSET else data.method) == "failed"
        case "loss":
            return "warning"
        case _:
            went_wrong = event_type in FAILURES
    return "error" if went_wrong else "info"


def _is_failure(status: str | None) -> bool:
    """Whether a `task:completed` with that status tells of a failure."""
    data = {} if status is None else {"status": Raw(msgspec.json.encode(status))}
    return outcome_of(Event("task:completed", {}, data, None, b"{}")) == "failed"


def _labels(rest: _Rest, data: _Said, session: str | None) -> Labels:
    own = session if rest.session_id is UNSET else rest.session_id
    return Labels(
        _text(rest.worker_id) or _text(data.worker_id),
        _text(rest.job_id) or _text(data.job_id),
        _text(rest.item),
        _text(rest.execution_id) or _text(data.execution_id),
        _text(own) or _text(data.session_id),
    )


def _text(value: object) -> str | None:
    """The text, `None` where there is none; any other type is for the whole view to judge."""
    if value is UNSET or value is None or value == "":
        return None
    if type(value) is str:
        return value
    raise _UnusualError


def quick_time(text: str) -> int | None:
    """What `parse_time` says, quicker for the two forms of UTC with microseconds."""
    if len(text) > WITH_OFFSET:
        return parse_time(text)
    moment = _moment(text)
    return _other_time(text) if moment is None else moment


_other_time: Final = lru_cache(maxsize=1_024)(parse_time)


@lru_cache(maxsize=1_024)
def _moment(text: str) -> int | None:
    """The moment of a time in one of those two forms; `None` for any other text."""
    size = len(text)
    if (size == WITH_Z and text[26] == "Z") or (size == WITH_OFFSET and text[26:] == "+00:00"):
        second, fraction = second_of(text[:20]), text[20:26]
        if second is not None and fraction.isdigit() and fraction.isascii():
            return second + int(fraction)
    return None


@lru_cache(maxsize=1_024)
def second_of(text: str) -> int | None:
    """The moment of `YYYY-MM-DDTHH:MM:SS.`, `None` for a text of another form."""
    return parse_time(text[:-1]) if text[16] + text[19] == ":." else None


def _whole_look(line: bytes, channel: str, trail: TrailKey) -> Glimpse:
    """The same by way of the whole entry."""
    try:
        return glimpse_of(parse_line(line, channel, trail))
    except UNVIEWABLE as error:
        raise TornEntry(f"expected an entry in {trail.name} {channel}: {error!r}") from error


def glimpse_of(entry: Entry) -> Glimpse:
    """The same by way of the whole entry."""
    event = entry.event
    words = Words(
        level_of(event),
        source_of(event),
        event.text("stage"),
        event.event_type,
        Labels(*(event.text(name) for name in Labels._fields)),
        names_attempt=True,
    )
    at = sent_at(event, entry.recorded_at)
    return Glimpse(entry.seq, entry.pos, at, entry.recorded_at, words)
