"""A bundle gives back the events of its entries, proves itself, and can lose some of them."""

from zlib import crc32

import msgspec
import pytest

from tasktrail.errors import DamagedFrame
from tasktrail.model.frame import encode_frame
from tasktrail.sdk.bundles import frames_in, is_bundle, thinned
from tasktrail.sdk.records import Renderer, head_of

HEAD = head_of({"type": "task:log", "task_id": "t", "level": "debug"})
LINE = Renderer("ab").render(
    [(1_000, HEAD, "one"), (2_000, HEAD, "two", {"n": 2}), (3_000, HEAD, "three")], 0
)
FRAME = encode_frame(1, b'{"type":"x"}', identity="ab:9")


def line_of(body: bytes) -> bytes:
    """A line that proves itself, whatever it holds."""
    return b"%08x %b" % (crc32(body), body)


def told(line: bytes) -> list[tuple[str | None, str]]:
    """Identity and message of each entry."""
    return [(one.id, msgspec.json.decode(one.event)["data"]["message"]) for one in frames_in(line)]


def test_entries_become_events() -> None:
    """Head, time, message and metadata, in the order in which an event is told."""
    _, second, _ = frames_in(LINE[:-1])

    assert (second.at, second.id) == (2, "ab:2")
    assert bytes(second.event) == (
        b'{"type":"task:log","task_id":"t","level":"debug",'
        b'"timestamp":"1970-01-01T00:00:00.000002Z",'
        b'"data":{"message":"two","metadata":{"n":2}}}'
    )


def test_a_frame_is_one_of_itself() -> None:
    """Both kinds of lines stand in one file."""
    (frame,) = frames_in(FRAME)

    assert (is_bundle(FRAME), is_bundle(LINE)) == (False, True)
    assert (frame.id, bytes(frame.event)) == ("ab:9", b'{"type":"x"}')


@pytest.mark.parametrize("place", range(0, len(LINE) - 1, 7))
def test_a_changed_byte_is_found(place: int) -> None:
    """Wherever it is, all entries of the line are refused."""
    damaged = bytearray(LINE[:-1])
    damaged[place] ^= 1

    with pytest.raises(DamagedFrame):
        frames_in(bytes(damaged))


@pytest.mark.parametrize(
    "body",
    [
        b"[",
        b"[]",
        b'["ab",1,[]]',
        b'["ab",1,[null]]',
        b'["ab",1,[[1,{}]]]',
        b'["ab",1,[[999999999999999999999999,{},"x"]]]',
    ],
)
def test_what_no_job_writes_is_damage(body: bytes) -> None:
    """Also where its CRC is good."""
    with pytest.raises(DamagedFrame):
        frames_in(line_of(body))


def test_the_entries_that_are_left_keep_their_identities() -> None:
    """A bundle may be thinned out again, and at last nothing of it is left."""
    once = thinned(LINE, [True, False, True])
    twice = thinned(once, [False, True])

    assert told(once[:-1]) == [("ab:1", "one"), ("ab:3", "three")]
    assert told(twice[:-1]) == [("ab:3", "three")]
    assert len(twice) < len(once) < len(LINE)
    assert (thinned(twice, [False]), thinned(FRAME, [False]), thinned(FRAME, [True])) == (
        b"",
        b"",
        FRAME,
    )
