"""Bodies are read within bounds of size, time and memory."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tasktrail.errors import EventTooLarge, Overloaded
from tasktrail.server.body import (
    BEGINNING_BYTES,
    HELD_BYTES,
    MOST_EVENTS,
    BodyBudget,
    BodyLimits,
    Share,
    decoded,
    read_body,
    split_events,
)
from tasktrail.server.problems import BodyTimeout, InvalidBody

Receive = Callable[[], Awaitable[dict[str, Any]]]


def pieces(*bodies: bytes, is_whole: bool = True) -> Receive:
    """What a server hands over: the pieces, then nothing more or for ever silence."""
    left = list(bodies)

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.sleep(60)
        body = left.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(left) or not is_whole}

    return receive


def read(receive: Receive, limits: BodyLimits, budget: BodyBudget | None = None) -> bytes:
    """The body, read in a loop of its own."""
    share = Share(budget or BodyBudget(1000), patience_seconds=0.05)
    return asyncio.run(read_body(receive, limits, share))


def test_the_pieces_are_joined() -> None:
    """The body arrives as it was sent."""
    assert read(pieces(b"ab", b"", b"cd"), BodyLimits(4)) == b"abcd"


def test_one_byte_too_many_is_refused() -> None:
    """The limit itself passes."""
    with pytest.raises(EventTooLarge, match="at most 3 bytes"):
        read(pieces(b"ab", b"cd"), BodyLimits(3))


def test_silence_ends_the_wait() -> None:
    """A client that stops sending does not hold its place for ever."""
    with pytest.raises(BodyTimeout, match="found 2 bytes"):
        read(pieces(b"ab", is_whole=False), BodyLimits(9, idle_seconds=0.05))


def test_dripping_ends_too() -> None:
    """Also one that sends a byte now and then is cut off in the end."""

    async def drip() -> dict[str, Any]:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    with pytest.raises(BodyTimeout):
        read(drip, BodyLimits(900, idle_seconds=1, total_seconds=0.1))


def test_a_client_that_leaves_is_no_event() -> None:
    """Half a body is not accepted."""

    async def gone() -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    with pytest.raises(InvalidBody, match="connection closed"):
        read(gone, BodyLimits(9))


def test_all_bodies_together_have_a_bound() -> None:
    """Who comes when the memory is full comes back later; what is given back is free again."""
    budget = BodyBudget(10)
    first, second = Share(budget), Share(budget)
    first.take(8)

    with pytest.raises(Overloaded):
        second.take(3)
    first.close()
    second.take(3)
    assert second.taken == 3


def test_one_large_body_always_comes_through() -> None:
    """Beyond the bound one may go on, the next waits its turn, and small ones are not kept out."""
    budget = BodyBudget(2 * BEGINNING_BYTES, alone_bytes=10 * BEGINNING_BYTES)
    first, second, small = Share(budget), Share(budget), Share(budget)
    first.take(5 * BEGINNING_BYTES)
    with pytest.raises(Overloaded):
        second.take(5 * BEGINNING_BYTES)
    first.close()
    second.take(5 * BEGINNING_BYTES)
    second.close()
    small.take(BEGINNING_BYTES)

    assert small.taken == BEGINNING_BYTES


def test_an_event_above_its_limit_is_refused_while_it_arrives() -> None:
    """An object on one line can be nothing else; of an array or of lines others may be good."""
    limits = BodyLimits(1000, max_event_bytes=10)
    with pytest.raises(EventTooLarge, match="at most 10 bytes"):
        read(pieces(b' {"a":', b'"xxxxxx"', is_whole=False), limits)

    assert read(pieces(b'[{"a":', b'"xxxxxx"}]'), limits)
    assert read(pieces(b'{"a":1}\n', b'{"a":"xxx"}'), limits)


def test_reading_takes_from_the_budget() -> None:
    """A body that does not fit beside the others is refused while it arrives."""
    with pytest.raises(Overloaded):
        read(pieces(b"x" * 6, b"x" * 6), BodyLimits(100), BodyBudget(10))


def test_a_bomb_costs_no_more_than_the_limit() -> None:
    """Inflating stops within a step of the limit, however much would follow."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(bytes(64 * 1024 * 1024)) + packer.flush()
    share = Share(BodyBudget(8 * 1024 * 1024))

    with pytest.raises(EventTooLarge):
        decoded(bomb, "gzip", max_bytes=2 * 1024 * 1024, share=share)
    assert share.taken <= 3 * 1024 * 1024


