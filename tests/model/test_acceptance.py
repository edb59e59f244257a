"""Every door prepares an event the same way."""

import pytest

from tasktrail.errors import EventTooLarge, InvalidEvent
from tasktrail.model.acceptance import prepare


def test_a_prepared_event_is_one_line_with_an_address() -> None:
    """What may be accepted is legible, parsed and knows where it goes."""
    prepared = prepare(b'{"type":"task:output",\n "task_id":"t"}')

    assert prepared.blob == b'{"type":"task:output",  "task_id":"t"}'
    assert prepared.partition_key == "t"


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
