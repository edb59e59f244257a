"""What an entry says on its line: who, what, and in short values what it has besides a message."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Raw

from tasktrail.cli.figures import count_text, duration_text, money_text
from tasktrail.cli.terminal import safe_line
from tasktrail.model.codec import decode, json_line

Row = Mapping[str, Any]

MAX_DETAIL: Final = 60  # characters of a value beside an event that has no message
# Beside an event these say nothing new; in metadata they are the producer's own words.
KNOWN_FROM_ELSEWHERE: Final = frozenset({"task_id", "session_id", "conversation_id", "type"})
INPUT_TOKENS: Final = (
    "input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
)


def who_of(row: Row) -> str:
    """The component that wrote it; where none is named, the kind of event."""
    if row["source"] != "system" or row["channel"] == "log":
        return str(row["source"])
    family, _, verb = str(row["event_type"]).partition(":")
    return (verb if family == "task" else family) or family


def message_of(row: Row) -> str:
    """The entry's text, with what must be said before it: tool, verb or what a call used."""
    event_type, message = str(row["event_type"]), str(row["message"])
    said = "" if message == event_type else message
    if event_type == "task:log":
        return said  # most of all entries
    family, _, verb = event_type.partition(":")
    match event_type:
        case "task:tool_result":
            return f"{_field(row, 'tool_name')}: {message}"
        case "task:api_call":
            return _usage(row) if row["source"] == "system" else f"{verb} {_usage(row)}"
        case "knowledge:result":
            count, took = _field(row, "results_count"), _field(row, "query_time_ms")
            return f"{verb} {message} ({count} results in {took} ms)"
    is_named = (family == "task" and row["source"] == "system") or row["channel"] == "log"
    if is_named:  # the kind of event stands before it, or does not matter
        return said
    return (said or verb) if family == "task" else f"{verb} {said}".strip()


def details_of(row: Row) -> list[str]:
    """A log entry's metadata; of an event without a message, what it says, in short values."""
    if row["channel"] == "log":
        metadata = row["metadata"]
        if isinstance(metadata, Raw) and bytes(metadata) == b"{}":
            return []
        return _pairs(plain(metadata), None)
    if row["message"] != row["event_type"] or row["channel"] == "api_calls":
        return []
    fields = {name: value for name, value in row["fields"].items() if name not in {"stage", "data"}}
    data = plain(row["fields"].get("data")) or {}
    said = plain(row["event"]).get("data") or {}
    named = {name: plain(value) for name, value in fields.items()} | data | said
    news = {name: value for name, value in named.items() if name not in KNOWN_FROM_ELSEWHERE}
    return _pairs(news, MAX_DETAIL)


def plain(value: object) -> Any:  # noqa: ANN401 - JSON is anything
    """A value of a row, decoded where it is still the bytes that were sent."""
    return decode(value) if isinstance(value, Raw) else value


def _field(row: Row, name: str) -> str:
    value = plain(row["fields"].get(name))
    return "" if value is None else str(value)


def _usage(row: Row) -> str:
    """Model, tokens, money and time of a model call, as far as they are known."""
    said = {name: plain(value) for name, value in row["fields"].items()}
    read = [said[name] for name in INPUT_TOKENS if type(said.get(name)) is int]
    parts = [str(said.get("model") or "")]
    if read:
        parts.append(f"{count_text(sum(read))} in")
    if type(said.get("output_tokens")) is int:
        parts.append(f"{count_text(said['output_tokens'])} out")
    if type(said.get("cost_usd")) in {int, float}:
        parts.append(money_text(round(said["cost_usd"] * 1_000_000)))
    if type(said.get("duration_ms")) in {int, float}:
        parts.append(duration_text(said["duration_ms"] / 1_000))
    if said.get("success") is False:
        parts.append("failed")
    return ", ".join(part for part in parts if part)


def _pairs(fields: object, limit: int | None) -> list[str]:
    if not isinstance(fields, dict):
        return []
    return [
        f"{safe_line(str(name))}={_short(value, limit)}"
        for name, value in fields.items()
        if value is not None
    ]


def _short(value: object, limit: int | None) -> str:
    """The value on one line; a long one by its beginning or its size, where there is a limit."""
    text = safe_line(value if isinstance(value, str) else json_line(value))
    if limit is None or len(text) <= limit:
        return text
    return f"{text[:limit]}…" if isinstance(value, str) else f"({len(text):,} characters)"
