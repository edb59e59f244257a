"""Plain events: read in one go, and never otherwise than the general way reads them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasktrail.errors import InvalidEvent
from tasktrail.model.codec import encode, one_line
from tasktrail.model.entry import Entry, render_line
from tasktrail.model.event import address_of, parse_event
from tasktrail.model.plain import PlainEvent, plain_address, plain_event, plain_line
from tasktrail.model.view import level_of
from tests.support.make import START

OUTPUT = b'{"type":"task:output","task_id":"t","timestamp":"now","data":{"content":"hi"}}'
LOGGED = (
    b'{"type":"task:log","task_id":"t","timestamp":"now","src":"a","src_seq":7,"level":"WARN",'
    b'"source":"git","stage":"plan","data":{"message":"caf\\u00e9","metadata":{"level":"x"}}}'
)
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
        fields |= {"src": "a", "src_seq": 7}
    if draw(st.booleans()):
        fields |= draw(st.dictionaries(st.sampled_from(["level", "source", "stage"]), texts))
    fields |= draw(st.dictionaries(st.sampled_from(ODD_FIELDS), values, max_size=1))
    return encode({name: fields[name] for name in draw(st.permutations(list(fields)))})


events = st.composite(in_any_order)()


def both_lines(blob: bytes, plain: PlainEvent) -> tuple[bytes, bytes]:
    """The event's line as the fifth of its trail, by the plain and by the general way."""
    event = parse_event(blob)
    identity = event.identity or "redis:e:1-1"
    general = render_line(Entry(5, identity, START, 900, event), plain.trail)
    line = plain_line(plain, seq=5, identity=identity, recorded_at=START, pos=900)
    assert general[0] == plain.channel
    return line, general[1]


@pytest.mark.parametrize("blob", [OUTPUT, LOGGED, OUTPUT.replace(b"output", b"thinking")])
def test_what_producers_send_most_is_plain(blob: bytes) -> None:
    """The general way is not taken for the events that trails are full of."""
    assert plain_event(blob) is not None
    assert plain_address(blob) is not None


@example(OUTPUT)
@example(LOGGED)
@example(b'{"data":{"metadata":{"a":1,"level":"info"},"message":"m"},"level":"info",' + OUTPUT[10:])
@example(LOGGED.replace(b'"level":"WARN","source":"git"', b'"source":"git","level":"WARN"'))
@example(LOGGED.replace(b'"stage":"plan",', b'"level":"info",'))
@example(LOGGED.replace(b'"src":"a",', b'"event_id":"e",'))
@given(events)
def test_a_plain_event_is_what_the_general_way_makes_of_it(blob: bytes) -> None:
    """Line, level, stage, identity and trail: all the same, or the event is not plain."""
    plain = plain_event(one_line(blob))
    if plain is None:
        return
    event = parse_event(blob)
    line, general = both_lines(blob, plain)

    assert line == general
    assert (plain.level, plain.stage) == (level_of(event), event.text("stage"))
    assert (plain.trail, plain.identity) == (address_of(event).trail, event.identity)
    assert plain.event_type == event.event_type


@example(OUTPUT)
@example(LOGGED)
@given(events)
def test_a_plain_address_is_what_the_general_way_finds(blob: bytes) -> None:
    """Where the short look says anything, the event can be recorded, and says just that."""
    plain = plain_address(one_line(blob))
    if plain is None:
        return
    event = parse_event(blob)

    assert (plain.task_id, plain.identity) == (address_of(event).partition_key, event.identity)


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
    assert plain_event(blob) is None


def test_a_plain_event_was_accepted_by_the_general_way() -> None:
    """The short look lets nothing pass that the long one refuses."""
    with pytest.raises(InvalidEvent):
        parse_event(OUTPUT[:-1])

    assert plain_address(OUTPUT[:-1]) is None
