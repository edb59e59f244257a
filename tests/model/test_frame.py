"""A frame proves itself by its CRC."""

from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktrail.errors import DamagedFrame
from tasktrail.model.frame import decode_frame, decode_frames, encode_frame, frame_crc

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


@given(st.lists(st.tuples(st.integers(0, 2**50), st.none() | st.text()), min_size=1, max_size=5))
def test_many_frames_are_decoded_as_one_by_one(sent: list[tuple[int, str | None]]) -> None:
    """To go over them together is quicker and gives the same."""
    lines = [encode_frame(at, EVENT, identity=identity)[:-1] for at, identity in sent]

    assert decode_frames(lines) == [decode_frame(line) for line in lines]


GOOD = encode_frame(1, EVENT, identity="a:1")[:-1]


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"\0" * 40, b"zzzzzzzz {}", b"00000000 {}"),
        GOOD.replace(b"b c", b"b d"),
        b"%08x %b" % (crc32(GOOD[9:] * 2), GOOD[9:] * 2),
        b"%08x %b" % (crc32(b"{}"), b"{}"),
    ],
)
def test_one_damaged_frame_makes_each_be_looked_at(line: bytes) -> None:
    """None of its neighbours is taken for damaged: the caller goes one by one."""
    assert decode_frames([GOOD, line, GOOD]) is None


def test_a_long_event_has_the_same_frame_as_a_short_one() -> None:
    """Below and above the size at which the CRC is made of parts."""
    for size in (10, 4_000, 4_096, 5_000):
        line = encode_frame(1, b'{"a":"%b"}' % (b"x" * size), identity="a:1")

        assert bytes(decode_frame(line).event) == b'{"a":"%b"}' % (b"x" * size)
