"""What single lines of a Codex rollout mean, told without what came before them."""

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
from msgspec import Raw, Struct

from tasktrail.errors import InvalidEvent
from tasktrail.formats.events import Owner, Saying, known, make_event
from tasktrail.formats.foreign_times import told_time
from tasktrail.formats.translator import Translated

if TYPE_CHECKING:
    from tasktrail.formats.documents import Fields

FORMAT: Final = "codex"
AGENT: Final = "codex"
EMPTY: Final = Raw(b"")
NANOS_PER_MILLI: Final = 1_000_000
LEVELS: Final = {
    "error": "error",
    "stream_error": "warning",
    "turn_aborted": "warning",
    "session_meta": "info",
    "task_complete": "info",
    "context_compacted": "info",
    "compacted": "info",
}
# A shell's result says its exit code in words, or as JSON beside its output.
FAILED: Final = re.compile(r'(?:Exit code:|exited with code|"exit_code":)\s*(?!0\b)[0-9]+')
LOOKED_AT: Final = 2_000  # characters at either end of a result


class Line(Struct, gc=False):
    """A line around its payload."""

    type: str = ""
    timestamp: str | None = None
    payload: Raw = Raw(b"{}")


class Payload(Struct, gc=False):
    """The fields that matter, of all kinds; all others stay in the raw record."""

    type: str = ""
    id: str | None = None
    forked_from_id: str | None = None
    cwd: str | None = None
    cli_version: str | None = None
    model: str | None = None
    git: Raw = EMPTY
    role: str | None = None
    content: Raw = EMPTY
    summary: Raw = EMPTY
    message: Raw = EMPTY
    name: str | None = None
    call_id: str | None = None
    arguments: Raw = EMPTY
    input: Raw = EMPTY
    action: Raw = EMPTY
    output: Raw = EMPTY
    info: Raw = EMPTY
    thread_name: str | None = None
    last_agent_message: Raw = EMPTY


class Tokens(Struct, frozen=True, gc=False):
    """One count of tokens, cached ones within the input, reasoning within the output."""

    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    cache_write_input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_output_tokens: int | None = None
    total_tokens: int | None = None


class Usage(Struct, frozen=True, gc=False):
    """A token count: the last call's, and the session's so far."""

    last_token_usage: Tokens | None = None
    total_token_usage: Tokens | None = None


class Turn(NamedTuple):
    """A line: whose it is, its identity, its time and its bytes."""

    owner: Owner
    identity: str
    timestamp: str | None
    record: Raw


class _Text(Struct, gc=False):
    type: str = ""
    text: str | None = None


_LINE: Final = msgspec.json.Decoder(Line)
_PAYLOAD: Final = msgspec.json.Decoder(Payload)
_USAGE: Final = msgspec.json.Decoder(Usage)
_TEXTS: Final = msgspec.json.Decoder(list[_Text])
_ONE_TEXT: Final = msgspec.json.Decoder(_Text)
_STRING: Final = msgspec.json.Decoder(str)
_ANY: Final = msgspec.json.Decoder()


