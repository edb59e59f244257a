"""A quick look at a line says what the whole view says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from tasktrail.errors import TornEntry
from tasktrail.index.peek import Labels, glimpse_of, look, message_in, quick_time
from tasktrail.model.codec import encode
from tasktrail.model.entry import Entry, parse_line
from tasktrail.model.event import parse_event
from tasktrail.model.ids import TrailKey
from tasktrail.model.times import parse_time
from tasktrail.model.view import row_of
from tests.support.event_strategies import event_blobs, task_ids, times
from tests.support.make import START, TRAIL, entry, line_of

SESSION = TrailKey("sessions", "s-1")
session_ids = st.just({"session_id": "s-1"})


def stored(blob: bytes, trail: TrailKey) -> tuple[str, bytes]:
    """The channel and the line of an event."""
    return line_of(Entry(3, "t:3", START, 300, parse_event(blob)), trail)


def expect_equal_looks(channel: str, line: bytes, trail: TrailKey) -> None:
    """The quick look, the slow look and the row agree."""
    quick, row = look(line, channel, trail), row_of(line, channel, trail)
    names = ("level", "source", "stage", "event_type", "seq", *Labels._fields)
    seen = asdict(quick) | asdict(quick.words) | quick.words.labels._asdict()
    assert {name: seen[name] for name in names} == {name: row[name] for name in names}
    assert quick.at == parse_time(str(row["timestamp"]))
    assert quick.recorded_at == parse_time(str(row["recorded_at"]))
    slow = glimpse_of(parse_line(line, channel, trail))
    assert replace(quick, words=replace(quick.words, names_attempt=True)) == slow
    assert message_in(line, channel, trail) == row["message"]


@settings(max_examples=100)
@given(event_blobs(task_ids))
def test_a_look_equals_the_view(blob: bytes) -> None:
    """Level, source, stage, type, ids, time and message are those of the answered row."""
    expect_equal_looks(*stored(blob, TRAIL), TRAIL)


@pytest.mark.parametrize(
    ("event_type", "data"),
    [
        ("task:tool_result", {"is_error": True}),
        ("task:tool_result", {"is_error": 1}),
        ("task:tool_result", {"is_error": "true"}),
        ("task:tool_result", {"is_error": [1]}),
        ("task:response_posted", {"source": "github", "method": "failed"}),
        ("webhook:received", {"severity": "warn", "stage": "inner"}),
        ("task:completed", {"status": "odd"}),
        ("task:log", {"message": "", "level": "error"}),
        ("odd", {"level": "loud", "severity": "debug"}),
        ("loss", {}),
    ],
)
def test_a_look_equals_the_view_where_channels_differ(
    event_type: str, data: dict[str, object]
) -> None:
    """Keys of a line that mean something in one channel mean nothing in another."""
    blob = encode({"type": event_type, "task_id": TRAIL.id, "data": data})

    expect_equal_looks(*stored(blob, TRAIL), TRAIL)


@given(event_blobs(session_ids))
def test_a_look_equals_the_view_in_a_session(blob: bytes) -> None:
    """The entries of a session's own trail belong to that session."""
    expect_equal_looks(*stored(blob, SESSION), SESSION)


def test_attempts_are_noticed() -> None:
    """An entry that names an attempt is told from one that does not."""
    plain = line_of(entry(1, "task:log", data={"message": "a"}))
    named = line_of(entry(1, "task:log", attempt=2, data={"message": "a"}))
    inside = line_of(entry(1, "task:log", data={"message": "a", "attempt": 2}))

    assert not look(plain[1], plain[0], TRAIL).words.names_attempt
    assert look(named[1], named[0], TRAIL).words.names_attempt
    assert look(inside[1], inside[0], TRAIL).words.names_attempt


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\0" * 40,
        b"[]",
        b'{"seq":1}',
        b'{"stage":"received","data":{}}',
        b'{"seq":1,"id":"a","timestamp":"x","recorded_at":"x","pos":0,"event":{}}',
        b'{"seq":0,"id":"a","timestamp":"","recorded_at":"","pos":0,"event":{"event_type":"a"}}',
        b'{"seq":9999999999999999999,"id":"a","timestamp":"","recorded_at":"","pos":0,"event":{"event_type":"a"}}',
        b'{"seq":1,"id":"a","timestamp":"","recorded_at":"","pos":0,"event":{"event_type":"a"},"x":"\xff"}',
    ],
)
def test_what_is_no_entry_is_torn(line: bytes) -> None:
    """A line that cannot be an entry of ours is refused, whatever it holds instead."""
    with pytest.raises(TornEntry):
        look(line, "events", TRAIL)


@given(st.one_of(times.filter(lambda one: isinstance(one, str)), st.text(max_size=40)))
def test_quick_times_equal_times(text: str) -> None:
    """The quicker reading of a time never says anything else."""
    assert quick_time(text) == parse_time(text)


def test_common_times_are_read_quickly() -> None:
    """Both spellings of UTC give the same moment."""
    moments = {quick_time(f"2026-02-14T10:00:00.123456{zone}") for zone in ("Z", "+00:00")}

    assert moments == {1_771_063_200_123_456}


def test_the_message_of_a_tool_call_is_its_name_and_input() -> None:
    """Messages that are made of several values are made by the view."""
    data = {"name": "Bash", "input": {"command": "ls"}}
    channel, line = line_of(entry(1, "task:tool_call", data=data))

    assert message_in(line, channel, TRAIL) == f"Bash {encode({'command': 'ls'}).decode()}"
