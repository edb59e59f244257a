"""Search: what holds a text in its message is found, and little else is looked at."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasktrail.index.entries import Pointer
from tasktrail.model.codec import encode
from tasktrail.model.entry import Entry
from tasktrail.model.entry_filter import EntryFilter
from tasktrail.model.event import parse_event
from tasktrail.model.view import row_of
from tasktrail.query.needle import Needle
from tasktrail.query.search import hits_among, suspects
from tests.support.event_strategies import event_blobs, task_ids
from tests.support.make import START, TRAIL, line_of
from tests.support.make_trails import Trails, key_of


def needle_of(text: str) -> Needle:
    """A needle of that text alone."""
    return Needle(EntryFilter(search=(text,)))


def stored(blob: bytes) -> tuple[str, bytes]:
    """Channel and line of an event."""
    return line_of(Entry(3, "t:3", START, 300, parse_event(blob)))


def suspected(needle: Needle, *lines: bytes) -> list[int]:
    """Which of the lines the pass over their block leaves."""
    starts = [sum(len(line) + 1 for line in lines[:n]) for n in range(len(lines))]
    return sorted(suspects(b"\n".join(lines), starts, needle.pattern))


pieces = st.text(
    st.sampled_from('aK sS\u212a\u017f\u00df\u00e9\u0130\ufb01f i"\\/<&%_\n{:}1'), max_size=4
)


@settings(max_examples=200)
@given(event_blobs(task_ids), st.data())
def test_no_line_that_holds_the_text_is_ruled_out(blob: bytes, data: st.DataObject) -> None:
    """For any piece of any message: the pass over the bytes suspects its line."""
    channel, line = stored(blob)
    message = str(row_of(line, channel, TRAIL)["message"])
    start = data.draw(st.integers(0, max(0, len(message) - 1)))
    piece = message[start : start + data.draw(st.integers(1, 12))]
    text = data.draw(st.sampled_from([piece, piece.upper(), piece.lower()]))
    needle = needle_of(text)
    holds = needle.is_in(line, channel, TRAIL)

    assert not holds or suspected(needle, b"{}", line, b"{}")
    assert needle.is_in(line, channel, TRAIL) == (text.casefold() in message.casefold())


@settings(max_examples=200)
@given(
    st.text(st.sampled_from('aks\u212a\u017f\u00df\u00e9\ufb01fi"\\/<& \n1')), pieces, st.booleans()
)
def test_escapes_and_folding_hide_nothing(message: str, piece: str, escaped: bool) -> None:  # noqa: FBT001
    """However a producer wrote its letters, a text is found whatever its case."""
    blob = encode({"type": "task:log", "task_id": "gh-1", "data": {"message": message}})
    if escaped:
        escapes = "".join(f"\\u{ord(one):04x}" for one in message)
        blob = b'{"type":"task:log","task_id":"gh-1","data":{"message":"%b"}}' % escapes.encode()
    channel, line = stored(blob)
    needle = needle_of(piece)
    shown = str(row_of(line, channel, TRAIL)["message"]).casefold()

    assert needle.is_in(line, channel, TRAIL) == (piece.casefold() in shown)
    assert piece.casefold() not in shown or suspected(needle, line) == [0]


def test_what_a_tool_is_told_may_stand_apart_from_its_name() -> None:
    """The message of a call is both; that of one that says nothing stands nowhere."""
    call = {"type": "task:tool_call", "task_id": "gh-1", "data": {"name": "Big Bash"}}
    given = {**call, "data": {"name": "Big Bash", "id": 1, "input": {"command": "ls -a"}}}
    _, line = stored(encode(given))
    _, silent = stored(encode({**call, "data": {}}))

    assert suspected(needle_of('bash {"com'), line, silent) == [0]
    assert suspected(needle_of('g bash {"command":"LS -'), line, silent) == [0]
    assert suspected(needle_of("know"), line, silent) == [0, 1]


def test_lines_without_the_text_are_not_decoded() -> None:
    """One pass over a block leaves only the lines that may match."""
    lines = [b'{"message":"%d plain"}' % n for n in range(50)]
    lines[7] = b'{"message":"a NEEDLE here"}'
    lines[9] = rb'{"message":"\u004eeedle here"}'

    assert suspected(needle_of("needle here"), *lines) == [7, 9]


def test_a_text_of_special_characters_is_looked_for_as_json_has_it() -> None:
    """Quotes, slashes and line ends have spellings of their own."""
    lines = [b'{"k":"so"}', rb'{"k":"hay \"So"}', rb'{"k":"Hay \u0022so"}', rb'{"a":"x\/y\n"}']

    assert suspected(needle_of('hay "so'), *lines) == [1, 2]
    assert suspected(needle_of("x/Y\n"), *lines) == [3]


@pytest.mark.parametrize("text", ["needle", "NEEDLE 5", "é", "ne%dle", '5" wide'])
def test_hits_are_those_of_all_messages(tmp_path: Path, text: str) -> None:
    """The pointers whose entries hold the text, in their order."""
    messages = [f"{n} {word}" for n in range(20) for word in ("Needle 5", "hay É", '5" WIDE')]
    with Trails(tmp_path) as trails:
        trails.record(*map(trails.log, messages))
        path = trails.layout.channel(key_of(), "log")
        pointers, offset = [], 0
        for seq, line in enumerate(path.read_bytes().splitlines(), 1):
            pointers.append(Pointer(seq, "log", offset, len(line)))
            offset += len(line) + 1
        hits = hits_among(trails.layout, key_of(), pointers[::-1], needle_of(text))
        expected = [n for n, one in enumerate(messages, 1) if text.casefold() in one.casefold()]

        assert [one.seq for one in hits] == expected[::-1]
