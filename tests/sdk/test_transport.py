"""What every way to somewhere else has in common."""

from tasktrail.model.frame import decode_frame, encode_frame
from tasktrail.sdk.transport import Away, identified


def test_an_event_carries_its_identity() -> None:
    """As its first fields: the rest is as it was said."""
    frame = decode_frame(encode_frame(1, b'{"type":"x"}', identity="ab:7"))

    assert identified(frame) == b'{"src":"ab","src_seq":7,"type":"x"}'


def test_who_is_away_may_say_for_how_long() -> None:
    """And need not."""
    assert Away("x").retry_after_seconds is None
    assert Away("x", retry_after_seconds=3).retry_after_seconds == 3
