"""Logs of inspect_ai: a ZIP of samples, or one object."""

import io
import json
import zipfile

import pytest

from tasktrail.errors import InvalidEvent
from tasktrail.formats.inspect_ai import buckets_of, translate_log
from tasktrail.formats.translator import Problem, Source
from tests.support.importing import Event, only, recognised, types_of, whole, without_lives

HEADER = {"status": "success", "eval": {"run_id": "r", "task": "quiz", "model": "m"}}
MODEL = {
    "event": "model",
    "uuid": "e1",
    "model": "openai/x",
    "output": {
        "choices": [{"message": {"content": "42"}}],
        "usage": {"input_tokens": 10, "output_tokens": 3, "total_tokens": 13},
        "time": 0.5,
    },
}
TOOL = {"event": "tool", "uuid": "e2", "id": "t1", "function": "bash", "result": "ok"}
SAMPLE = {"id": 1, "epoch": 1, "input": "Guess", "events": [MODEL, TOOL], "scores": {"s": 1}}


def zipped(**members: object) -> bytes:
    """A log as a ZIP."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            blob = member if isinstance(member, bytes) else json.dumps(member).encode()
            archive.writestr(name, blob)
    return file.getvalue()


def from_object() -> list[Event]:
    """The events of the log as one object."""
    return whole("inspect_ai", HEADER | {"samples": [SAMPLE]})


def test_a_sample_is_a_task_of_its_evaluation() -> None:
    """Its events are entries, its scores the result."""
    events = from_object()

    assert types_of(events) == [
        "task:created",
        "task:output",
        "task:api_call",
        "task:tool_call",
        "task:tool_result",
        "task:completed",
    ]
    assert {event["task_id"] for event in events} == {"r.1.1"}
    assert events[-1]["data"]["result"] == '{"s":1}'
    assert only(events, "task:api_call")[0]["data"]["duration_ms"] == 500


def test_a_zip_says_the_same_as_an_object() -> None:
    """Only the container differs."""
    blob = zipped(**{"header.json": HEADER, "samples/1_epoch_1.json": SAMPLE})

    assert whole("inspect_ai", blob, "a.eval") == from_object()


def test_one_bad_member_costs_one_sample() -> None:
    """The others are imported, and the bad one is told."""
    blob = zipped(**{"header.json": HEADER, "samples/1.json": b"{torn", "samples/2.json": SAMPLE})
    found = list(translate_log(Source("a.eval"), blob))

    assert [one.reason.split(":")[0] for one in found if isinstance(one, Problem)] == [
        "samples/1.json"
    ]
    events = [json.loads(one.blob) for one in found if not isinstance(one, Problem)]
    assert len(without_lives(events)) == len(from_object())


def test_an_unfinished_log_has_only_its_beginning() -> None:
    """The journal says what the evaluation was to be."""
    start = {"eval": HEADER["eval"]}
    blob = zipped(**{"_journal/start.json": start, "samples/1.json": SAMPLE})

    assert whole("inspect_ai", blob)[0]["data"]["title"] == "quiz #1"


def test_a_zip_that_is_torn_is_refused() -> None:
    """With its reason."""
    with pytest.raises(InvalidEvent, match="expected a ZIP"):
        list(translate_log(Source("a.eval"), zipped(a={})[:30]))


def test_whether_input_holds_the_cached_tokens_the_total_tells() -> None:
    """Providers differ, and the log does not say which way it was counted."""
    inside = {"input_tokens": 10, "input_tokens_cache_read": 4, "output_tokens": 1}

    assert buckets_of(inside | {"total_tokens": 11})["input_tokens"] == 6
    assert buckets_of(inside | {"total_tokens": 15})["input_tokens"] == 10


def test_a_sample_with_an_error_failed() -> None:
    """And says why."""
    sample = SAMPLE | {"error": {"message": "timeout"}}
    end = whole("inspect_ai", HEADER | {"samples": [sample]})[-1]

    assert (end["type"], end["data"]["error"]) == ("task:failed", "timeout")


def test_logs_are_recognised() -> None:
    """A ZIP by its name too, because many things are ZIPs."""
    text = '{\n "status": "x",\n "eval": {\n "run_id": "r"}\n}'
    assert recognised(text) == "inspect_ai"
    assert recognised(zipped(a={}), file="a.eval") == "inspect_ai"
    assert recognised(zipped(a={}), file="a.zip") is None
