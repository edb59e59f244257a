"""A record becomes a line that says the same, however it has to be made."""

from typing import Any

import msgspec
import pytest
from msgspec import Raw

from tasktrail.model.frame import Frame
from tasktrail.sdk.bundles import frames_in, is_bundle
from tasktrail.sdk.records import (
    RECORDS_PER_LINE,
    Record,
    Renderer,
    careful_event,
    event_record,
    head_of,
    task_of,
)

NANOS = 1_763_776_000_123_456_789
HEAD = head_of({"type": "task:log", "task_id": "gh-1", "source": 'a"b', "level": "info"})


def record(message: str, *metadata: object, nanos: int = NANOS) -> Record:
    """An entry."""
    return nanos, HEAD, message, *metadata


def frames(*records: Record, number: int = 0) -> list[Frame]:
    """The frames of the lines, each proved by its CRC."""
    lines = Renderer("ab").render(records, number).splitlines()
    return [frame for line in lines for frame in frames_in(line)]


def event_of(one: Record) -> dict[str, Any]:
    """What the line of that record says."""
    (frame,) = frames(one)
    event: dict[str, Any] = msgspec.json.decode(frame.event)
    return event


@pytest.mark.parametrize(
    "message", ["x", "", 'q"\\\n\t\x00\u2028 é 😀', "\ud800 half", "x" * 5_000]
)
def test_the_quick_way_says_what_the_careful_one_says(message: str) -> None:
    """Quotes, control characters, half surrogates and long texts included."""
    event = event_of(record(message))

    assert event == msgspec.json.decode(careful_event(record(message)))
    assert event["timestamp"] == "2025-11-22T01:46:40.123456Z"


@pytest.mark.parametrize(
    "metadata", [{"a": 1, "b": None}, {"a": 2**70}, {"a": "\udfff"}, Raw(b'{"a":[1]}')]
)
def test_metadata_is_kept_whatever_it_is(metadata: object) -> None:
    """Plain values, those that JSON does not have, and what was encoded before."""
    event = event_of(record("x", metadata))

    assert event == msgspec.json.decode(careful_event(record("x", metadata)))
    assert "a" in event["data"]["metadata"]


def test_entries_share_lines_and_keep_their_numbers() -> None:
    """So many in one line, each with its own identity, in order."""
    many = [record(f"m-{n}", nanos=NANOS + 1_000 * n) for n in range(RECORDS_PER_LINE + 3)]

    lines = Renderer("ab").render(many, 6).splitlines()
    told = frames(*many, number=6)
    assert len(lines) == 2
    assert [frame.id for frame in told] == [f"ab:{n}" for n in range(7, 7 + len(many))]
    assert [frame.at for frame in told] == [NANOS // 1_000 + n for n in range(len(many))]


def test_an_event_has_a_line_of_its_own() -> None:
    """One that was encoded by its call, in the middle of entries: in order, as it was."""
    mixed = [record("x"), event_record(NANOS, "t", b'{"type":"y"}'), record("z")]

    lines = Renderer("ab").render(mixed, 6).splitlines()
    told = frames(*mixed, number=6)
    assert [is_bundle(line) for line in lines] == [True, False, True]
    assert [frame.id for frame in told] == ["ab:7", "ab:8", "ab:9"]
    assert {frame.at for frame in told} == {NANOS // 1_000}
    assert bytes(told[1].event) == b'{"type":"y"}'


def test_one_entry_that_needs_care_costs_the_others_nothing() -> None:
    """All are kept, in order."""
    told = frames(record("x"), record("\ud800"), record("z"))

    messages = [msgspec.json.decode(frame.event)["data"]["message"] for frame in told]
    assert messages == ["x", "\\ud800", "z"]


def test_a_clock_at_its_beginning_is_no_trouble() -> None:
    """A machine without a battery begins in 1970."""
    first, second = frames(record("x", nanos=5_000), record("y"))

    assert b'"timestamp":"1970-01-01T00:00:00.000005Z"' in bytes(first.event)
    assert b'"timestamp":"2025-11-22T01:46:40.123456Z"' in bytes(second.event)


def test_a_record_knows_its_task() -> None:
    """So that what is lost can be told to whom."""
    assert task_of(record("x")) == "gh-1"
    assert task_of((NANOS, head_of({"type": "task:log"}), "x")) is None
    assert task_of(event_record(1, None, b"{}")) is None
    assert task_of(event_record(1, "t", b"{}")) == "t"
