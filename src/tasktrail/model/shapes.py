"""What a line of each channel names: the keys of an event that stand at the top level of its line.

`shape_of` says channel, keys and what of `data` they say; what is not said stays under `event`.
`unshape` is the way back: the `data` that a line's keys were made of.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from msgspec import Raw

from tasktrail.errors import InvalidEvent
from tasktrail.model.channels import (
    AGENT_OUTPUT,
    API_CALLS,
    EVENTS,
    KNOWLEDGE,
    LOG,
    RESPONSE_POSTING,
    USER_INPUTS,
    WEBHOOK_FLOW,
)
from tasktrail.model.codec import Fields, as_raw, decode_fields, encode, number_of, plain_text
from tasktrail.model.event import Event
from tasktrail.model.event_types import channel_of
from tasktrail.model.levels import parse_level

TOOL_NAME: Final = ("name", "tool_name", "tool")
TOOL_INPUT: Final = ("input", "tool_input", "params")
KNOWLEDGE_KEYS: Final[dict[str, dict[str, object]]] = {
    "query": {"tool_name": "unknown", "query": "", "source_types": [], "org_id": None},
    "result": {
        "tool_name": "unknown",
        "query": "",
        "results_count": 0,
        "results_preview": [],
        "query_time_ms": 0.0,
        "cached": False,
    },
    "tool_call": {"tool_name": "unknown", "parameters": {}},
    "context_used": {
        "tool_name": "unknown",
        "contexts_count": 0,
        "relevance_scores": [],
        "total_tokens": None,
    },
}
API_CALL_ALIASES: Final = {
    "model": (),
    "call_id": (),
    "input_tokens": ("tokens_input",),
    "output_tokens": ("tokens_output",),
    "cache_read_tokens": (),
    "cache_write_5m_tokens": (),
    "cache_write_1h_tokens": (),
    "reasoning_tokens": (),
    "cost_usd": ("estimated_cost_usd",),
    "duration_ms": (),
    "success": (),
}
RESPONSE_KEYS: Final = ("method", "source", "mcp_detected", "fallback_posted")


class Shape(NamedTuple):
    """A line's channel, its own keys in order, and the keys of `data` that they say."""

    channel: str
    keys: dict[str, object]
    said: tuple[str, ...]


def first_of(fields: Fields, names: tuple[str, ...]) -> str | None:
    """The first of the names that the fields hold."""
    for name in names:
        if name in fields:
            return name
    return None


def shape_of(event: Event) -> Shape:
    """How the event stands in its channel."""
    return _SHAPERS[channel_of(event.event_type)](event)


def _user_input(event: Event) -> Shape:
    keys: dict[str, object] = {
        "type": "user_response",
        "question_type": event.data.get("question_type", "clarification"),
        "content": event.data.get("content", ""),
    }
    return Shape(USER_INPUTS, keys, ("question_type", "content"))


def _webhook(event: Event) -> Shape:
    family, _, verb = event.event_type.partition(":")
    stage = verb if family == "webhook" else f"{family}_{verb}"
    keys: dict[str, object] = {"stage": stage, "data": Raw(event.data_blob)}
    return Shape(WEBHOOK_FLOW, keys, tuple(event.data))


def _agent_output(event: Event) -> Shape:
    kind = event.event_type.partition(":")[2]
    if kind in {"tool_call", "tool_result"}:
        return _tool(event, kind)
    name = "raw_output" if kind == "raw_output" and "raw_output" in event.data else "content"
    keys: dict[str, object] = {"type": kind, "content": event.data.get(name, "")}
    return Shape(AGENT_OUTPUT, keys, _with_type(event, kind, (name,)))


def _with_type(event: Event, kind: str, said: tuple[str, ...]) -> tuple[str, ...]:
    """The engine repeats the kind inside `data`; it is said by the line's own `type`."""
    if "type" in event.data and plain_text(event.data["type"]) == kind:
        return (*said, "type")
    return said


