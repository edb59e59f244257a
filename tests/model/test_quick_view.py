"""The quick way to a row says what the whole view says, or nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktrail.model.codec import decode, encode
from tasktrail.model.entry import Entry
from tasktrail.model.event import parse_event
from tasktrail.model.ids import TrailKey
from tasktrail.model.quick_view import quick_row
from tasktrail.model.view import row_of
from tests.support.event_strategies import any_ids, event_blobs, levels, times, values
from tests.support.make import START, TRAIL, entry, line_of

NAMES = ("level", "source", "stage", "worker_id", "session_id", "item", "attempt", "extra")
METADATA = [{}, {"n": 1}, {"progress": 40}, {"percent": "5"}, {"pr\u006fgress": 7}, [1], "x", None]


@st.composite
def usual_events(draw: st.DrawFn) -> bytes:
    """Events of the quick kinds, each with a few things that are not usual."""
    kinds = ["task:log", "task:output", "task:thinking", "task:tool_call", "task:tool_result"]
    some = draw(st.sets(st.sampled_from(NAMES), max_size=2))
    envelope = {name: draw(levels if name == "level" else values) for name in some}
    data: dict[str, Any] = {
        "message": draw(values),
        "content": draw(values),
        "metadata": draw(st.sampled_from(METADATA)),
        "name": draw(values),
        "is_error": draw(st.sampled_from([True, False, "true", 1])),
        "_tool_use_id": "t-1",
    }
    keep = draw(st.sets(st.sampled_from(sorted(data)), min_size=1))
    said = {name: data[name] for name in keep}
    event = {"type": draw(st.sampled_from(kinds)), "timestamp": draw(times), "task_id": "gh-1"}
    return encode(event | envelope | {"data": said})


def both_rows(blob: bytes, trail: TrailKey = TRAIL) -> tuple[object, object]:
    """The row by either way, as an answer shows it."""
    channel, line = line_of(Entry(1, "t:1", START, 100, parse_event(blob)), trail)
    quick, whole = quick_row(line, channel, trail), row_of(line, channel, trail)
    return None if quick is None else decode(encode(quick)), decode(encode(whole))


@given(st.one_of(usual_events(), event_blobs(any_ids)))
def test_the_quick_row_is_the_row(blob: bytes) -> None:
    """For whatever a producer sends."""
    quick, whole = both_rows(blob)

    assert quick in (None, whole)


@pytest.mark.parametrize(
    ("event_type", "fields"),
    [
        ("task:log", {"source": "git", "stage": "plan", "data": {"message": "x"}}),
        ("task:log", {"level": "WARN", "data": {"message": "x", "metadata": {"n": [1, None]}}}),
        ("task:output", {"data": {"content": "x"}}),
        ("task:thinking", {"data": {"type": "thinking", "content": ""}}),
        ("task:raw_output", {"data": {"raw_output": "x"}}),
        ("task:tool_call", {"data": {"name": "Bash", "input": {"a": 1}, "_tool_use_id": "t"}}),
        ("task:tool_result", {"data": {"name": "Bash", "content": "x", "is_error": True}}),
    ],
)
@pytest.mark.parametrize(
    "stamp",
    ["2026-02-14T10:00:00Z", "2026-02-14T10:00:00.120000+00:00", "2026-02-14T10:00:00.5Z"],
)
def test_the_usual_lines_go_the_quick_way(
    event_type: str, fields: dict[str, Any], stamp: str
) -> None:
    """Else nothing would be gained."""
    channel, line = line_of(entry(7, event_type, timestamp=stamp, **fields))
    quick = quick_row(line, channel, TRAIL)

    assert decode(encode(quick)) == decode(encode(row_of(line, channel, TRAIL)))


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-02-30T10:00:00Z",
        "2026-02-14T24:00:00Z",
        "2026-02-14T10:00:60Z",
        "2026-02-14T10:00:00.1234567Z",
        "2026-02-14T10:00:00.12345٣Z",
        "2026-02-14 10:00:00Z",
        "2026-02-14T12:00:00+02:00",
        "",
    ],
)
def test_an_odd_time_goes_the_whole_way(stamp: str) -> None:
    """It is not guessed at."""
    channel, line = line_of(entry(7, "task:log", timestamp=stamp, data={"message": "x"}))
    quick = quick_row(line, channel, TRAIL)

    assert quick is None or stamp == ""  # without a time the line says when it was recorded


@pytest.mark.parametrize(
    "line", [b"", b"\0\0", b"[]", b"{}", b'{"seq":1}', b'{"seq":1,"event":' + b"[" * 5_000]
)
def test_what_is_no_line_says_nothing(line: bytes) -> None:
    """The whole view will say what is wrong with it."""
    assert quick_row(line, "log", TRAIL) is None
    assert quick_row(line, "agent_output", TRAIL) is None


def test_a_key_that_nobody_knows_goes_the_whole_way() -> None:
    """Unknown keys of a line are answered, so they must be seen."""
    channel, line = line_of(entry(1, "task:log", data={"message": "x"}))

    assert quick_row(line[:-1] + b',"more":1}', channel, TRAIL) is None
