"""How an entry is answered: its level, source and message, and its row for every surface."""

from collections.abc import Callable
from typing import Final

from msgspec import Raw

from tasktrail.model.channels import AGENT_OUTPUT, API_CALLS, KNOWLEDGE, LOG
from tasktrail.model.codec import Fields, integer_of, plain_text, text_of
from tasktrail.model.entry import BASE_KEYS, entry_of, line_fields
from tasktrail.model.event import Event
from tasktrail.model.event_types import channel_of
from tasktrail.model.ids import TrailKey
from tasktrail.model.levels import parse_level
from tasktrail.model.shapes import TOOL_INPUT, TOOL_NAME, first_of, percent_of
from tasktrail.model.statuses import outcome_of
from tasktrail.model.times import parse_time, utc_text

FAILURES: Final = frozenset(
    {"task:failed", "stage:failed", "execution:failed", "worker:failed", "gap"}
)
STARTS: Final = frozenset({"task:started", "stage:started"})
WORK_CHANNELS: Final = frozenset({AGENT_OUTPUT, LOG, API_CALLS})
MESSAGE_KEYS: Final[tuple[str, ...]] = ("message", "content", "raw_output", "error")
EMPTY: Final = Raw(b"{}")


def level_of(event: Event) -> str:
    """The level that was said, else the one that the event's outcome means."""
    said = event.text("level")
    if said is None and "severity" in event.data:
        said = text_of(event.data["severity"])
    if said is not None:
        level = parse_level(said)
        if level:
            return level
    rule = _MEANT.get(event.event_type)
    return "info" if rule is None else rule(event)


def _failure(_event: Event) -> str:
    return "error"


def _loss(_event: Event) -> str:
    return "warning"


def _tool_result(event: Event) -> str:
    return "error" if plain_text(event.data.get("is_error")) == "true" else "info"


def _completion(event: Event) -> str:
    return "error" if outcome_of(event) == "failed" else "info"


def _posting(event: Event) -> str:
    return "error" if plain_text(event.data.get("method")) == "failed" else "info"


_MEANT: Final[dict[str, Callable[[Event], str]]] = {
    **dict.fromkeys(FAILURES, _failure),
    "loss": _loss,
    "task:tool_result": _tool_result,
    "task:completed": _completion,
    "task:response_posted": _posting,
}


def source_of(event: Event) -> str:
    """The component that wrote the entry, `system` by default."""
    return text_of(event.envelope.get("source")) or "system"


def message_of(event: Event) -> str:
    """What a person reads first, never cut; empty only where a log line is."""
    if event.event_type == "task:tool_call":
        return _tool_text(event.data)
    keys = MESSAGE_KEYS
    if channel_of(event.event_type) == KNOWLEDGE:
        keys += ("query",)
    name = first_of(event.data, keys)
    message = plain_text(event.data[name]) if name else ""
    is_blank_line = name == "message" and event.event_type == "task:log"
    return message if message or is_blank_line else event.event_type


def _tool_text(data: Fields) -> str:
    name, given = first_of(data, TOOL_NAME), first_of(data, TOOL_INPUT)
    words = (plain_text(data[key]) for key in (name, given) if key)
    return " ".join(words) or "unknown"


def sent_at(event: Event, recorded_at: int) -> int:
    """The event's own time in µs since the epoch; its time of acceptance where it has none."""
    text = text_of(event.timestamp)
    parsed = parse_time(text) if text else None
    return recorded_at if parsed is None else parsed


def row_of(line: bytes, channel: str, trail: TrailKey) -> dict[str, object]:
    """The entry in a stored line as it is answered everywhere; raises TornEntry."""
    fields = line_fields(line)
    entry = entry_of(fields, channel, trail)
    event = entry.event
    return {
        "id": entry.id,
        "seq": entry.seq,
        "task_id": trail.id if trail.family == "tasks" else None,
        "timestamp": utc_text(sent_at(event, entry.recorded_at)),
        "recorded_at": utc_text(entry.recorded_at),
        "level": level_of(event),
        "source": source_of(event),
        "stage": event.text("stage"),
        "channel": channel,
        "event_type": event.event_type,
        "message": message_of(event),
        "metadata": event.data.get("metadata", EMPTY),
        "percent": percent_of(event) if channel == LOG else None,
        **_ids(event),
        "fields": {name: raw for name, raw in fields.items() if name not in BASE_KEYS},
        "event": fields["event"],
    }


def _ids(event: Event) -> dict[str, object]:
    names = ("worker_id", "job_id", "session_id", "execution_id")
    ids: dict[str, object] = {name: event.text(name) for name in names}
    return ids | {
        "item": text_of(event.envelope.get("item")),
        "attempt": attempt_of(event),
    }


def attempt_of(event: Event) -> int | None:
    """The attempt's number, when the event says one."""
    said = event.envelope.get("attempt") or event.data.get("attempt")
    return None if said is None else integer_of(said)
