"""Lines as events: exact, also where they are no text or larger than an event may be."""

import base64
import json
from typing import Any

import pytest

from tasktrail.model.event import parse_event
from tasktrail.sdk.capture.events import LineEvents
from tasktrail.sdk.capture.lines import NO_END, OVERWRITTEN, WINDOWS_END, Line

AT = 1_700_000_000_000_000


def made(line: Line, *, most_bytes: int = 1 << 20) -> list[dict[str, Any]]:
    """The line's events."""
    labels = {"source": "stdout", "worker_id": "w-1"}
    events = LineEvents("gh-1", labels=labels, most_bytes=most_bytes)
    return [json.loads(blob) for blob in events.encode(line, AT)]


def test_a_line_is_a_log_entry() -> None:
    """With the stream as its source, its time, and its text as it is."""
    assert made(Line(b'say "\x1b[1mhi\x1b[0m"')) == [
        {
            "type": "task:log",
            "task_id": "gh-1",
            "source": "stdout",
            "worker_id": "w-1",
            "timestamp": "2023-11-14T22:13:20.000000Z",
            "data": {"message": 'say "\x1b[1mhi\x1b[0m"'},
        }
    ]


@pytest.mark.parametrize(
    ("line", "metadata"),
    [
        (Line(b"x", NO_END), {"partial": True}),
        (Line(b"x", WINDOWS_END), {"end": "\r\n"}),
        (Line(b"x", OVERWRITTEN, 3, is_state=True), {"end": "\r", "left_out": 3}),
    ],
)
def test_what_is_not_the_line_itself_stands_in_the_metadata(
    line: Line, metadata: dict[str, object]
) -> None:
    """Its end, where that is no line feed, and how much of a display was left out."""
    assert made(line)[0]["data"] == {"message": "x", "metadata": metadata}


def test_bytes_that_are_no_text_are_kept_beside_what_can_be_read() -> None:
    """In base64, exactly."""
    content = b"caf\xe9 \xff\0"
    data = made(Line(content))[0]["data"]

    assert data["message"] == "caf\ufffd \ufffd\0"
    assert base64.b64decode(data["metadata"]["base64"]) == content


@pytest.mark.parametrize(
    ("content", "percent"),
    [(b" 40%|###   | 4/10", 40.0), (b"12.5 % done", 12.5), (b"250%", 100.0), (b"4/10", None)],
)
def test_a_display_that_names_a_percentage_is_progress(
    content: bytes, percent: float | None
) -> None:
    """Only of a display; a line of text that mentions one is none."""
    event = made(Line(content, is_state=True))[0]

    assert event["data"].get("percent") == percent
    assert event["type"] == ("task:log" if percent is None else "task:progress")
    assert "percent" not in made(Line(content))[0]["data"]


@pytest.mark.parametrize("content", [b"a" * 5000, "äö€".encode() * 900, b"\0" * 999, b"\xff" * 999])
def test_a_line_too_large_for_one_event_becomes_several(content: bytes) -> None:
    """Each no larger than an event may be; put together they are the line."""
    events = LineEvents("gh-1", labels={}, most_bytes=1_000)
    blobs = list(events.encode(Line(content), AT))
    said = [json.loads(blob)["data"] for blob in blobs]

    assert max(map(len, blobs)) <= 1_000
    assert b"".join(map(bytes_of, said)) == content
    assert [one.get("metadata", {}).get("partial", False) for one in said][-1] is False
    assert all(one["metadata"]["partial"] for one in said[:-1])


def bytes_of(data: dict[str, Any]) -> bytes:
    """The bytes of the line that the entry tells."""
    coded = data.get("metadata", {}).get("base64")
    return base64.b64decode(coded) if coded else str(data["message"]).encode()


@pytest.mark.parametrize(
    "contents", [[b"a", b"", "\u2028ü".encode()], [b"a", b"\xff", b"b"], [b""], [b"x" * 900, b"y"]]
)
def test_many_lines_at_once_are_what_each_would_be(contents: list[bytes]) -> None:
    """Also where one of them is no text, or large."""
    at_once, one_by_one = (LineEvents("gh-1", labels={}, most_bytes=1_000) for _ in range(2))
    expected = [event for one in contents for event in one_by_one.encode(Line(one), AT)]

    assert at_once.encode_plain(contents, AT) == expected


def test_every_door_understands_them() -> None:
    """Fast or slow, what is made is an event."""
    events = LineEvents('odd"id', labels={"stage": "a\nb"})
    blobs = [*events.encode(Line(b"x"), AT), *events.encode(Line(b"\xff", NO_END), AT + 1)]
    parsed = [parse_event(blob) for blob in blobs]

    assert [one.text("stage") for one in parsed] == ["a\nb", "a\nb"]
    assert [one.text("task_id") for one in parsed] == ['odd"id'] * 2
