"""Whatever shape a record has, its translator refuses it or makes events that every door takes."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasktrail.errors import InvalidEvent
from tasktrail.formats.records import parse_head
from tasktrail.formats.table import FORMATS, format_named, recognise
from tasktrail.formats.translator import Problem, Record, Source, Translated, WholeFormat
from tasktrail.model.acceptance import prepare
from tests.support.importing import answer, answered, called, claude, prompt, said

SOURCE = Source(
    "file.jsonl", "/logs/file.jsonl", modified_at="2026-01-01T00:00:00Z", is_quiet=True, siblings={}
)
USAGE = {"input_tokens": 3, "output_tokens": 4, "cache_read_input_tokens": 1}
BLOCK = {"type": "tool_result", "tool_use_id": "t", "content": [said("ok")], "is_error": False}
CALL = {"prompt_tokens": 5, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 1}}
TOKENS = {"input_tokens": 9, "cached_input_tokens": 4, "output_tokens": 3, "total_tokens": 12}
# A few records of each format, with everything that its translator looks at.
SAMPLES: dict[str, list[Any]] = {
    "claude_transcript": [
        prompt(1, "go"),
        answer(2, said("x"), called("Task", "t")),
        answered(3, "t", [said("ok")]) | {"toolUseResult": {"status": "completed", "agentId": "a"}},
        claude("progress", 4, data={"type": "agent_progress", "agentId": "a", "fullOutput": "x"}),
        claude("summary", 5, summary="s", origin={"kind": "human"}),
    ],
    "claude_stream": [
        {"type": "system", "subtype": "init", "session_id": "s", "cwd": "/", "model": "m"},
        {"type": "assistant", "session_id": "s", "message": {"id": "m", "usage": USAGE}},
        {"type": "user", "session_id": "s", "message": {"content": [BLOCK]}},
        {"type": "result", "session_id": "s", "total_cost_usd": 1, "modelUsage": {"m": {}}},
    ],
    "codex": [
        {"type": "session_meta", "timestamp": "2026-01-01T00:00:00Z", "payload": {"id": "s"}},
        {"type": "event_msg", "payload": {"type": "user_message", "message": "go"}},
        {"type": "response_item", "payload": {"type": "function_call", "call_id": "c"}},
        {
            "type": "event_msg",
            "payload": {
                "type": "token_count",
                "info": {"last_token_usage": TOKENS, "total_token_usage": TOKENS},
            },
        },
    ],
    "gemini": [
        {
            "sessionId": "s",
            "projectHash": "p",
            "startTime": "2026-01-01T00:00:00Z",
            "messages": [
                {"id": "1", "type": "user", "content": "go"},
                {
                    "id": "2",
                    "type": "gemini",
                    "content": [said("x")],
                    "thoughts": [{"subject": "a"}],
                    "toolCalls": [{"id": "c", "name": "n", "args": {}, "result": [1]}],
                    "tokens": {"input": 9, "cached": 2, "output": 1, "tool": 1},
                },
            ],
        }
    ],
    "swe_agent": [
        {
            "trajectory": [{"action": "ls", "observation": "a", "response": "b"}],
            "history": [{"role": "user", "content": "go"}],
            "info": {"exit_status": "submitted", "model_stats": {"tokens_sent": 1}},
        },
        [{"role": "user", "content": "go"}, {"role": "assistant", "content": "x"}],
    ],
    "openhands": [
        [
            {"id": 1, "source": "user", "action": "message", "args": {"content": "go"}},
            {
                "id": 2,
                "action": "run",
                "timestamp": "2026-01-01T00:00:00",
                "tool_call_metadata": {"model_response": {"id": "m", "usage": CALL}},
            },
            {"id": 3, "observation": "run", "extras": {"metadata": {"exit_code": 1}}, "cause": 2},
        ]
    ],
    "openhands_results": [
        {
            "instance_id": "i",
            "history": [[{"action": "message"}, {"observation": "x"}]],
            "metrics": {"accumulated_cost": 1},
            "issue": {"owner": "o"},
        }
    ],
    "inspect_ai": [
        {
            "status": "success",
            "eval": {"run_id": "r", "task": "t", "created": "2026-01-01T00:00:00+00:00"},
            "stats": {"completed_at": "2026-01-01T00:00:00+00:00"},
            "samples": [
                {
                    "id": 1,
                    "epoch": 1,
                    "scores": {},
                    "events": [
                        {
                            "event": "model",
                            "output": {
                                "usage": TOKENS,
                                "choices": [{"message": {"content": "x"}}],
                            },
                        },
                        {"event": "tool", "function": "f", "arguments": {}},
                    ],
                }
            ],
        }
    ],
    "aider_analytics": [
        {"event": "launched", "properties": {}, "time": 1_754_000_000},
        {"event": "message_send", "properties": {"cost": 1, "prompt_tokens": 2}, "time": 1},
        {"event": "exit", "properties": {"reason": "x"}, "time": 2},
    ],
    "coordinator_api_call": [
        {"model": "m", "task_id": "t", "worker_id": "w", "tokens_input": 1, "start_time": 1.5}
    ],
    "emitter": [
        {"type": "stage", "timestamp": "1", "data": {"stage": "s", "message": "m"}},
        {"type": "progress", "data": {"count": 1}},
        {"type": "complete", "data": {"x": 1}},
    ],
}
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def test_every_format_of_json_is_tried() -> None:
    """The others have no records whose shape could be another."""
    untried = {"task_directory", "coordinator_queue", "coordinator_prompt", "aider"}
    alike = {"gemini_lines", "claude_stream_document"}

    assert SAMPLES.keys() | untried | alike == {form.name for form in FORMATS}


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401 - JSON
    found = [path]
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in items:
            found += _places(inner, (*path, name))
    return found


def _changed(value: Any, path: tuple[Any, ...], to: Any) -> Any:  # noqa: ANN401 - JSON is anything
    if not path:
        return to
    copy = json.loads(json.dumps(value))
    inner = copy
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = to
    return copy


@pytest.mark.parametrize("name", list(SAMPLES))
@settings(max_examples=25, deadline=None)
@given(chosen=st.data())
def test_a_shape_that_nobody_foresaw_is_refused_or_told(name: str, chosen: st.DataObject) -> None:
    """One value of a record is another one."""
    records = SAMPLES[name]
    number = chosen.draw(st.integers(0, len(records) - 1))
    path = chosen.draw(st.sampled_from(_places(records[number])))
    records = [*records]
    records[number] = _changed(records[number], path, chosen.draw(values))

    for event in _translated(name, records):
        assert prepare(event.blob) is not None


def _translated(name: str, records: list[Any]) -> list[Translated]:
    form = format_named(name)
    assert form is not None
    recognise(SOURCE, parse_head(json.dumps(records[0]).encode(), is_whole=True))
    blobs = [json.dumps(record).encode() for record in records]
    events: list[Translated] = []
    if isinstance(form, WholeFormat):
        for blob in blobs:
            try:
                found = list(form.translate(SOURCE, blob))
            except InvalidEvent:
                continue
            events += [one for one in found if not isinstance(one, Problem)]
        return events
    translator = form.open(SOURCE, parse_head(b"\n".join(blobs), is_whole=True), None)
    for blob in blobs:
        try:
            events += translator.translate(Record(blob, 0))
        except InvalidEvent:
            continue
    events += translator.quiet()
    form.open(SOURCE, parse_head(b"", is_whole=True), translator.state())
    return events
