"""What waits in outboxes reaches the server once, in order, whoever left it there."""

import base64
import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tasktrail.chaos.processes import free_port
from tasktrail.model.frame import encode_frame
from tasktrail.sdk.http_transport import HttpTransport
from tasktrail.sdk.outbox import Outbox
from tasktrail.sdk.outbox_files import list_outboxes
from tasktrail.sdk.sender import Sender
from tasktrail.sdk.trouble import Trouble
from tests.support.scripted_server import Reply, ScriptedServer
from tests.support.waiting import wait_until

SECONDS = 20.0
LITTLE_SECONDS = 0.2


class Job:
    """A process that logs to a server: outbox, sender and what it was told."""

    def __init__(self, directory: Path, url: str) -> None:
        self.told: list[str] = []
        self.trouble = Trouble(self.told.append)
        self.outbox = Outbox(directory, clock=lambda: 2, trouble=self.trouble)
        self.sender = Sender(
            self.outbox, lambda: HttpTransport(url, api_key="k"), trouble=self.trouble
        )
        self.outbox.wake = self.sender.wake

    def say(self, *numbers: int) -> None:
        """Numbered events."""
        for n in numbers:
            event = b'{"type":"x","task_id":"t","data":{"n":%d}}' % n
            self.outbox.append(event, task_id="t")

    def close(self) -> bool:
        """As a client closes: first the outbox, then who sends it."""
        self.outbox.close()
        return self.sender.close(SECONDS)


@contextmanager
def job(directory: Path, url: str) -> Iterator[Job]:
    """A job whose threads end with the test."""
    one = Job(directory, url)
    try:
        yield one
    finally:
        one.close()


def numbers(server: ScriptedServer) -> list[int]:
    """The numbers of the events that the server got, in order, each identity once."""
    once = {(one["src"], one["src_seq"]): one["data"] for one in server.events()}
    return [said["n"] for said in once.values() if isinstance(said, dict)]


def leave(directory: Path, src: str, *numbers_left: int) -> None:
    """What a dead process left."""
    directory.mkdir(exist_ok=True)
    frames = [
        encode_frame(1, b'{"type":"x","task_id":"t","data":{"n":%d}}' % n, identity=f"{src}:{n}")
        for n in numbers_left
    ]
    (directory / f"{src}.jsonl").write_bytes(b"".join(frames))