def test_a_large_bomb_is_not_held() -> None:
    """What is larger than most bodies is counted before more of it is taken into memory."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(bytes(2 * HELD_BYTES)) + packer.flush()
    share = Share(BodyBudget(4 * HELD_BYTES))

    with pytest.raises(EventTooLarge):
        decoded(bomb, "gzip", max_bytes=2 * HELD_BYTES - 1, share=share)
    assert share.taken <= HELD_BYTES
    assert len(decoded(bomb, "gzip", max_bytes=2 * HELD_BYTES, share=share)) == 2 * HELD_BYTES


@pytest.mark.parametrize("body", [b'{"a":1}' + b"\n1" * MOST_EVENTS, b"1\n" * (MOST_EVENTS + 1)])
def test_too_many_events_are_refused_before_they_are_cut_out(body: bytes) -> None:
    """Each costs memory beside its bytes."""
    with pytest.raises(EventTooLarge, match="at most 1000000 events"):
        split_events(body + b"\n\n", "application/x-ndjson")


@pytest.mark.parametrize("body", [b'\n {"a":1}\r\n\n{"b":2} \n', b' [{"a":1}\n,{"b":2}]\n'])
def test_spaces_around_events_are_no_events(body: bytes) -> None:
    """Lines may be empty and end as on any system."""
    assert list(split_events(body, "application/json").events) == [b'{"a":1}', b'{"b":2}']


def test_an_element_is_kept_as_sent() -> None:
    """An array is taken apart without touching what is between the commas."""
    body = split_events(b'[ {"a":  1.0} , {"b":"\\u00e9"} ]', "application/json")

    assert list(body.events) == [b'{"a":  1.0}', b'{"b":"\\u00e9"}']


def test_one_line_of_ndjson_is_one_of_many() -> None:
    """Who says NDJSON gets its answer line by line, also for one."""
    assert split_events(b'{"a":1}', "application/x-ndjson; charset=utf-8").is_single is False
    assert split_events(b'{"a":1}', "application/json").is_single is True


@pytest.mark.parametrize("body", [b'{"a":1}', b'[{"a":1}]', b'{"a":1}\n{"a":2}'])
def test_a_byte_order_mark_is_refused_with_a_hint(body: bytes) -> None:
    """What a Windows editor puts before a file says what it is, and not that JSON is wrong."""
    with pytest.raises(InvalidBody, match="byte order mark"):
        split_events(b"\xef\xbb\xbf" + body, "application/json")


def test_what_only_some_take_for_json_troubles_no_neighbour() -> None:
    """As producers write it that do not look; each element is judged on its own afterwards."""
    sent = [b'{"n":[1,"]"]}', b'{"n":NaN}', b'{"n":"\xff"}', b'{"n":-Infinity,"s":"\\ud800"}']
    body = split_events(b" [ " + b" , ".join(sent) + b" ]\n", "application/json")

    assert (list(body.events), body.is_single) == (sent, False)


@pytest.mark.parametrize(
    "body", [b"[{},]", b"[{}", b"[{}}", b"[{}] x", b"[NaN", b"[,{}]", b"[" * 9_999, b"[{} {}]"]
)
def test_what_is_no_array_is_refused_whole(body: bytes) -> None:
    """Nobody can say where its events begin and end."""
    with pytest.raises(InvalidBody, match="expected a JSON array"):
        split_events(body, "application/json")


def test_half_a_surrogate_pair_in_an_array_troubles_no_neighbour() -> None:
    """Every element comes as it was sent; mending it is the door's own matter."""
    elements = [rb'{"a":"cut \ud83d"}', rb'{"a":"whole \ud83d\ude00"}', b'{"a":1}']
    body = split_events(b"[" + b",".join(elements) + b"]", "application/json")

    assert list(body.events) == elements


def test_lines_are_cut_in_pieces_at_their_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the size of a piece, no line is torn, joined or lost."""
    lines = [b'{"a":%d}' % number for number in (1, 22, 333, 4444)]
    sent = b" \n" + b"\r\n\n".join(lines) + b"\n"

    for size in range(1, len(sent) + 2):
        monkeypatch.setattr("tasktrail.server.body.CUT_BYTES", size)
        assert list(split_events(sent, "application/x-ndjson").events) == lines
