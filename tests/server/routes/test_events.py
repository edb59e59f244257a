"""POST /api/events: what is accepted, what is refused, and that one bad event costs only itself."""

import gzip
from pathlib import Path

import msgspec
import pytest

from tasktrail.errors import Overloaded, StorageFailed
from tests.server.conftest import Client
from tests.server.fakes import FakeBackend, serving, settings_of

GOOD = b'{"type":"task:log","task_id":"gh-1","data":{"message":"hi"}}'
NO_ID = b'{"type":"task:log"}'
NDJSON = "application/x-ndjson"
MIB = 1024 * 1024


def test_one_event_is_accepted(client: Client, backend: FakeBackend) -> None:
    """An object is one event; its bytes reach the backend as sent."""
    answer = client.post(GOOD)

    assert (answer.status, answer.json()) == (202, {"accepted": 1, "rejected": []})
    assert backend.accepted == [GOOD]


def test_a_pretty_printed_object_is_one_event(client: Client, backend: FakeBackend) -> None:
    """Line ends inside one JSON object do not make it NDJSON."""
    answer = client.post(b'{\n  "type": "task:log",\n  "task_id": "gh-1"\n}\n')

    assert answer.json()["accepted"] == 1
    assert len(backend.accepted) == 1


def test_an_array_is_many_events(client: Client, backend: FakeBackend) -> None:
    """Each element is an event, in order."""
    answer = client.post(b"[" + GOOD + b", " + GOOD + b"]")

    assert answer.json() == {"accepted": 2, "rejected": []}
    assert backend.accepted == [GOOD, GOOD]


def test_an_empty_array_is_no_event(client: Client) -> None:
    """Nothing to accept is no mistake."""
    assert client.post(b"[]").json() == {"accepted": 0, "rejected": []}


@pytest.mark.parametrize("content_type", [NDJSON, "application/json", ""])
def test_lines_are_many_events(client: Client, backend: FakeBackend, content_type: str) -> None:
    """NDJSON is known by its content type, and by its look where the type says otherwise."""
    answer = client.post(GOOD + b"\n\n" + GOOD + b"\r\n", content_type=content_type)

    assert answer.json() == {"accepted": 2, "rejected": []}
    assert backend.accepted == [GOOD, GOOD]


def test_one_bad_event_costs_only_itself(client: Client) -> None:
    """In an array the good ones are accepted and the others named by index and reason."""
    answer = client.post(b"[" + GOOD + b', 1, null, "x", ' + NO_ID + b", " + GOOD + b"]")
    rejected = answer.json()["rejected"]

    assert answer.status == 202
    assert answer.json()["accepted"] == 2
    assert isinstance(rejected, list)
    assert [one["index"] for one in rejected] == [1, 2, 3, 4]
    assert "expected a JSON object" in rejected[0]["reason"]
    assert "found none" in rejected[3]["reason"]


@pytest.mark.parametrize("line", [b'{"type":"x","task_id":NaN}', b'{"type":"\xff"}', b"{", b"[[["])
def test_a_broken_line_costs_only_itself(client: Client, line: bytes) -> None:
    """In NDJSON also a line that is no JSON is only one lost line."""
    for body in (line + b"\n" + GOOD, GOOD + b"\n" + line):
        answer = client.post(body, content_type=NDJSON)

        assert answer.status == 202
        assert answer.json()["accepted"] == 1
        assert len(answer.body) < 500


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n ",
        b"hello",
        b"42",
        b'"text"',
        b"{",
        b'{"type":"x","task_id":"1"',
        b"[1, 2",
        b"[" + GOOD + b'{"x":1}]',
        b'{"type":"x","task_id":"1","data":NaN}',
        b'{"type":"x","task_id":"\xff\xfe"}',
        b"\x00\x00\x00",
        b"[" * 100_000,
        b'{"type":"x","task_id":"1","data":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' * 100_000,
        b'{\n"type": "x",\n"task_id": broken\n}',
        NO_ID,
        b'{"task_id":"gh-1"}',
    ],
    ids=range(18),
)
def test_what_cannot_be_understood_is_refused(client: Client, body: bytes) -> None:
    """A body that is no JSON, and a bad event that came alone, are a 400 that says why."""
    answer = client.post(body)

    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] in {"invalid_body", "invalid_event"}
    assert len(str(answer.json()["detail"])) < 400


