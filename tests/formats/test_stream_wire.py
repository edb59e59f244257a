"""Entries of the Redis stream become events in every form that producers send."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktrail.errors import InvalidEvent
from tasktrail.formats.stream_wire import (
    PIECE,
    entry_blob,
    flat_events,
    is_packed,
    parse_stream_entry,
)
from tasktrail.model.event import Event, parse_event


def flat(**fields: str) -> dict[bytes, bytes]:
    """The fields as a Redis client sends them."""
    return {name.encode(): value.encode() for name, value in fields.items()}


def only_event(fields: dict[bytes, bytes]) -> Event:
    """The one event of the entry."""
    (blob,) = parse_stream_entry(fields)
    return parse_event(blob)


ENGINE = flat(
    type="task:tool_call",
    timestamp="2026-02-14T10:00:00Z",
    task_id="203496bc-5a5b-4a51-9f0e-1f2b3c4d5e6f",
    data='{"task_id":"203496bc-5a5b-4a51-9f0e-1f2b3c4d5e6f","name":"Bash","input":{"a": 1}}',
)
GATEWAY = flat(
    type="webhook:received",
    webhook_event_id="7b0e3a52-1111-4222-8333-444455556666",
    timestamp="2026-02-14T10:00:00.120000+00:00",
    data='{"source":"github","event_type":"issue_comment","payload_size":9120}',
)
DASHBOARD = flat(
    type="task:created",
    timestamp="2026-02-14T10:00:00+00:00",
    data='{"task_id":"task-0123456789ab","source":"dashboard"}',
    task_id="task-0123456789ab",
)


def test_an_engine_entry_becomes_its_event() -> None:
    """The engine's flat fields are the envelope, its data the bytes that were sent."""
    event = only_event(ENGINE)

    assert event.event_type == "task:tool_call"
    assert event.task_id == "203496bc-5a5b-4a51-9f0e-1f2b3c4d5e6f"
    assert event.data_blob == ENGINE[b"data"]


def test_a_gateway_entry_keeps_its_name_apart_from_its_data() -> None:
    """The provider's own event_type inside data never becomes the event's name."""
    event = only_event(GATEWAY)

    assert event.event_type == "webhook:received"
    assert event.webhook_event_id == "7b0e3a52-1111-4222-8333-444455556666"
    assert event.task_id is None


def test_a_dashboard_entry_may_put_its_task_last() -> None:
    """The order of the fields means nothing."""
    event = only_event(DASHBOARD)

    assert event.task_id == "task-0123456789ab"


def test_further_fields_are_envelope_fields() -> None:
    """Unknown flat fields survive as text, counters become numbers."""
    (blob,) = parse_stream_entry(flat(type="x", task_id="t", src_seq="7", attempt="2", odd="1"))

    assert json.loads(blob) == {"type": "x", "task_id": "t", "src_seq": 7, "attempt": 2, "odd": "1"}


@pytest.mark.parametrize("text", ["007", "-1", "1e3", "", "9" * 40, "٣"])
def test_a_counter_that_is_no_plain_number_stays_text(text: str) -> None:
    """Only digits that are a JSON number lose their quotes."""
    (blob,) = parse_stream_entry(flat(type="x", src_seq=text))

    assert json.loads(blob)["src_seq"] == text


@pytest.mark.parametrize("text", ["", "  "])
def test_empty_data_is_an_empty_object(text: str) -> None:
    """A producer with nothing to say says it with an empty text."""
    assert only_event(flat(type="x", task_id="t", data=text)).data == {}


def test_data_over_several_lines_stays_one_line() -> None:
    """Indented JSON is embedded without its line ends, all else as sent."""
    (blob,) = parse_stream_entry(flat(type="x", task_id="t", data='{\n  "a": "b\\nc"\r\n}'))

    assert b"\n" not in blob
    assert parse_event(blob).data["a"] == msgspec.Raw(b'"b\\nc"')


@pytest.mark.parametrize(
    "text",
    ["not json", "[1]", "null", '"text"', "5", '{"a":NaN}', '{"a":1', '{"a":1},"task_id":"evil"'],
)
def test_data_that_is_no_object_is_refused(text: str) -> None:
    """Bad data names the field and what was found; nothing of it reaches the envelope."""
    with pytest.raises(InvalidEvent, match="`data`"):
        parse_stream_entry(flat(type="x", task_id="t", data=text))


@pytest.mark.parametrize("name", [b"type", b"data", b"task_id", b"od\xffd"])
def test_bytes_that_are_no_utf8_are_refused(name: bytes) -> None:
    """Invalid UTF-8 is named in every field, also in a field's name."""
    with pytest.raises(InvalidEvent, match="UTF-8"):
        parse_stream_entry({b"type": b"x", name: b'{"a":"\xff"}'})


def test_a_blob_entry_is_its_event() -> None:
    """The one field `event` holds the whole event."""
    blob = b'{"type":"task:output","task_id":"t","data":{"content":"hi"}}'

    assert parse_stream_entry({b"event": blob}) == [blob]


def test_a_blob_that_is_no_object_is_refused() -> None:
    """A blob that is not one JSON object is named."""
    with pytest.raises(InvalidEvent, match="`event`"):
        parse_stream_entry({b"event": b'{"type":"a"}{"type":"b"}'})