def test_events_arrive_with_their_identity(tmp_path: Path) -> None:
    """One line each, with src and src_seq, and are forgotten once the server has them."""
    with ScriptedServer() as server:
        with job(tmp_path, server.url) as one:
            one.say(1, 2)
            is_sent = one.sender.flush(SECONDS)
            src = one.outbox.src
        request = server.requests[0]

    assert is_sent
    assert (request.method, request.path) == ("POST", "/api/events")
    assert request.headers["Content-Type"] == "application/x-ndjson"
    assert [(e["src"], e["src_seq"], e["type"]) for e in server.events()] == [
        (src, 1, "x"),
        (src, 2, "x"),
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_away_loses_nothing(tmp_path: Path) -> None:
    """Events wait, the job is told once, and they arrive in order when it is back."""
    port = free_port()
    with job(tmp_path, f"http://127.0.0.1:{port}") as one:
        one.say(1, 2)
        away = one.sender.flush(SECONDS)
        one.say(3)
        one.sender.flush(SECONDS)
        with ScriptedServer(port=port) as server:
            back = one.sender.flush(SECONDS)

    assert (away, back) == (False, True)
    assert numbers(server) == [1, 2, 3]
    assert len(one.told) == 1


def test_the_next_process_sends_what_a_dead_one_left(tmp_path: Path) -> None:
    """Before its own, and deletes it."""
    leave(tmp_path, "aa", 1, 2)
    with ScriptedServer() as server, job(tmp_path, server.url) as one:
        one.say(3)
        one.sender.flush(SECONDS)

    assert numbers(server) == [1, 2, 3]
    assert not (tmp_path / "aa.jsonl").exists()


def test_a_living_process_sends_its_own(tmp_path: Path) -> None:
    """Another job's outbox is left to that job."""
    with ScriptedServer() as server, job(tmp_path, server.url) as one:
        other = Outbox(tmp_path, clock=lambda: 2, trouble=one.trouble)
        other.append(b'{"type":"x","data":{"n":9}}', task_id=None)
        one.say(1)
        one.sender.flush(SECONDS)
        seen = numbers(server)
        other.close()

    assert seen == [1]


def test_a_server_in_trouble_is_asked_again(tmp_path: Path) -> None:
    """Every answer that says nothing about the events means: later."""
    busy = [Reply(status, b"", {"Retry-After": "0"}) for status in (429, 503, 500, 401, 404)]
    with ScriptedServer(*busy) as server, job(tmp_path, server.url) as one:
        one.say(1)
        wait_until(lambda: len(server.requests) > len(busy))

    assert numbers(server) == [1]
    assert one.trouble.refused == 0


def test_a_server_says_how_long_to_wait(tmp_path: Path) -> None:
    """Retry-After holds: nothing is sent before, unless somebody waits for it."""
    later = Reply(503, b"", {"Retry-After": "30"})
    with ScriptedServer(later) as server, job(tmp_path, server.url) as one:
        one.say(1)
        wait_until(lambda: server.requests)
        one.say(2)
        threading.Event().wait(0.5)  # far less than the server asked for
        asked = len(server.requests)
        one.sender.flush(SECONDS)

    assert asked == 1
    assert numbers(server) == [1, 2]


def test_an_event_that_is_refused_is_kept_aside(tmp_path: Path) -> None:
    """With its bytes and the reason; the events around it arrive."""
    rejected = Reply(202, b'{"accepted":2,"rejected":[{"index":1,"reason":"no type"}]}')
    leave(tmp_path, "aa", 1, 2, 3)
    with ScriptedServer(rejected) as server, job(tmp_path, server.url) as one:
        one.sender.wake()
        one.sender.flush(SECONDS)

    (letter,) = map(json.loads, (tmp_path / "dead-letters.jsonl").read_bytes().splitlines())
    assert letter["reason"] == "no type"
    assert letter["identity"] == "aa:2"
    assert json.loads(base64.b64decode(letter["raw"]))["data"] == {"n": 2}
    assert one.trouble.refused == 1
    assert one.told == [
        f"the server refused events: no type; they are kept in {tmp_path}/dead-letters.jsonl"
    ]


def test_a_refused_request_is_taken_apart(tmp_path: Path) -> None:
    """One of its events is to blame: each is sent alone, and only that one is kept aside."""
    script = [Reply(400, b"bad"), Reply(202), Reply(413, b"too large"), Reply(202)]
    leave(tmp_path, "aa", 1, 2, 3)
    with ScriptedServer(*script) as server, job(tmp_path, server.url) as one:
        one.sender.wake()
        one.sender.flush(SECONDS)

    (letter,) = map(json.loads, (tmp_path / "dead-letters.jsonl").read_bytes().splitlines())
    assert letter["identity"].endswith(":2")
    assert "too large" in letter["reason"]
    assert [len(request.events()) for request in server.requests] == [3, 1, 1, 1]


def test_no_receipt_is_no_acceptance(tmp_path: Path) -> None:
    """A proxy that answers 200 with a page has not taken the events."""
    with ScriptedServer(Reply(200, b"<html>")) as server, job(tmp_path, server.url) as one:
        one.say(1)
        first = one.sender.flush(SECONDS)
        second = one.sender.flush(SECONDS)

    assert (first, second) == (False, True)
    assert len(server.requests) == 2


def test_a_lost_answer_sends_the_same_identity_again(tmp_path: Path) -> None:
    """A crash after the request and before the place was remembered doubles no identity."""
    leave(tmp_path, "aa", 1)
    with ScriptedServer() as server:
        for _ in range(2):
            with job(tmp_path, server.url) as one:
                leave(tmp_path, "aa", 1)
                one.say(5)
                one.sender.flush(SECONDS)

    sent = [event for event in server.events() if event["src"] == "aa"]
    assert len(sent) == 2
    assert len({(event["src"], event["src_seq"]) for event in sent}) == 1


def test_damaged_lines_are_skipped_and_counted(tmp_path: Path) -> None:
    """The good ones around them arrive."""
    leave(tmp_path, "aa", 1, 2)
    blob = (tmp_path / "aa.jsonl").read_bytes()
    (tmp_path / "aa.jsonl").write_bytes(blob.replace(b"\n", b"\n\x00\x00\n", 1))
    with ScriptedServer() as server, job(tmp_path, server.url) as one:
        one.say(3)
        one.sender.flush(SECONDS)

    assert numbers(server) == [1, 2, 3]
    assert one.trouble.lost == 1


def test_a_forked_child_sends_its_own(tmp_path: Path) -> None:
    """Connections and threads do not survive a fork: the child makes its own."""
    with ScriptedServer() as server, job(tmp_path, server.url) as one:
        one.say(1)
        one.sender.flush(SECONDS)
        child = os.fork()
        if child == 0:
            one.sender.renew()
            one.say(2)
            os._exit(0 if one.close() else 1)
        _, status = os.waitpid(child, 0)
        one.say(3)
        one.sender.flush(SECONDS)

    assert status == 0
    assert sorted(numbers(server)) == [1, 2, 3]
    assert len({event["src"] for event in server.events()}) == 2


def test_what_is_not_sent_at_the_end_waits_for_the_next_process(tmp_path: Path) -> None:
    """Closing does not wait for a server that is not there."""
    one = Job(tmp_path, f"http://127.0.0.1:{free_port()}")
    one.say(1)
    is_sent = one.close()

    assert not is_sent
    assert len(list_outboxes(tmp_path)) == 1
    with ScriptedServer() as server, job(tmp_path, server.url) as following:
        following.say(2)
        following.sender.flush(SECONDS)
    assert numbers(server) == [1, 2]


def test_a_server_that_hangs_is_waited_for_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the last flush has waited is not waited again for the thread that sends."""
    waited: list[float | None] = []
    monkeypatch.setattr(threading.Thread, "join", lambda _, timeout=None: waited.append(timeout))
    with socket.create_server(("127.0.0.1", 0)) as hanging:  # takes connections, never answers
        one = Job(tmp_path, f"http://127.0.0.1:{hanging.getsockname()[1]}")
        one.say(1)
        one.outbox.close()
        is_sent = one.sender.close(LITTLE_SECONDS)

    assert not is_sent
    assert len(waited) == 1
    assert waited[0] is not None
    assert waited[0] < LITTLE_SECONDS / 2


def test_nothing_said_needs_no_thread(tmp_path: Path) -> None:
    """A job that logs nothing makes no connection and no thread."""
    before = threading.active_count()
    one = Job(tmp_path, f"http://127.0.0.1:{free_port()}")

    assert threading.active_count() == before
    assert one.sender.flush(SECONDS)
    assert one.close()


@pytest.mark.parametrize("src", ["ab", "0f" * 8])
def test_full_files_of_this_process_are_sent_and_deleted(tmp_path: Path, src: str) -> None:
    """Also several of one dead process, part by part."""
    leave(tmp_path, src, 1)
    leave(tmp_path, f"{src}.2", 2)
    leave(tmp_path, f"{src}.10", 3)
    with ScriptedServer() as server, job(tmp_path, server.url) as one:
        one.say(4)
        one.sender.flush(SECONDS)

    assert [event["data"] for event in server.events()] == [{"n": n} for n in (1, 2, 3, 4)]


def test_a_call_in_the_middle_of_a_call_waits_for_nothing(tmp_path: Path) -> None:
    """A signal's handler may log at any step of ours, those of the standard library included."""
    with ScriptedServer() as server, job(tmp_path, server.url) as one:
        one.say(1)
        for wanted in count(1):
            one.sender.flush(SECONDS)
            places = iter(range(1, wanted))
            call = threading.Thread(
                target=wake_inside, args=(one.sender, places), name="call", daemon=True
            )
            call.start()
            call.join(SECONDS)
            assert not call.is_alive()
            if next(places, None) is not None:  # it has fewer steps than that
                break

    assert wanted > 5


def wake_inside(sender: Sender, places: Iterator[int]) -> None:
    """One call, and after that many of its steps another one inside it."""

    def watch(frame: FrameType, event: str, _argument: object) -> Any:  # noqa: ANN401 - itself
        frame.f_trace_opcodes = True
        if event == "opcode" and next(places, None) is None:
            sys.settrace(None)
            sender.wake()
        return watch

    sys.settrace(watch)
    sender.wake()
    sys.settrace(None)
