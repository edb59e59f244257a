"""A frame proves itself by its CRC."""

from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktrail.errors import DamagedFrame
from tasktrail.model.frame import (
    are_whole,
    body_of,
    decode_body,
    decode_frame,
    encode_frame,
    frame_crc,
)

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
def test_many_frames_prove_themselves_together(sent: list[tuple[int, str | None]]) -> None:
    """To go over them together is quicker and says the same; their bodies are the frames."""
    lines = [encode_frame(at, EVENT, identity=identity)[:-1] for at, identity in sent]
    bodies = [body_of(line) for line in lines]

    assert are_whole(lines, bodies)
    assert [decode_body(body) for body in bodies] == [decode_frame(line) for line in lines]


GOOD = encode_frame(1, EVENT, identity="a:1")[:-1]


@pytest.mark.parametrize(
    "line", [b"", b"\0" * 40, b"zzzzzzzz {}", b"00000000 {}", GOOD.replace(b"b c", b"b d")]
)
def test_one_damaged_frame_makes_each_be_looked_at(line: bytes) -> None:
    """None of its neighbours is taken for damaged: the caller goes one by one."""
    lines = [GOOD, line, GOOD]

    assert not are_whole(lines, [body_of(one) for one in lines])


@pytest.mark.parametrize("body", [GOOD[9:] * 2, b"{}", b""])
def test_a_body_that_is_no_frame_is_damage(body: bytes) -> None:
    """Whatever its CRC says."""
    with pytest.raises(DamagedFrame):
        decode_frame(b"%08x %b" % (crc32(body), body))


def test_a_long_event_has_the_same_frame_as_a_short_one() -> None:
    """Below and above the size at which the CRC is made of parts."""
    for size in (10, 4_000, 4_096, 5_000):
        line = encode_frame(1, b'{"a":"%b"}' % (b"x" * size), identity="a:1")

        assert bytes(decode_frame(line).event) == b'{"a":"%b"}' % (b"x" * size)