def test_a_field_named_event_beside_others_is_an_ordinary_field() -> None:
    """Only an entry of that one field is a blob entry."""
    (blob,) = parse_stream_entry(flat(type="x", event="opened"))

    assert json.loads(blob) == {"type": "x", "event": "opened"}


@pytest.mark.parametrize(
    "packed",
    [
        b'{"type":"a"}\n\n{"type":"b"}\n',
        b'[{"type":"a"}, {"type":"b"}]',
        b' [{"type":"a"},{"type":"b"}]',
    ],
)
def test_a_packed_entry_holds_several_events(packed: bytes) -> None:
    """Lines of JSON and a JSON array are both taken apart, in order."""
    assert parse_stream_entry({b"events": packed}) == [b'{"type":"a"}', b'{"type":"b"}']


def test_a_bad_line_of_a_packed_entry_does_not_cost_the_others() -> None:
    """The lines are handed on unread: each proves itself later."""
    packed = b'{"type":"a"}\n\xff\n{"type":"b"}'

    assert parse_stream_entry({b"events": packed}) == [b'{"type":"a"}', b"\xff", b'{"type":"b"}']


@pytest.mark.parametrize("packed", [b"", b"\n", b"[]", b"[1,"])
def test_a_packed_entry_without_events_is_refused(packed: bytes) -> None:
    """An entry that says nothing does not vanish unseen."""
    with pytest.raises(InvalidEvent, match="`events`"):
        parse_stream_entry({b"events": packed})


def test_only_a_packed_entry_numbers_its_events() -> None:
    """The form decides, not the count: one packed event is still packed."""
    assert is_packed({b"events": b'{"type":"a"}'})
    assert not is_packed({b"event": b'{"type":"a"}'})
    assert not is_packed({b"type": b"a", b"events": b"[]"})


def test_a_dead_letter_keeps_every_byte() -> None:
    """Bytes that are no UTF-8 stand in the letter as they came, readable around them."""
    blob = entry_blob({b"type": b"x", b"data": b'{"a":"\xff"}'})

    assert blob == b'{"type": "x", "data": "{\\"a\\":\\"\xff\\"}"}'


def test_a_dead_blob_is_kept_as_it_came() -> None:
    """What came in one field is that field's bytes."""
    assert entry_blob({b"event": b"\xfe"}) == b"\xfe"


@given(st.dictionaries(st.text(), st.text(), max_size=5).filter(lambda d: "data" not in d))
def test_any_texts_survive_in_the_envelope(fields: dict[str, str]) -> None:
    """Whatever texts a producer sends stand in the event as they were."""
    (blob,) = parse_stream_entry(flat(**{"type": "x", "task_id": "t"} | fields | {"attempt": "a"}))

    assert json.loads(blob) == {"type": "x", "task_id": "t"} | fields | {"attempt": "a"} | (
        {"src_seq": json.loads(blob)["src_seq"]} if "src_seq" in fields else {}
    )


def test_the_entries_of_today_are_read_together() -> None:
    """Whatever their fields, nobody has to look at one of them alone."""
    sent = [ENGINE, GATEWAY, DASHBOARD, *[ENGINE] * PIECE]

    assert flat_events(sent) == [parse_stream_entry(one)[0] for one in sent]


ODD = [
    *(
        b"t",
        b"",
        b" ",
        b"7",
        b"50%",
        b"%b",
        b'a"b',
        b"a\\",
        b"\x7f",
        b"\n",
        b"\xff",
        b"caf\xc3\xa9",
    ),
    *(b"{}", b' {"a": 1}\r\n', b'{"a":\n1}', b'{"a":1},"task_id":"x"', b'{"a":1}{}', b"[1]"),
    *(b'{"a":"\xff"}', b'{"a":"caf\xc3\xa9"}', b"{" * 2_000, b'{"a":%s}'),
]
NAMES = st.sampled_from([b"type", b"task_id", b"data", b"src_seq", b"event", b"x%b", b"\xff", b'"'])


def assert_read_as_alone(entries: list[dict[bytes, bytes]]) -> None:
    """What is read together is read as alone, or not at all."""
    for entry, event in zip(entries, flat_events(entries), strict=True):
        if event is not None:
            assert [event] == parse_stream_entry(entry)


@given(st.lists(st.dictionaries(NAMES, st.sampled_from(ODD), min_size=1, max_size=4), max_size=5))
def test_what_is_read_together_is_read_as_alone(entries: list[dict[bytes, bytes]]) -> None:
    """What stands beside an entry changes nothing of it, and nothing passes that is refused."""
    assert_read_as_alone(entries)


@pytest.mark.parametrize("name", [b"data", b"task_id", b"src_seq", b"note"])
@pytest.mark.parametrize("text", ODD)
def test_one_odd_field_is_read_as_alone(name: bytes, text: bytes) -> None:
    """In an entry that is usual but for it."""
    assert_read_as_alone([ENGINE | {name: text}])


def test_an_odd_entry_costs_its_neighbours_only_the_quick_way() -> None:
    """All of those that came with it are looked at alone; the next ones are not."""
    odd = ENGINE | {b"task_id": b'"'}
    together = flat_events([odd, *[ENGINE] * (2 * PIECE - 1)])

    assert [one is None for one in together] == [n < PIECE for n in range(2 * PIECE)]