def _tool(event: Event, kind: str) -> Shape:
    data = event.data
    name, given = first_of(data, TOOL_NAME), first_of(data, TOOL_INPUT)
    keys: dict[str, object] = {"type": kind, "tool_name": data[name] if name else "unknown"}
    if kind == "tool_call":
        keys["tool_input"] = _json_text(data[given]) if given else "{}"
        said = [name, given]
    else:
        keys["content"] = data.get("content", "")
        keys["is_error"] = data.get("is_error", False)
        said = [name, "content", "is_error"]
    return Shape(AGENT_OUTPUT, keys, _with_type(event, kind, tuple(key for key in said if key)))


def _json_text(raw: Raw) -> str | Raw:
    """The value as text of JSON; what was sent as text stays that text."""
    blob = bytes(raw)
    return raw if blob[:1] == b'"' else blob.decode()


def _knowledge(event: Event) -> Shape:
    kind = event.event_type.partition(":")[2]
    defaults = KNOWLEDGE_KEYS[kind]
    keys = {"type": kind} | {
        name: event.data.get(name, default) for name, default in defaults.items()
    }
    return Shape(KNOWLEDGE, keys, tuple(defaults))


def _response_posting(event: Event) -> Shape:
    keys: dict[str, object] = {name: event.data.get(name) for name in RESPONSE_KEYS}
    return Shape(RESPONSE_POSTING, keys, RESPONSE_KEYS)


def _log(event: Event) -> Shape:
    keys: dict[str, object] = {
        "level": parse_level(event.text("level")) or "info",
        "source": event.text("source") or "system",
        "stage": event.text("stage"),
        "message": plain_text(event.data.get("message")),
    }
    if event.event_type == "task:progress":
        keys["progress"] = percent_of(event)
    keys["metadata"] = event.data.get("metadata", {})
    return Shape(LOG, keys, ("message", "metadata"))


def percent_of(event: Event) -> float | None:
    """The progress that the event tells, 0 to 100, clamped; `None` when it tells none."""
    number = number_of(event.data.get("percent"))
    if number is None and "metadata" in event.data:
        try:
            metadata = decode_fields(event.data["metadata"])
        except InvalidEvent:
            return None
        number = number_of(metadata.get("progress", metadata.get("percent")))
    return None if number is None else min(100.0, max(0.0, number))


def _api_call(event: Event) -> Shape:
    keys: dict[str, object] = {}
    said: list[str] = []
    for name, aliases in API_CALL_ALIASES.items():
        found = first_of(event.data, (name, *aliases))
        if found:
            keys[name] = event.data[found]
            said.append(found)
    return Shape(API_CALLS, keys, tuple(said))


def _lifecycle(_event: Event) -> Shape:
    return Shape(EVENTS, {}, ())


_SHAPERS: Final[dict[str, Callable[[Event], Shape]]] = {
    USER_INPUTS: _user_input,
    WEBHOOK_FLOW: _webhook,
    AGENT_OUTPUT: _agent_output,
    KNOWLEDGE: _knowledge,
    RESPONSE_POSTING: _response_posting,
    LOG: _log,
    API_CALLS: _api_call,
    EVENTS: _lifecycle,
}
_BACK: Final = {"tool_name": "name", "tool_input": "input"}
_OURS: Final = frozenset({"level", "source", "stage", "progress"})


def unshape(channel: str, keys: Fields) -> Fields:
    """The `data` that a line's own keys were made of, under the names of the wire."""
    if channel == WEBHOOK_FLOW:
        return decode_fields(keys["data"]) if "data" in keys else {}
    if channel == LOG:
        return {name: raw for name, raw in keys.items() if name not in _OURS}
    if channel in {KNOWLEDGE, USER_INPUTS}:
        return {name: raw for name, raw in keys.items() if name != "type"}
    if channel == AGENT_OUTPUT:
        return {_BACK.get(name, name): raw for name, raw in keys.items() if name != "type"}
    return keys


def restore_blob(fields: Fields) -> bytes:
    """The object's bytes, made anew of its fields."""
    return encode(fields) if fields else bytes(as_raw({}))
