"""Every door prepares an event the same way."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasktrail.errors import EventTooLarge, InvalidEvent
from tasktrail.model.acceptance import Accepted, lines_of, prepare, prepare_all
from tasktrail.model.frame import SHORT_BYTES, encode_frame
from tasktrail.model.plain import PIECE

PLAIN = b'{"type":"task:output","task_id":"t","timestamp":"now","data":{"content":"hi"}}'
LOGGED = b'{"type":"task:log","task_id":"t","timestamp":"now","src":"a","src_seq":7,"data":%b}'
SENT = [
    PLAIN,
    PLAIN.replace(b"hi", b"h\\ud83d\\ude00\\ud83d"),
    PLAIN.replace(b"hi", "é\u2028".encode()),
    PLAIN.replace(b"hi", b"\xff"),
    PLAIN.replace(b'"hi"', b"[" * 63 + b"]" * 63),
    LOGGED % b'{"metadata":{"a":[1]}}',
    b'{"type":"task:created","task_id":"t"}',
    b'{"type":"task:created",\r\n "task_id":"t"}',
    b'{"type":"x"}',
    b"7",
    b"",
    PLAIN.replace(b"hi", b"h" * 200),
]


def judged(blob: bytes, max_bytes: int) -> Accepted | str:
    """What becomes of the event alone."""
    try:
        return prepare(blob, max_bytes=max_bytes)
    except (InvalidEvent, EventTooLarge) as error:
        return repr(error)


@example([PLAIN, SENT[4], b"7"], 1000)
@example([PLAIN, SENT[4].replace(b"[" * 63 + b"]" * 63, b"[" * 62 + b"]" * 62)], 1000)
@given(st.lists(st.sampled_from(SENT), max_size=6), st.sampled_from([100, 1000, 10_000]))
def test_events_are_prepared_together_as_one_by_one(blobs: list[bytes], max_bytes: int) -> None:
    """What stands beside an event changes nothing of it."""
    together = [
        one if isinstance(one, Accepted) else repr(one)
        for one in prepare_all(blobs, max_bytes=max_bytes)
    ]

    assert together == [judged(blob, max_bytes) for blob in blobs]


def test_a_prepared_event_is_one_line_with_an_address() -> None:
    """What may be accepted is legible, parsed and knows where it goes."""
    prepared = prepare(b'{"type":"task:output",\n "task_id":"t"}')

    assert prepared.event == b'{"type":"task:output",  "task_id":"t"}'
    assert prepared.key == "t"


@pytest.mark.parametrize(
    "blob", [b"", b"7", b'{"type":"x"}', b'{"task_id":"t"}', b'{"type":"x","task_id":"\xff"}']
)
def test_what_cannot_be_recorded_is_refused_at_the_door(blob: bytes) -> None:
    """Nothing is accepted that would only become a dead letter."""
    with pytest.raises(InvalidEvent):
        prepare(blob)


def test_an_event_above_the_limit_is_refused() -> None:
    """The limit holds before anything is parsed."""
    with pytest.raises(EventTooLarge, match="at most 8 bytes"):
        prepare(b'{"type":"x"}', max_bytes=8)


ITEMS = [
    Accepted(PLAIN, None, "t"),
    Accepted(PLAIN, 'a"b:7', "t"),
    Accepted(PLAIN, "redis:e:5-0", "t", at=5_000),
    Accepted(PLAIN, None, "t", at=5_000),
    Accepted(b'{"type":"x"}', None, "t", to="u"),
    Accepted(b'{"type":"%b"}' % (b"x" * SHORT_BYTES), None, "t"),
]


@example([ITEMS[0]] * PIECE + [ITEMS[4]])
@given(st.lists(st.sampled_from(ITEMS), max_size=6))
def test_the_lines_of_many_are_those_of_each(items: list[Accepted]) -> None:
    """Short or long, named or not: each is the frame that it would be alone."""
    alone = [
        encode_frame(9 if one.at is None else one.at, one.event, identity=one.identity, to=one.to)
        for one in items
    ]

    assert lines_of(items, now=9) == b"".join(alone)


def test_a_line_end_between_tokens_tears_no_frame() -> None:
    """Wherever the event comes from, it takes one line, and so do its neighbours."""
    torn = Accepted(b'{"type":\n"x"}', None, "t")
    mended = encode_frame(9, b'{"type": "x"}', identity=None)

    assert lines_of([ITEMS[0], torn], now=9) == lines_of(ITEMS[:1], now=9) + mended