def test_not_a_number_in_an_array_costs_one_event(client: Client) -> None:
    """The receipt names its place; its neighbours are kept."""
    answer = client.post(
        b"[" + GOOD + b',{"type":"x","task_id":"1","data":{"x":NaN}},' + GOOD + b"]"
    )

    assert answer.json()["accepted"] == 2
    assert b'"rejected":[{"index":1,' in answer.body


def test_invalid_utf8_in_an_array_costs_one_event(client: Client) -> None:
    """The bytes are looked at event by event."""
    answer = client.post(b"[" + GOOD + b',{"type":"x","task_id":"\xff"}]')

    assert answer.json()["accepted"] == 1


def test_a_large_event_is_accepted_whole(client: Client, backend: FakeBackend) -> None:
    """20 MB in one line arrive byte for byte."""
    message = b"x" * (20 * MIB)
    event = b'{"type":"task:output","task_id":"gh-1","data":{"content":"' + message + b'"}}'
    answer = client.post(event)

    assert answer.status == 202
    assert backend.accepted == [event]


def test_a_body_above_the_limit_is_refused(backend: FakeBackend, tmp_path: Path) -> None:
    """One byte more than allowed is a 413 and reaches nobody; the limit itself passes."""
    with serving(backend, settings_of(tmp_path, max_body_bytes=len(GOOD))) as url:
        fits, above = Client(url).post(GOOD), Client(url).post(GOOD + b" ")

    assert (fits.status, above.status) == (202, 413)
    assert above.json()["code"] == "event_too_large"
    assert len(backend.accepted) == 1


def test_a_body_without_a_length_is_counted_as_it_comes(
    backend: FakeBackend, tmp_path: Path
) -> None:
    """A chunked body cannot hide how long it is."""
    pieces = (b"x" * 1000 for _ in range(50))
    with serving(backend, settings_of(tmp_path, max_body_bytes=10_000)) as url:
        answer = Client(url).send("POST", "/api/events", pieces)

    assert answer.status == 413


def test_a_compressed_body_is_understood(client: Client, backend: FakeBackend) -> None:
    """gzip, also in several members."""
    half = len(GOOD) // 2
    packed = gzip.compress(GOOD[:half]) + gzip.compress(GOOD[half:])
    answer = client.post(packed, content_encoding="gzip")

    assert answer.status == 202
    assert backend.accepted == [GOOD]


def test_a_compressed_bomb_is_refused(backend: FakeBackend, tmp_path: Path) -> None:
    """What is small on the wire and huge in memory is a 413."""
    bomb = gzip.compress(b"[" + b" " * (50 * MIB) + b"]")
    with serving(backend, settings_of(tmp_path, max_body_bytes=MIB)) as url:
        answer = Client(url).post(bomb, content_encoding="gzip")

    assert len(bomb) < MIB // 10
    assert answer.status == 413


@pytest.mark.parametrize(
    "body",
    [GOOD, gzip.compress(GOOD)[:-4], gzip.compress(GOOD) + b"rest"],
    ids=["plain", "cut", "followed"],
)
def test_a_broken_compression_is_refused(client: Client, body: bytes) -> None:
    """What is no gzip, is cut off or has something behind it is a 400."""
    answer = client.post(body, content_encoding="gzip")

    assert (answer.status, answer.json()["code"]) == (400, "invalid_body")


def test_an_unknown_compression_is_refused(client: Client) -> None:
    """Only what we can read is read."""
    answer = client.post(GOOD, content_encoding="br")

    assert (answer.status, answer.json()["code"]) == (415, "unsupported_encoding")


def test_overload_says_when_to_come_back(client: Client, backend: FakeBackend) -> None:
    """A full spool is a 503 with Retry-After."""
    backend.trouble = Overloaded("the disk is nearly full", retry_after_seconds=7)
    answer = client.post(GOOD)

    assert (answer.status, answer.headers["retry-after"]) == (503, "7")
    assert answer.json()["code"] == "overloaded"


def test_a_failing_disk_says_come_back(client: Client, backend: FakeBackend) -> None:
    """What could not be written is a 503, never a 2xx."""
    backend.trouble = StorageFailed("spool: EIO")
    answer = client.post(GOOD)

    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["detail"] == "spool: EIO"


def test_the_receipt_is_small_for_many_good_events(client: Client) -> None:
    """A thousand events cost one short answer."""
    answer = client.post(b"\n".join([GOOD] * 1000), content_type=NDJSON)

    assert msgspec.json.decode(answer.body) == {"accepted": 1000, "rejected": []}
