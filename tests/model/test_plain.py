"""Plain events: read in one go, and never otherwise than the general way reads them."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasktrail.errors import InvalidEvent
from tasktrail.model.codec import encode, one_line
from tasktrail.model.entry import Entry, first_h, render_line, seal_line
from tasktrail.model.event import address_of, parse_event
from tasktrail.model.frame import body_of, encode_frame
from tasktrail.model.ids import TrailKey
from tasktrail.model.plain import (
    PIECE,
    PlainEvent,
    plain_address,
    plain_addresses,
    plain_event,
    plain_events,
    plain_lines,
)
from tasktrail.model.view import level_of
from tests.support.make import START

OUTPUT = b'{"type":"task:output","task_id":"t","timestamp":"now","data":{"content":"hi"}}'
LOGGED = (
    b'{"type":"task:log","task_id":"t","timestamp":"now","src":"a","src_seq":7,"level":"WARN",'
    b'"source":"git","stage":"plan","data":{"message":"caf\\u00e9","metadata":{"level":"x"}}}'
)
NOW = b'"timestamp":"now",'
texts = st.sampled_from(
    ["", "t", "git", "WARN", "loud", 'a "b" \\', "é\u2028", "output", "thinking"]
)
odd: st.SearchStrategy[object] = st.sampled_from(
    [None, True, 7, -1, 2.5, 10**30, [], {"a": {"b": "c"}}]
)
values = st.one_of(texts, texts, texts, odd)
ODD_FIELDS = ["task_id", "timestamp", "src", "src_seq", "event_id", "level", "source", "stage"]
SAID: dict[str, dict[str, object]] = {"task:log": {"message": "m", "metadata": {"a": 1}}}
types = st.sampled_from(["task:output", "task:thinking", "task:log", "task:tool_call"])


def in_any_order(draw: st.DrawFn) -> bytes:
    """An event that is plain but for a field or two, with its fields in any order."""
    event_type = draw(types)
    said = dict(draw(st.sampled_from([SAID.get(event_type, {"content": "c"}), {}])))
    said |= draw(st.dictionaries(st.sampled_from([*said, "task_id", "type"]), values, max_size=1))
    fields: dict[str, object] = {
        "type": event_type,
        "task_id": "t",
        "timestamp": "now",
        "data": said,
    }
    if draw(st.booleans()):
        del fields["timestamp"]
    if draw(st.booleans()):
        fields |= {"src": "a", "src_seq": 7}
    if draw(st.booleans()):
        fields |= draw(st.dictionaries(st.sampled_from(["level", "source", "stage"]), texts))
    fields |= draw(st.dictionaries(st.sampled_from(ODD_FIELDS), values, max_size=1))
    ordered = {name: fields[name] for name in draw(st.permutations(list(fields)))}
    return draw(st.sampled_from([encode, _with_spaces]))(ordered)


def _with_spaces(fields: dict[str, object]) -> bytes:
    return json.dumps(fields).encode()


events = st.composite(in_any_order)()


def in_frame(blob: bytes, *, identity: str | None = None) -> bytes:
    """The body of a frame with the event."""
    return bytes(body_of(encode_frame(START, blob, identity=identity)[:-1]))


def look(blob: bytes) -> PlainEvent | None:
    """The short look at an event in the spool."""
    return plain_event(in_frame(blob), partition=0, pos=900)


def general_lines(blob: bytes, trail: TrailKey, seq: int) -> tuple[str, list[bytes], str]:
    """The event as the next two lines of its trail, by the general way, and its channel."""
    h = first_h(trail)
    event = parse_event(blob)
    lines: list[bytes] = []
    for place in (seq + 1, seq + 2):
        entry = Entry(place, event.identity or "spool:0:900", START, 900, event)
        channel, line = render_line(entry, trail)
        sealed, h = seal_line(line, h)
        lines.append(sealed)
    return channel, lines, h


@pytest.mark.parametrize(
    "blob",
    [
        OUTPUT,
        LOGGED,
        OUTPUT.replace(b"output", b"thinking"),
        OUTPUT.replace(NOW, b""),
        json.dumps(json.loads(LOGGED)).encode(),
    ],
)
def test_what_producers_send_most_is_plain(blob: bytes) -> None:
    """The general way is not taken for the events that trails are full of."""
    assert look(blob) is not None
    assert plain_address(blob) is not None


@example(OUTPUT)
@example(LOGGED)
@example(LOGGED.replace(NOW, b""))
@example(json.dumps(json.loads(LOGGED)).encode())
@example(LOGGED.replace(b'"git"', b'"data"'))
@example(
    b'{"type":"task:log","task_id":"t","stage": "p" , "level":"info" , "data" :'
    b'{"metadata":{"a":1,"level":"info","stage":"p","data":2}}}'
)
@example(OUTPUT.replace(b'"now"', b"null"))
@example(OUTPUT.replace(b'"now"', b'""'))
@example(b'{"data":{"metadata":{"a":1,"level":"info"},"message":"m"},"level":"info",' + OUTPUT[10:])
@example(LOGGED.replace(b'"level":"WARN","source":"git"', b'"source":"git","level":"WARN"'))
@example(LOGGED.replace(b'"stage":"plan",', b'"level":"info",'))
@example(LOGGED.replace(b'"src":"a",', b'"event_id":"e",'))
@given(events)
def test_a_plain_event_is_what_the_general_way_makes_of_it(blob: bytes) -> None:
    """Line, level, stage, identity and trail: all the same, or the event is not plain."""
    blob = one_line(blob)
    plain = look(blob)
    if plain is None:
        return
    event, trail = parse_event(blob), TrailKey("tasks", plain.task_id)
    lines, last = plain_lines([plain, plain], seq=4, h=first_h(trail))

    assert (plain.kind.channel, lines, last) == general_lines(blob, trail, 4)
    assert (plain.kind.level, plain.kind.stage) == (level_of(event), event.text("stage"))
    assert trail == address_of(event).trail
    assert plain.kind.event_type == event.event_type


def test_the_frame_names_an_event_that_names_itself_otherwise() -> None:
    """What the producer said is then a part of the line, which the general way knows to write."""
    otherwise, alike = in_frame(LOGGED, identity="redis:e:1-1"), in_frame(LOGGED, identity="a:7")

    assert plain_event(otherwise, partition=0, pos=900) is None
    assert plain_event(alike, partition=0, pos=900) is not None


@example(OUTPUT)
@example(LOGGED)
@given(events)
def test_a_plain_address_is_what_the_general_way_finds(blob: bytes) -> None:
    """Where the short look says anything, the event can be recorded, and says just that."""
    plain = plain_address(one_line(blob))
    if plain is None:
        return
    event = parse_event(blob)

    assert plain == (address_of(event).partition_key, event.identity)


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        b"[]",
        OUTPUT[:-1],
        OUTPUT.replace(b"output", b"progress"),
        OUTPUT.replace(b'"t"', b'""'),
        OUTPUT.replace(b'"type":', b'"event_type":'),
        OUTPUT.replace(b'"task_id":"t"', b'"task_id":"t","webhook_event_id":"w"'),
        OUTPUT.replace(b'"content"', b'"attempt":2,"content"'),
    ],
)
def test_anything_unusual_is_left_to_the_general_way(blob: bytes) -> None:
    """Another type, field or form, or no event at all: nothing is guessed."""
    assert look(blob) is None


def test_a_plain_event_was_accepted_by_the_general_way() -> None:
    """The short look lets nothing pass that the long one refuses."""
    with pytest.raises(InvalidEvent):
        parse_event(OUTPUT[:-1])

    assert plain_address(OUTPUT[:-1]) is None


@given(st.lists(st.one_of(st.sampled_from([OUTPUT, LOGGED, b"", b"7"]), events), max_size=6))
def test_many_are_seen_as_one_by_one(blobs: list[bytes]) -> None:
    """What stands beside an event changes nothing of what is seen of it."""
    frames, places = [in_frame(one) for one in blobs], list(range(len(blobs)))
    seen = plain_events(frames, partition=0, places=places)

    assert plain_addresses(blobs) == [plain_address(one) for one in blobs]
    assert seen == [
        plain_event(one, partition=0, pos=pos) for one, pos in zip(frames, places, strict=True)
    ]


def test_a_piece_ends_and_the_next_is_seen_all_the_same() -> None:
    """More events than are decoded in one go, one of them not plain: each keeps its place."""
    blobs = [OUTPUT] * (2 * PIECE + 1)
    blobs[PIECE] = b"7"
    seen = plain_events([in_frame(one) for one in blobs], partition=0, places=range(len(blobs)))

    assert [one.pos for one in seen if one] == [n for n in range(len(blobs)) if n != PIECE]
    assert plain_addresses(blobs)[PIECE] is None
