"""Bytes become words and back without losing any."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from tasktrail.errors import InvalidEvent
from tasktrail.model.codec import (
    are_legible,
    check_depth,
    decode,
    decode_fields,
    hide_halves,
    integer_of,
    json_line,
    number_of,
    one_line,
    plain_text,
    text_of,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(st.dictionaries(st.text(), JSON, max_size=6))
def test_a_legible_line_means_what_was_sent(sent: dict[str, object]) -> None:
    """Line ends between tokens go, the value stays."""
    line = one_line(json.dumps(sent, indent=1).encode("utf-8", "surrogatepass"))

    assert b"\n" not in line
    assert decode(line) == sent


def test_half_a_surrogate_pair_is_mended_and_said() -> None:
    """A producer that cut text in the middle of an emoji loses that half, not the event."""
    line = one_line(rb'{"a":"cut \ud83d","b":"whole \ud83d\ude00","c":"\\ud83d"}')

    assert decode(line) == {
        "tasktrail_repaired": "1 lone surrogates replaced",
        "a": "cut \ufffd",
        "b": "whole \U0001f600",
        "c": "\\ud83d",
    }


def test_bytes_that_are_no_text_are_refused_with_their_place() -> None:
    """Invalid UTF-8 is named with the byte and where it stands."""
    with pytest.raises(InvalidEvent, match="0xff at 6"):
        one_line(b'{"a":"\xff"}')


@pytest.mark.parametrize(
    "blob", [b"[]", b"{", b'{"a":NaN}', b"{} {}", b'{"a":' + b"[" * 100_000, b""]
)
def test_what_is_no_object_is_refused(blob: bytes) -> None:
    """Lists, torn text, NaN, trailing bytes and endless nesting are not events."""
    with pytest.raises(InvalidEvent, match="expected a JSON object"):
        decode_fields(blob)


@pytest.mark.parametrize(
    ("raw", "text", "integer", "number"),
    [
        (b'"7"', "7", 7, 7.0),
        (b"7", "7", 7, 7.0),
        (b"7.5", "7.5", None, 7.5),
        (b'"NaN"', "NaN", None, None),
        (b'""', None, None, None),
        (b"null", None, None, None),
        (b"true", None, None, None),
        (b"[1]", None, None, None),
    ],
)
def test_values_are_read_leniently(
    raw: bytes, text: str | None, integer: int | None, number: float | None
) -> None:
    """Numbers may be sent as text; what is neither is not known."""
    value = Raw(raw)

    assert (text_of(value), integer_of(value), number_of(value)) == (text, integer, number)


def test_plain_text_is_what_a_person_reads() -> None:
    """A string without its quotes, anything else as its JSON."""
    assert plain_text(Raw(b'"a\\nb"')) == "a\nb"
    assert plain_text(Raw(b'{"a": [1]}')) == '{"a": [1]}'
    assert plain_text(None) == ""


def test_a_json_line_holds_nothing_that_readers_or_terminals_act_on() -> None:
    """Hidden line ends and the control characters beyond ASCII are escaped."""
    line = json_line({"a": "\u2028\u2029\x85\x9b31mé"})

    assert line == '{"a":"\\u2028\\u2029\\u0085\\u009b31mé"}'


@pytest.mark.parametrize(("levels", "is_fine"), [(63, True), (64, False), (980, False)])
def test_json_nests_only_as_deep_as_every_reader_follows(levels: int, *, is_fine: bool) -> None:
    """One limit, the same wherever the event is read later; brackets in strings do not count."""
    blob = (
        b'{"a":"[[{{\\"[[","b":' + b"[" * levels + b"]" * levels + b',"c":[' + b"[]," * 99 + b"[]]}"
    )

    if is_fine:
        check_depth(blob)
    else:
        with pytest.raises(InvalidEvent, match="at most 64 levels"):
            check_depth(blob)


def test_the_note_of_a_repair_cannot_be_hidden() -> None:
    """A producer's field of the same name does not stand in its way."""
    line = one_line(rb'{"tasktrail_repaired":"mine","a":"\ud800"} ')

    assert decode(line)["tasktrail_repaired"] == "1 lone surrogates replaced"


def test_hidden_halves_come_back_as_they_were() -> None:
    """Only lone surrogates are touched, and putting the escape back restores the bytes."""
    sent = rb'{"a":"\ud83d","b":"\ud83d\ude00","c":"\\ud83d"}'
    hidden = hide_halves(sent, b"TOKEN")

    assert hidden == rb'{"a":"TOKENd83d","b":"\ud83d\ude00","c":"\\ud83d"}'
    assert hidden.replace(b"TOKEN", rb"\u") == sent


PIECES = [b"a", b"\n", b"\r", b"\\", b"\\ud83d", b"\\uD800", "é".encode(), b"\xc3", b"\xa9", b"{}"]


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=3).map(b"".join), min_size=1))
def test_lines_that_are_legible_together_are_left_as_they_are(lines: list[bytes]) -> None:
    """Where the look at all of them says so, `one_line` changes none."""
    legible = are_legible(lines)

    assert not legible or [one_line(line) for line in lines] == lines


def test_usual_lines_are_legible_together() -> None:
    """Text of any script is; half a character that the next line would complete is not."""
    assert are_legible([b"{}", "é\\n".encode()])
    assert not are_legible([b"\xc3", b"\xa9"])
