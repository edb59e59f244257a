"""Each channel's line names what the design names, everything else stays under `event`."""

import pytest

from tasktrail.model.codec import decode
from tasktrail.model.shapes import percent_of
from tests.support.make import entry, event, line_of

CASES = [
    (
        "task:tool_call",
        {"type": "tool_call", "name": "Bash", "input": {"cmd": "ls"}, "_tool_use_id": "u1"},
        {"type": "tool_call", "tool_name": "Bash", "tool_input": '{"cmd":"ls"}'},
        {"_tool_use_id": "u1"},
    ),
    (
        "task:tool_call",
        {"tool": "Bash", "params": '{"cmd": "ls"}'},
        {"type": "tool_call", "tool_name": "Bash", "tool_input": '{"cmd": "ls"}'},
        None,
    ),
    (
        "task:tool_result",
        {"name": "Bash", "content": "ok"},
        {"type": "tool_result", "tool_name": "Bash", "content": "ok", "is_error": False},
        None,
    ),
    ("task:thinking", {"content": "hm", "x": 1}, {"type": "thinking", "content": "hm"}, {"x": 1}),
    ("task:raw_output", {"raw_output": "r"}, {"type": "raw_output", "content": "r"}, None),
    ("task:raw_output", {"content": "r"}, {"type": "raw_output", "content": "r"}, None),
    (
        "task:user_input",
        {"content": "yes"},
        {"type": "user_response", "question_type": "clarification", "content": "yes"},
        None,
    ),
    (
        "webhook:received",
        {"source": "github", "event_type": "issue_comment"},
        {"stage": "received", "data": {"source": "github", "event_type": "issue_comment"}},
        None,
    ),
    ("response:immediate", {}, {"stage": "response_immediate", "data": {}}, None),
    ("notification:ops", {}, {"stage": "notification_ops", "data": {}}, None),
    (
        "knowledge:query",
        {"query": "auth"},
        {
            "type": "query",
            "tool_name": "unknown",
            "query": "auth",
            "source_types": [],
            "org_id": None,
        },
        None,
    ),
    (
        "task:response_posted",
        {"method": "mcp", "error": "why"},
        {"method": "mcp", "source": None, "mcp_detected": None, "fallback_posted": None},
        {"error": "why"},
    ),
    (
        "task:api_call",
        {"model": "m", "tokens_input": 5, "estimated_cost_usd": 0.1, "provider": "p"},
        {"model": "m", "input_tokens": 5, "cost_usd": 0.1},
        {"provider": "p"},
    ),
    ("task:created", {"input_message": "do"}, {}, {"input_message": "do"}),
    ("never:heard", {"a": {"b": [1]}}, {}, {"a": {"b": [1]}}),
]


@pytest.mark.parametrize(("event_type", "data", "keys", "rest"), CASES)
def test_a_line_names_the_keys_of_its_channel(
    event_type: str, data: dict[str, object], keys: dict[str, object], rest: object
) -> None:
    """The channel's keys stand at the top, what they do not say stays in event.data."""
    line = decode(line_of(entry(2, event_type, data=data))[1])
    own = {
        name: value
        for name, value in line.items()
        if name not in {"seq", "id", "timestamp", "recorded_at", "pos", "event", "h"}
    }

    assert own == keys
    assert line["event"].get("data") == rest
    assert line["event"]["event_type"] == event_type


def test_keys_of_data_never_overwrite_ours() -> None:
    """A producer that sends seq, id or h in data keeps them under `event`."""
    line = decode(line_of(entry(2, "task:created", data={"seq": 99, "id": "x", "h": "0"}))[1])

    assert (line["seq"], line["id"]) == (2, "t:2")
    assert line["event"]["data"] == {"seq": 99, "id": "x", "h": "0"}


def test_a_log_line_names_level_source_stage_message_and_metadata() -> None:
    """Level in lower case, source `system` by default, metadata as sent."""
    sent = entry(2, "task:log", level="WARN", data={"message": "hi", "metadata": {"a": 1}, "z": 2})
    line = decode(line_of(sent)[1])

    assert (line["level"], line["source"], line["stage"]) == ("warning", "system", None)
    assert (line["message"], line["metadata"]) == ("hi", {"a": 1})
    assert line["event"] == {"event_type": "task:log", "level": "WARN", "data": {"z": 2}}


@pytest.mark.parametrize(
    ("data", "percent"),
    [
        ({"percent": 42}, 42.0),
        ({"percent": "140"}, 100.0),
        ({"percent": -3}, 0.0),
        ({"metadata": {"progress": 7}}, 7.0),
        ({"metadata": {"progress": 0}}, 0.0),
        ({"metadata": {"percent": 8}}, 8.0),
        ({"metadata": "no object"}, None),
        ({}, None),
    ],
)
def test_progress_is_clamped(data: dict[str, object], percent: float | None) -> None:
    """0 to 100, wherever it was said; nothing said is not 0."""
    assert percent_of(event("task:progress", data=data)) == percent
