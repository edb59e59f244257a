"""Where imported events go, however long there is no room."""

from pathlib import Path

import pytest

from tasktrail.errors import Overloaded, ServerUnreachable, TasktrailError
from tasktrail.formats.translator import Translated
from tasktrail.ingest.import_sinks import EVENTS_PER_REQUEST, HttpSink, SpoolSink
from tasktrail.ingest.spool_writer import Receipt
from tasktrail.model.acceptance import Accepted
from tasktrail.sdk.http_line import Answer, HttpLine
from tests.support.workshop import Workshop

MOST = 1_000


def event(number: int, text: str = "x") -> Translated:
    """An event of one task."""
    blob = b'{"type":"task:log","task_id":"t","event_id":"i:%d","data":{"message":"%b"}}'
    return Translated("t", f"i:{number}", blob % (number, text.encode()))


class FullSpool:
    """A spool without room for a while."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.accepted: list[Accepted] = []

    def append(self, items: list[Accepted]) -> Receipt:
        """Refused, or all of it."""
        if self.refusals:
            self.refusals -= 1
            raise Overloaded("full", retry_after_seconds=7)
        self.accepted += items
        return Receipt(len(items), {})


class ScriptedLine(HttpLine):
    """A server that gives these answers, one after the other."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__("http://127.0.0.1:1", api_key=None)
        self.answers = list(answers)
        self.bodies: list[bytes] = []

    def ask(
        self, method: str, path: str, *, body: bytes | None = None, content_type: str | None = None
    ) -> Answer:
        """The next answer."""
        assert (method, path, content_type) == ("POST", "/api/events", "application/x-ndjson")
        self.bodies.append(body or b"")
        return self.answers.pop(0) if self.answers else Answer(202, None, b"{}")


def test_what_is_put_is_recorded_under_its_identity(tmp_path: Path) -> None:
    """In the trail of its task, once."""
    workshop = Workshop(tmp_path)
    sink = SpoolSink(workshop.spool, max_event_bytes=MOST)
    for _ in range(2):
        assert sink.put([event(1), event(2)]) == []
    workshop.record()

    assert [line["id"] for line in workshop.lines("t")] == ["i:1", "i:2"]


def test_without_room_it_is_waited_for(tmp_path: Path) -> None:
    """Room is made where that is possible, and who waits is told why."""
    spool, waits, told, made = FullSpool(2), list[float](), list[str](), list[int]()
    sink = SpoolSink(
        spool,  # type: ignore[arg-type]
        max_event_bytes=MOST,
        make_room=lambda: made.append(1),
        told=told.append,
        sleep=waits.append,
    )
    sink.put([event(1)])

    assert (waits, len(made), len(spool.accepted)) == ([7, 7], 2, 1)
    assert told == ["waiting for room: full"] * 2
    assert not list(tmp_path.iterdir())


def test_what_is_too_large_is_given_back(tmp_path: Path) -> None:
    """With its reason; the rest is taken."""
    workshop = Workshop(tmp_path)
    refused = SpoolSink(workshop.spool, max_event_bytes=MOST).put([event(1, "x" * MOST), event(2)])
    workshop.record()

    assert [one.identity for one in refused] == ["i:1"]
    assert [line["id"] for line in workshop.lines("t")] == ["i:2"]


def test_a_server_gets_events_in_requests_it_takes() -> None:
    """And says which it refuses."""
    line = ScriptedLine(Answer(202, None, b'{"rejected":[{"index":1,"reason":"odd"}]}'))
    refused = HttpSink(line).put([event(n) for n in range(EVENTS_PER_REQUEST + 1)])

    assert [(one.identity, one.reason) for one in refused] == [("i:1", "odd")]
    assert [body.count(b"\n") for body in line.bodies] == [EVENTS_PER_REQUEST, 1]


def test_a_server_without_room_is_waited_for() -> None:
    """As long as it says."""
    waits: list[float] = []
    line = ScriptedLine(Answer(503, "4", b""), Answer(429, None, b""))
    HttpSink(line, sleep=waits.append).put([event(1)])

    assert (waits, len(line.bodies)) == ([4.0, 1.0], 3)


def test_one_bad_event_costs_a_server_one_event() -> None:
    """The request is sent again in parts until it is found."""
    line = ScriptedLine(
        Answer(413, None, b""), Answer(202, None, b"{}"), Answer(413, None, b"too large")
    )
    refused = HttpSink(line).put([event(1), event(2)])

    assert [one.identity for one in refused] == ["i:2"]


def test_a_server_that_does_not_know_us_ends_the_import() -> None:
    """A key is missing: waiting would not help."""
    with pytest.raises(TasktrailError, match="answered 401"):
        HttpSink(ScriptedLine(Answer(401, None, b""))).put([event(1)])
    with pytest.raises(ServerUnreachable, match="expected a receipt"):
        HttpSink(ScriptedLine(Answer(200, None, b"<html>"))).put([event(1)])