def parse_line(blob: bytes) -> tuple[Line, Payload]:
    """The line and its payload; raises InvalidEvent when a field is of another type."""
    try:
        line = _LINE.decode(blob)
        payload = _PAYLOAD.decode(line.payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidEvent(f"expected a line of a rollout: {error}") from error
    line.timestamp = told_time(line.timestamp)
    return line, payload


def text_of(content: Raw) -> str:
    """The text of a content: a string, one part, or parts that are joined."""
    blob = bytes(content)
    try:
        if blob[:1] == b'"':
            return _STRING.decode(blob)
        if blob[:1] == b"{":
            return _ONE_TEXT.decode(blob).text or ""
        if blob[:1] == b"[":
            parts = _TEXTS.decode(blob)
            return "\n".join(one.text or f"[{one.type}]" for one in parts)
    except msgspec.DecodeError:
        return blob.decode()
    return ""


def _event(
    turn: Turn,
    event_type: str,
    data: dict[str, object],
    saying: tuple[str, str | None] = ("agent", None),
) -> Translated:
    """The main event of the line, which keeps it."""
    whole = data | {"format": FORMAT, "record": turn.record}
    said = Saying(turn.timestamp, *saying)
    return make_event(event_type, turn.owner, turn.identity, whole, saying=said)


def _more(
    turn: Turn, event_type: str, suffix: str, data: dict[str, object], source: str
) -> Translated:
    """A further event of the line."""
    said = Saying(turn.timestamp, source)
    identity = f"{turn.identity}#{suffix}"
    return make_event(event_type, turn.owner, identity, data | {"format": FORMAT}, saying=said)


def plain(turn: Turn, line: Line, payload: Payload) -> Translated:
    """The line as an event of its own kind, whatever it is."""
    name = payload.type or line.type or "unknown"
    message: object = name
    if bytes(payload.message)[:1] == b'"' and bytes(payload.message) != b'""':
        message = payload.message
    level = LEVELS.get(name, "debug")
    return _event(turn, f"codex:{name}", {"message": message}, ("agent", level))


def about(payload: Payload) -> dict[str, object]:
    """What the first line says of the session."""
    return known(
        {
            "agent": AGENT,
            "cwd": payload.cwd,
            "version": payload.cli_version,
            "git": payload.git if bytes(payload.git) else None,
            "format": FORMAT,
        }
    )


def created(turn: Turn, payload: Payload) -> Translated:
    """The task, made of the session's first prompt."""
    data: Fields = {"input_message": payload.message, "source": AGENT, "assigned_agent": AGENT}
    return _more(turn, "task:created", "created", data, "user")


def prompt(turn: Turn, payload: Payload) -> Translated:
    """What a person asked."""
    data: Fields = {"content": payload.message, "question_type": "prompt"}
    return _event(turn, "task:user_input", data, ("user", None))


def titled(turn: Turn, payload: Payload) -> Translated:
    """The task has a title now."""
    return _more(turn, "task:titled", "title", {"title": payload.thread_name}, "agent")


def said(turn: Turn, event_type: str, text: str) -> Translated:
    """What the agent said or thought."""
    level = "debug" if event_type == "task:thinking" else None
    return _event(turn, event_type, {"content": text}, ("agent", level))


def tool_call(turn: Turn, payload: Payload, name: str) -> Translated:
    """A tool was called; its arguments are often JSON in a string."""
    given = next(
        (raw for raw in (payload.arguments, payload.input, payload.action) if bytes(raw)),
        Raw(b"{}"),
    )
    data = known({"name": name, "input": given, "_tool_use_id": payload.call_id or payload.id})
    return _event(turn, "task:tool_call", data)


def tool_result(turn: Turn, payload: Payload, name: str) -> Translated:
    """What the tool answered."""
    text = text_of(payload.output)
    ends = text if len(text) <= 2 * LOOKED_AT else text[:LOOKED_AT] + text[-LOOKED_AT:]
    data = known(
        {
            "name": name,
            "content": text,
            "is_error": bool(FAILED.search(ends)),
            "_tool_use_id": payload.call_id,
        }
    )
    return _event(turn, "task:tool_result", data, ("tool", None))


def parse_tokens(info: Raw) -> Usage | None:
    """The usage in a token count, which may be null."""
    try:
        return _USAGE.decode(info) if bytes(info)[:1] == b"{" else None
    except msgspec.DecodeError:
        return None


def total_of(usage: Usage) -> str:
    """A name for the session's running total, empty where it is not told."""
    total = usage.total_token_usage
    if total is None:
        return ""
    figures = (total.input_tokens, total.cached_input_tokens, total.output_tokens)
    return ".".join("" if one is None else str(one) for one in (*figures, total.total_tokens))


def api_call(turn: Turn, usage: Usage, model: str | None, call_id: str | None) -> Translated | None:
    """The call that the count tells of, in disjoint buckets."""
    last = usage.last_token_usage
    if last is None or last.input_tokens is None:
        return None
    cached, written = last.cached_input_tokens or 0, last.cache_write_input_tokens
    reasoning = last.reasoning_output_tokens
    output = last.output_tokens
    data = known(
        {
            "call_id": call_id,
            "model": model,
            "input_tokens": max(0, last.input_tokens - cached - (written or 0)),
            "cache_read_tokens": last.cached_input_tokens,
            "cache_write_5m_tokens": written,
            "output_tokens": None if output is None else max(0, output - (reasoning or 0)),
            "reasoning_tokens": reasoning,
            "success": True,
        }
    )
    return _more(turn, "task:api_call", "call", data, "llm")
