"""A record becomes the same line as its event would, however it has to be made."""

from collections.abc import Mapping

import msgspec
import pytest

from tasktrail.model.frame import decode_frame
from tasktrail.sdk.records import (
    Record,
    Renderer,
    Said,
    careful_event,
    event_record,
    head_of,
    task_of,
)

NANOS = 1_763_776_000_123_456_789
HEAD = head_of({"type": "task:log", "task_id": "gh-1", "source": 'a"b'})


def record(said: Said, *, nanos: int = NANOS, stage: str | None = None) -> Record:
    """An entry of level info."""
    return nanos, ("gh-1", HEAD), "info", said, stage


def rendered(*records: Record) -> list[dict[str, object]]:
    """The events of the lines, each proved by its CRC."""
    lines = Renderer("ab").render(records, 0).splitlines()
    return [msgspec.json.decode(decode_frame(line).event) for line in lines]


@pytest.mark.parametrize(
    "message", ["x", "", 'q"\\\n\t\x00\u2028 é 😀', "\ud800 half", "x" * 5_000]
)
@pytest.mark.parametrize("stage", [None, 'pl"an'])
def test_the_quick_way_says_what_the_careful_one_says(message: str, stage: str | None) -> None:
    """Quotes, control characters, half surrogates and long texts included."""
    one = record(message, stage=stage)

    (event,) = rendered(one)
    careful = msgspec.json.decode(careful_event(one))
    assert event == careful
    assert event["timestamp"] == "2025-11-22T01:46:40.123456Z"


@pytest.mark.parametrize(
    "metadata",
    [{"a": 1, "b": None}, {"a": float("nan")}, {"a": 2**70}, {"a": "\udfff"}, b'{"a":[1]}'],
)
def test_metadata_is_kept_whatever_it_is(metadata: Mapping[str, object] | bytes) -> None:
    """Plain values, those that JSON does not have, and what was encoded before."""
    one = record(("x", metadata))

    (event,) = rendered(one)
    assert event == msgspec.json.decode(careful_event(one))
    assert isinstance(event["data"], dict)
    assert list(event["data"]["metadata"]) == ["a", "b"][: len(event["data"]["metadata"])]


def test_lines_are_numbered_in_order() -> None:
    """Also an event that was encoded by its call."""
    lines = Renderer("ab").render(
        [record("x"), event_record(NANOS, "t", b'{"type":"y"}'), record("z")], 6
    )
    frames = [decode_frame(line) for line in lines.splitlines()]

    assert [frame.id for frame in frames] == ["ab:7", "ab:8", "ab:9"]
    assert {frame.at for frame in frames} == {NANOS // 1_000}
    assert bytes(frames[1].event) == b'{"type":"y"}'


def test_a_clock_at_its_beginning_is_no_trouble() -> None:
    """A machine without a battery begins in 1970."""
    first, second = rendered(record("x", nanos=5_000), record("y"))

    assert first["timestamp"] == "1970-01-01T00:00:00.000005Z"
    assert second["timestamp"] == "2025-11-22T01:46:40.123456Z"


def test_many_stages_are_not_remembered_for_ever() -> None:
    """A job that makes up a stage for each item costs no memory for each."""
    renderer = Renderer("ab")
    for n in range(3_000):
        renderer.render([record("x", stage=f"s-{n}")], n)

    assert len(vars(renderer)["_heads"]) < 2_000


def test_a_record_knows_its_task() -> None:
    """So that what is lost can be told to whom."""
    assert task_of(record("x")) == "gh-1"
    assert task_of(event_record(1, None, b"{}")) is None
