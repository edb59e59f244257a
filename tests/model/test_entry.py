"""A line is a pure function of the event and its place, and the way back loses nothing."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktrail.errors import TornEntry
from tasktrail.model.codec import decode
from tasktrail.model.entry import Entry, first_h, parse_line, render_line, seal_line, unseal_line
from tasktrail.model.event import parse_event
from tasktrail.model.event_types import EVENT_TYPES
from tasktrail.model.ids import TrailKey
from tasktrail.model.view import row_of
from tests.support.make import START, TRAIL, entry, line_of

JSON = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20)


def test_a_line_begins_with_ours_and_ends_with_h() -> None:
    """The order of the format: place, channel keys, event, h."""
    line = decode(line_of(entry(1, "task:output", data={"content": "hello"}))[1])

    assert list(line) == [
        *("seq", "id", "timestamp", "recorded_at", "pos"),
        *("type", "content", "event", "h"),
    ]


def test_the_timestamp_is_kept_as_sent() -> None:
    """Whole seconds stay whole seconds; only a missing one is filled in from the acceptance."""
    sent = decode(line_of(entry(2, "x", timestamp="2026-02-14T10:00:00Z"))[1])
    missing = decode(line_of(entry(2, "x"))[1])

    assert sent["timestamp"] == "2026-02-14T10:00:00Z"
    assert missing["timestamp"] == missing["recorded_at"] == "2025-11-22T01:46:42.000000Z"


def test_the_first_line_carries_the_true_id() -> None:
    """Whatever the first event said, line 1 tells whose trail it is."""
    hostile = TrailKey("tasks", "../../x")
    one = Entry(1, "i", START, 0, parse_event(b'{"type":"webhook:received"}'))
    two = Entry(2, "i", START, 0, parse_event(b'{"type":"x","task_id":"../../x"}'))

    assert decode(line_of(one, hostile)[1])["event"]["task_id"] == "../../x"
    assert "task_id" not in decode(line_of(two, hostile)[1])["event"]


def test_unknown_fields_stay_as_sent() -> None:
    """Envelope fields and data nobody knows keep their very bytes."""
    raw = b'{"type":"odd:one","task_id":"gh-1","extra":{"n": 1.50},"data":{"big":1e400}}'
    _, line = render_line(Entry(2, "i", START, 0, parse_event(raw)), TRAIL)

    assert b'"event":{"event_type":"odd:one","extra":{"n": 1.50},"data":{"big":1e400}}' in line


def test_an_identity_is_said_once() -> None:
    """What became the entry's id is not repeated, what did not stays."""
    raw = b'{"type":"x","task_id":"gh-1","src":"a","src_seq":1,"event_id":"e"}'
    _, own = render_line(Entry(2, "a:1", START, 0, parse_event(raw)), TRAIL)
    _, other = render_line(Entry(2, "redis:e:1-0", START, 0, parse_event(raw)), TRAIL)

    assert decode(own)["event"] == {"event_type": "x"}
    assert decode(other)["event"]["src_seq"] == 1


def test_the_chain_covers_every_byte() -> None:
    """h is the hash of the h before and the line without its own."""
    _, body = render_line(entry(1, "task:output", data={"content": "hello"}), TRAIL)
    line, h = seal_line(body, first_h(TRAIL))

    assert h == hashlib.sha256(first_h(TRAIL).encode() + body).hexdigest()[:32]
    assert unseal_line(line[:-1]) == (body, h)


@given(
    st.sampled_from([*EVENT_TYPES, "never:heard"]),
    st.dictionaries(st.text(min_size=1, max_size=8), JSON, max_size=4),
    st.dictionaries(
        st.sampled_from(["content", "message", "name", "input", "query", "metadata", "status"]),
        JSON,
        max_size=5,
    ),
    st.fixed_dictionaries({}, optional={"stage": st.text(), "source": st.text(), "level": JSON}),
)
def test_the_way_back_reads_the_same_entry(
    event_type: str, odd: dict[str, object], known: dict[str, object], envelope: dict[str, object]
) -> None:
    """Rendering what was parsed from a line gives the same answer again."""
    one = entry(2, event_type, data=odd | known, **envelope)
    channel, line = line_of(one)
    again = parse_line(line, channel, TRAIL)

    assert (again.seq, again.id, again.recorded_at, again.pos) == (2, "t:2", one.recorded_at, 200)
    second = row_of(line_of(again)[1], channel, TRAIL)
    first = row_of(line, channel, TRAIL)
    for name in ("level", "source", "stage", "message", "percent", "event_type", "timestamp"):
        assert first[name] == second[name], name


@pytest.mark.parametrize("line", [b"", b"{}", b"\0\0", b'{"seq":1}', b'{"seq":"a","event":{}}'])
def test_a_broken_line_is_torn(line: bytes) -> None:
    """What cannot be read is named, not guessed."""
    with pytest.raises(TornEntry):
        parse_line(line, "events", TRAIL)
