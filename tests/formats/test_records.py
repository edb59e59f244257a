"""Lines that may be anything, and the records in them."""

import json

import pytest

from tasktrail.formats.records import (
    NOT_JSON,
    TORN,
    UNFIT,
    Found,
    parse_head,
    read_line,
    take_apart,
)
from tasktrail.formats.translator import Problem, Record


def found(line: bytes) -> list[object]:
    """The objects and the reasons in a line."""
    return [_shown(one) for one in take_apart(line, 0)]


def _shown(one: Found) -> object:
    return json.loads(one.blob) if isinstance(one, Record) else one.reason


def test_a_clean_line_is_one_record() -> None:
    """It is not even looked into."""
    assert read_line(b'{"a":1}\r', 7) == [Record(b'{"a":1}', 7)]
    assert read_line(b"  \t", 7) == []


@pytest.mark.parametrize("gap", [b"", b" ", b"  \t"])
def test_glued_records_are_all_taken(gap: bytes) -> None:
    """Two writers, or a lost line end."""
    assert found(b'{"a":1}' + gap + b'{"b":{"c":2}}') == [{"a": 1}, {"b": {"c": 2}}]


def test_a_record_behind_a_torn_one_is_taken() -> None:
    """The torn one's bytes are a problem; a part of it is not taken for a record."""
    torn = b'{"type":"a","message":{"role":"user"},"x":{"y":"'
    line = torn + b'{"type":"b"}'

    assert found(line) == [TORN, {"type": "b"}]
    assert found(torn) == [TORN]


def test_a_torn_record_that_ends_with_a_whole_part_stays_torn() -> None:
    """What the last brace closes is a part of the record, and no record itself."""
    assert found(b'{"type":"a","usage":{"input":1}') == [TORN]


def test_text_is_told_from_torn_records() -> None:
    """Words with braces in them are words."""
    assert found(b"Error: {broken}") == [NOT_JSON]
    assert found(b"plain") == [NOT_JSON]
    assert found(b'> {"type":"a"}') == [TORN, {"type": "a"}]


def test_what_stands_behind_nuls_is_taken() -> None:
    """A crash leaves them; a file of nothing else has no records."""
    assert found(b'\0\0\0{"a":1}') == ["3 NUL bytes", {"a": 1}]
    assert found(b"\0" * 5) == ["5 NUL bytes"]


def test_bytes_that_are_no_text_are_replaced_and_kept() -> None:
    """The record is read, and the problem keeps the bytes."""
    line = b'{"a":"\xff"}'

    assert found(line) == ["not UTF-8 at byte 6: replaced", {"a": "\ufffd"}]
    assert [one.raw for one in take_apart(line, 0) if isinstance(one, Problem)] == [line]


def test_half_a_character_is_mended() -> None:
    """And the record says so."""
    assert found(rb'{"a":"\ud83d"}') == [
        {"a": "\ufffd", "tasktrail_repaired": "1 lone surrogates replaced"}
    ]


def test_what_nests_too_deep_is_a_problem() -> None:
    """No reader could follow it in an event."""
    deep = b'{"a":' + b"[" * 70 + b"]" * 70 + b"}"

    assert found(deep) == [UNFIT]
    assert [type(one) for one in read_line(deep, 0)] == [Problem]


def test_a_line_of_many_braces_is_given_up_in_time() -> None:
    """Looking for records in garbage has an end."""
    assert found(b"{" * 100_000) == [TORN]


def test_the_head_holds_the_first_records_only_of_lines() -> None:
    """A document on several lines has no records, whatever its lines look like."""
    assert parse_head(b'{"a":1}\n{"b":2}', is_whole=True).records == ({"a": 1}, {"b": 2})
    assert parse_head(b'{"a":1}\n{"b":2}', is_whole=False).records == ({"a": 1},)
    assert parse_head(b'[\n{"a":1},\n{"b":2}]', is_whole=True).records == ()
    assert parse_head(b'{\n"a":\n{"b":2}\n}', is_whole=True).records == ()
    assert parse_head(b'[warn] x\n{"a":1}{"c":3}\n', is_whole=True).records == ({"a": 1}, {"c": 3})


def test_a_number_that_no_float_holds_costs_only_its_record() -> None:
    """A file is known by its other records, whatever stands beside them."""
    assert parse_head(b'{"v":1e400}\n{"b":2}', is_whole=True).records == ({"b": 2},)
