"""Every door prepares an event the same way."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasktrail.errors import EventTooLarge, InvalidEvent
from tasktrail.model.acceptance import Accepted, prepare, prepare_all

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
