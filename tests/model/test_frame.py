"""A frame proves itself by its CRC."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktrail.errors import DamagedFrame
from tasktrail.model.frame import decode_frame, encode_frame, frame_crc

EVENT = b'{"type":"x","data":{"a":"b c"}}'


@given(st.integers(0, 2**50), st.none() | st.text(), st.none() | st.text())
def test_a_frame_gives_back_what_was_accepted(
    at: int, identity: str | None, to: str | None
) -> None:
    """Time, identity, hand-over and the event's bytes come back as they went in."""
    frame = decode_frame(encode_frame(at, EVENT, identity=identity, to=to))

    assert (frame.at, frame.id, frame.to, bytes(frame.event)) == (at, identity, to, EVENT)


def test_every_flipped_byte_is_found() -> None:
    """No single damaged byte passes for a frame."""
    line = encode_frame(1, EVENT, identity="a:1")[:-1]

    for place in range(len(line)):
        damaged = bytearray(line)
        damaged[place] ^= 0x01
        if damaged[:8].lower() == line[:8]:
            continue  # the same CRC in another case is the same CRC
        with pytest.raises(DamagedFrame):
            decode_frame(bytes(damaged))


@pytest.mark.parametrize("line", [b"", b"\n", b"\0" * 40, b"zzzzzzzz {}", b"00000000 {}"])
def test_what_is_no_frame_is_damaged(line: bytes) -> None:
    """Holes, torn starts and foreign text are damage, not a crash."""
    with pytest.raises(DamagedFrame):
        decode_frame(line)


def test_the_crc_names_the_frame() -> None:
    """A checkpoint remembers a frame by the CRC that its line claims."""
    line = encode_frame(1, EVENT, identity=None)

    assert f"{frame_crc(line):08x}".encode() == line[:8]
