"""What single records of a Claude stream mean, told without what came before them."""

from typing import Final

import msgspec
from msgspec import Raw, Struct

from tasktrail.errors import InvalidEvent
from tasktrail.formats.claude_blocks import EMPTY, Message, Turn
from tasktrail.formats.claude_records import AGENT
from tasktrail.formats.claude_usage import parse_usage
from tasktrail.formats.events import Saying, known, make_event
from tasktrail.formats.foreign_times import told_time
from tasktrail.formats.lives import SHORT
from tasktrail.formats.translator import Translated

FORMAT: Final = "claude_stream"
LEVELS: Final = {
    "error": "error",
    "system.api_retry": "warning",
    "system.permission_denied": "warning",
    "system.mirror_error": "warning",
    "rate_limit_event": "warning",
    "system.init": "info",
    "system.compact_boundary": "info",
}


class StreamRecord(Struct, gc=False):
    """The fields that matter; all others stay in the raw record."""

    type: str = ""
    subtype: str | None = None
    uuid: str | None = None
    session_id: str | None = None
    parent_tool_use_id: str | None = None
    timestamp: str | None = None
    cwd: str | None = None
    model: str | None = None
    claude_code_version: str | None = None
    is_synthetic: bool | None = msgspec.field(name="isSynthetic", default=None)
    is_replay: bool | None = msgspec.field(name="isReplay", default=None)
    message: Message | None = None
    is_error: bool | None = None
    result: Raw = EMPTY
    errors: Raw = EMPTY
    error: Raw = EMPTY
    total_cost_usd: float | None = None
    cost_usd: float | None = None
    duration_ms: float | None = None
    duration_api_ms: float | None = None
    num_turns: int | None = None
    usage: Raw = EMPTY
    model_usage: Raw = msgspec.field(name="modelUsage", default=EMPTY)
    permission_denials: Raw = EMPTY


_RECORD: Final = msgspec.json.Decoder(StreamRecord)


def parse_record(blob: bytes) -> StreamRecord:
    """The record; raises InvalidEvent when a field is of another type."""
    try:
        record = _RECORD.decode(blob)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidEvent(f"expected a record of a stream: {error}") from error
    record.timestamp = told_time(record.timestamp)
    return record


def child_of(session: str, tool_use_id: str | None) -> str:
    """The worker: the session itself, or the sub-agent that a tool call of it started."""
    return f"{session[:SHORT]}.{tool_use_id}" if tool_use_id else session


def about(record: StreamRecord) -> dict[str, object]:
    """What the first record of a worker says of it."""
    is_child = record.parent_tool_use_id is not None
    return known(
        {
            "agent": AGENT,
            "parent_worker_id": record.session_id if is_child else None,
            "is_sidechain": True if is_child else None,
            "cwd": record.cwd,
            "model": record.model,
            "version": record.claude_code_version,
            "format": FORMAT,
        }
    )


def created(turn: Turn, record: StreamRecord, prompt: object = None) -> Translated:
    """The task exists; the prompt is seldom in the stream."""
    data = known(
        {
            "input_message": prompt,
            "source": AGENT,
            "assigned_agent": AGENT,
            "cwd": record.cwd,
            "format": FORMAT,
        }
    )
    identity = f"{turn.identity}#created" + ("" if prompt is None else ":prompt")
    saying = Saying(turn.timestamp, "agent")
    return make_event("task:created", turn.owner, identity, data, saying=saying)


def plain_events(turn: Turn, record: StreamRecord) -> list[Translated]:
    """The record as an event of its own kind, whatever it is."""
    kind = record.type or "unknown"
    name = f"{kind}.{record.subtype}" if record.subtype else kind
    message: object = name
    if bytes(record.error)[:1] == b'"':
        message = record.error
    data = {"message": message, "format": FORMAT, "record": turn.record}
    saying = Saying(turn.timestamp, "agent", LEVELS.get(name, "debug"))
    return [make_event(f"claude:{name}", turn.owner, turn.identity, data, saying=saying)]


def outcome_of(record: StreamRecord) -> str:
    """How the run ended: `success` with `is_error` is a failure too."""
    is_failed = bool(record.is_error) or (record.subtype or "").startswith("error_")
    return "failed" if is_failed else "completed"


def ended(turn: Turn, record: StreamRecord, share: float | None, total: float | None) -> Translated:
    """The end of the run, with its figures."""
    outcome = outcome_of(record)
    usage = parse_usage(record.usage)
    answer = record.result if bytes(record.result) else None
    data = known(
        {
            "status": outcome,
            "result": answer,
            "error": _error(record) if outcome == "failed" else None,
            "cost_usd": None if share is None else round(share, 9),
            "total_cost_usd": total,
            "duration_seconds": None if record.duration_ms is None else record.duration_ms / 1000,
            "num_turns": record.num_turns,
            "input_tokens": usage.input_tokens if usage else None,
            "output_tokens": usage.output_tokens if usage else None,
            "model_usage": _kept(record.model_usage),
            "permission_denials": _kept(record.permission_denials),
            "subtype": record.subtype,
            "format": FORMAT,
            "record": turn.record,
        }
    )
    saying = Saying(turn.timestamp, "agent")
    return make_event(f"task:{outcome}", turn.owner, turn.identity, data, saying=saying)


def _kept(raw: Raw) -> Raw | None:
    return raw if bytes(raw) and bytes(raw) not in {b"null", b"{}", b"[]"} else None


def _error(record: StreamRecord) -> object:
    for raw in (record.errors, record.error, record.result):
        if bytes(raw) not in {b"", b"null", b"[]", b'""'}:
            return raw
    return record.subtype or "error"
