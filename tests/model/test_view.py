"""Every surface answers an entry the same way."""

from typing import Any

import pytest

from tasktrail.errors import TornEntry
from tasktrail.model.codec import decode, encode
from tasktrail.model.view import level_of, message_of, row_of, source_of
from tests.support.make import TRAIL, entry, event, line_of


@pytest.mark.parametrize(
    ("event_type", "fields", "level"),
    [
        ("task:log", {"level": "WARN"}, "warning"),
        ("task:log", {"data": {"level": "fatal"}}, "critical"),
        ("task:log", {"level": "loud"}, "info"),
        ("coordinator:event", {"data": {"severity": "error"}}, "error"),
        ("task:failed", {}, "error"),
        ("task:failed", {"level": "info"}, "info"),
        ("task:completed", {"data": {"status": "failed"}}, "error"),
        ("task:completed", {}, "info"),
        ("task:tool_result", {"data": {"is_error": True}}, "error"),
        ("task:tool_result", {"data": {"is_error": False}}, "info"),
        ("task:response_posted", {"data": {"method": "failed"}}, "error"),
        ("loss", {}, "warning"),
        ("gap", {}, "error"),
    ],
)
def test_the_level_is_what_was_said_or_what_it_means(
    event_type: str, fields: dict[str, Any], level: str
) -> None:
    """A level that was sent wins; without one a failure is an error."""
    assert level_of(event(event_type, **fields)) == level


def test_the_source_is_the_component_never_the_origin() -> None:
    """data.source says where a task came from, not who wrote the entry."""
    assert source_of(event("task:created", data={"source": "github"})) == "system"
    assert source_of(event("task:log", source="git")) == "git"


@pytest.mark.parametrize(
    ("event_type", "data", "message"),
    [
        ("task:log", {"message": "hi"}, "hi"),
        ("task:output", {"content": "said"}, "said"),
        ("task:output", {"content": ["a", 1]}, '["a",1]'),
        ("task:raw_output", {"raw_output": "r"}, "r"),
        ("task:tool_call", {"name": "Bash", "input": {"c": 1}}, 'Bash {"c":1}'),
        ("task:failed", {"error": "boom"}, "boom"),
        ("knowledge:query", {"query": "auth"}, "auth"),
        ("task:log", {"message": ""}, ""),
        ("task:log", {}, "task:log"),
        ("task:progress", {"message": ""}, "task:progress"),
        ("task:created", {"input_message": "x"}, "task:created"),
        ("odd:one", {}, "odd:one"),
    ],
)
def test_the_message_is_always_text(event_type: str, data: dict[str, object], message: str) -> None:
    """What a person reads first, else the event type; a blank log line stays blank."""
    assert message_of(event(event_type, data=data)) == message


def test_a_row_has_every_fixed_field() -> None:
    """The names that REST, WebSocket and CLI promise."""
    one = entry(3, "task:progress", stage="plan", item="i", data={"message": "m", "percent": 5})
    row = decode(encode(row_of(line_of(one)[1], "log", TRAIL)))

    assert row["task_id"] == "gh-1"
    assert (row["seq"], row["id"], row["channel"], row["stage"]) == (3, "t:3", "log", "plan")
    assert (row["percent"], row["item"], row["metadata"]) == (5.0, "i", {})
    assert row["timestamp"] == row["recorded_at"] == "2025-11-22T01:46:43.000000Z"


def test_a_timestamp_with_an_offset_is_answered_in_utc() -> None:
    """Answers are UTC with microseconds, whatever was sent."""
    one = entry(2, "x", timestamp="2026-02-14T11:00:00+01:00")

    assert row_of(line_of(one)[1], "events", TRAIL)["timestamp"] == "2026-02-14T10:00:00.000000Z"


def test_a_broken_line_has_no_row() -> None:
    """It is for the caller to count and show."""
    with pytest.raises(TornEntry):
        row_of(b"\0\0\0", "log", TRAIL)
