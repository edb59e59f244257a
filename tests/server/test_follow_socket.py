"""The follow socket: history and live are one stream, nothing twice, nothing lost."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tasktrail.errors import StorageFailed
from tests.server.conftest import Client
from tests.server.fakes import FakeBackend, serving, settings_of
from tests.support.waiting import PATIENCE_SECONDS

Message = dict[str, Any]


@contextmanager
def follow(client: Client, task_id: str, query: str = "", **options: Any) -> Iterator["Socket"]:  # noqa: ANN401
    """A follower of a task."""
    address = f"ws://{client.host}/ws/logs/{quote(task_id, safe='')}?{query}"
    with connect(address, compression=None, open_timeout=PATIENCE_SECONDS, **options) as connection:
        yield Socket(connection)


class Socket:
    """One end of a follow socket, in messages."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def next(self) -> Message:
        """The next message, whatever it is."""
        return msgspec.json.decode(self.connection.recv(timeout=PATIENCE_SECONDS), type=Message)

    def until(self, kind: str) -> Message:
        """The next message of that type; the others before it are passed over."""
        while (message := self.next())["type"] != kind:
            pass
        return message

    def seqs(self, count: int) -> list[int]:
        """The seqs of the next entries, over as many batches as it takes."""
        found: list[int] = []
        while len(found) < count:
            found += [entry["seq"] for entry in self.until("batch")["logs"]]
        return found

    def say(self, **message: object) -> None:
        """Something from the client."""
        self.connection.send(msgspec.json.encode(message).decode())


def test_the_first_word_says_where_one_stands(client: Client, backend: FakeBackend) -> None:
    """hello has the trail's head and the root's generation."""
    backend.record("gh-1")
    with follow(client, "gh-1") as socket:
        hello = socket.next()

    assert hello == {
        "type": "hello",
        "task_id": "gh-1",
        "head": 1,
        "after_seq": 1,
        "generation": 3,
    }


def test_history_and_live_are_one_stream(client: Client, backend: FakeBackend) -> None:
    """From a place on, each entry comes once, whether it was there before or not."""
    for _ in range(3):
        backend.record("gh-1")
    with follow(client, "gh-1", "after_seq=1") as socket:
        before = socket.seqs(2)
        for _ in range(3):
            backend.record("gh-1")
        after = socket.seqs(3)

    assert (before, after) == ([2, 3], [4, 5, 6])


def test_a_long_history_comes_in_batches(client: Client, backend: FakeBackend) -> None:
    """More than one look's worth arrives whole and in order."""
    for _ in range(1_234):
        backend.record("gh-1", notify=False)
    with follow(client, "gh-1", "after_seq=0") as socket:
        assert socket.seqs(1_234) == list(range(1, 1_235))


def test_without_a_place_only_what_comes_is_told(client: Client, backend: FakeBackend) -> None:
    """A follower that names no place hears nothing of the past."""
    backend.record("gh-1")
    with follow(client, "gh-1") as socket:
        socket.until("head")
        backend.record("gh-1")

        assert socket.seqs(1) == [2]


def test_an_entry_in_a_batch_is_an_entry_as_in_rest(client: Client, backend: FakeBackend) -> None:
    """Both ways show the same object."""
    entry = backend.record("gh-1", message="ünï \u2028 code", metadata={"a": [1, None]})
    with follow(client, "gh-1", "after_seq=0") as socket:
        batch = socket.until("batch")

    assert batch["logs"] == [entry]
    assert (batch["from"], batch["to"], batch["gen"]) == (1, 1, 0)


def test_entries_that_do_not_match_are_not_sent(client: Client, backend: FakeBackend) -> None:
    """The server filters; the head still moves, so that counters live."""
    with_errors = ["info", "error", "info", "error"]
    for level in with_errors:
        backend.record("gh-1", level=level)
    with follow(client, "gh-1", "after_seq=0&level=error") as socket:
        seqs, head = socket.seqs(2), socket.until("head")
        backend.record("gh-1")
        moved = socket.until("head")

    assert seqs == [2, 4]
    assert (head["head"], moved["head"]) == (4, 5)
    assert moved["counts"] == {"entries": 5}


def test_a_filter_changes_without_a_new_connection(client: Client, backend: FakeBackend) -> None:
    """From the message on the new filter holds, and batches carry the client's name for it."""
    for level in ("info", "error", "info"):
        backend.record("gh-1", level=level)
    with follow(client, "gh-1", "after_seq=0&level=critical") as socket:
        socket.until("head")
        socket.say(type="filter", gen=7, level=["error", "critical"], after_seq=0)
        batch = socket.until("batch")

    assert (batch["gen"], [entry["seq"] for entry in batch["logs"]]) == (7, [2])


def test_a_filter_without_a_place_goes_on_from_here(client: Client, backend: FakeBackend) -> None:
    """Nothing is repeated only because the filter changed."""
    backend.record("gh-1")
    with follow(client, "gh-1", "after_seq=0") as socket:
        socket.seqs(1)
        socket.say(type="filter", source="git")
        socket.say(type="nonsense")
        socket.until("error")
        backend.record("gh-1", source="llm")
        backend.record("gh-1", source="git")

        assert socket.seqs(1) == [3]


def test_a_filter_that_changes_during_a_look_holds_at_once(
    client: Client, backend: FakeBackend
) -> None:
    """What was found by the old filter is not sent under the new one's name."""
    for level in ("info", "error"):
        backend.record("gh-1", level=level)
    backend.looking = looking = threading.Barrier(2, timeout=PATIENCE_SECONDS)
    with follow(client, "gh-1", "after_seq=0") as socket:
        looking.wait()
        socket.say(type="filter", gen=1, level="error")
        socket.say(type="nonsense")
        socket.until("error")
        backend.looking = None
        looking.wait()
        batch = socket.until("batch")

    assert (batch["gen"], [entry["seq"] for entry in batch["logs"]]) == (1, [2])


@pytest.mark.parametrize(
    "text", ["no json", "[1]", '{"type":"wish"}', '{"type":"filter","level":"loud"}', "{}"]
)
def test_a_message_that_means_nothing_changes_nothing(
    client: Client, backend: FakeBackend, text: str
) -> None:
    """The client is told, and goes on following."""
    backend.record("gh-1")
    with follow(client, "gh-1", "after_seq=0") as socket:
        socket.seqs(1)
        socket.connection.send(text)
        error = socket.until("error")
        backend.record("gh-1")

        assert error["code"] == "invalid_filter"
        assert socket.seqs(1) == [2]


def test_the_end_is_told_once_and_late_entries_still_come(
    client: Client, backend: FakeBackend
) -> None:
    """A finished task says how it ended, after its entries; the socket stays open."""
    backend.record("gh-1")
    backend.statuses["gh-1"] = "failed"
    with follow(client, "gh-1", "after_seq=0") as socket:
        kinds = [socket.next()["type"] for _ in range(4)]
        backend.record("gh-1")
        late = [socket.next() for _ in range(2)]

    assert kinds == ["hello", "batch", "head", "end"]
    assert [message["type"] for message in late] == ["batch", "head"]


def test_a_task_that_is_tried_again_can_end_again(client: Client, backend: FakeBackend) -> None:
    """A new attempt opens the task, and its end is another end."""
    backend.record("gh-1")
    backend.statuses["gh-1"] = "failed"
    with follow(client, "gh-1", "after_seq=0") as socket:
        first = socket.until("end")["status"]
        backend.statuses["gh-1"] = "active"
        backend.record("gh-1")
        socket.until("head")
        backend.statuses["gh-1"] = "completed"
        backend.record("gh-1")
        second = socket.until("end")["status"]

    assert (first, second) == ("failed", "completed")


def test_an_unknown_task_is_closed_without_a_word(client: Client) -> None:
    """The handshake succeeds, no message comes, the code says what is wrong."""
    with follow(client, "none") as socket, pytest.raises(ConnectionClosed) as closed:
        socket.next()

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4004


def test_a_filter_that_means_nothing_is_told_and_closed(
    client: Client, backend: FakeBackend
) -> None:
    """In the address it cannot be changed, so the socket ends."""
    backend.record("gh-1")
    with follow(client, "gh-1", "level=loud") as socket:
        error = socket.next()
        with pytest.raises(ConnectionClosed) as closed:
            socket.next()

    assert (error["type"], error["code"]) == ("error", "invalid_filter")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4400


@pytest.mark.parametrize("task_id", ["a/b", "100%", "ünï", ".."])
def test_an_id_of_any_shape_can_be_followed(
    client: Client, backend: FakeBackend, task_id: str
) -> None:
    """Percent-encoded like everywhere."""
    backend.record(task_id)
    with follow(client, task_id) as socket:
        assert socket.next()["task_id"] == task_id


def test_a_directory_name_follows_its_task(client: Client, backend: FakeBackend) -> None:
    """An id that cannot be a directory is also known by the name of its directory."""
    backend.record("a/b")
    with follow(client, "~1") as socket:
        hello = socket.until("hello")
        socket.until("head")
        backend.record("a/b")

        assert hello["task_id"] == "a/b"
        assert socket.seqs(1) == [2]


def test_trouble_while_reading_is_told_and_got_over(client: Client, backend: FakeBackend) -> None:
    """The follower hears of it, and goes on from its place when it is over."""
    backend.record("gh-1")
    with follow(client, "gh-1", "after_seq=0") as socket:
        socket.seqs(1)
        backend.trouble = StorageFailed("EIO")
        backend.watch.notify({})
        error = socket.until("error")
        backend.trouble = None
        backend.record("gh-1")

        assert error["code"] == "storage_failed"
        assert socket.seqs(1) == [2]


def test_a_lost_word_is_made_up_for_by_the_next(client: Client, backend: FakeBackend) -> None:
    """Being told late, or that anything may have changed, loses nothing."""
    backend.record("gh-1")
    with follow(client, "gh-1", "after_seq=0") as socket:
        socket.seqs(1)
        for _ in range(3):
            backend.record("gh-1", notify=False)
        backend.watch.notify({})

        assert socket.seqs(3) == [2, 3, 4]


def test_what_cannot_be_read_is_told(client: Client, backend: FakeBackend) -> None:
    """A damaged line is a gap in the stream, named by its seqs, never a silent jump."""
    for _ in range(6):
        backend.record("gh-1", notify=False)
    backend.unreadable = {1, 3, 4, 6}
    with follow(client, "gh-1", "after_seq=0") as socket:
        seqs = socket.seqs(2)
        gaps = [socket.until("gap") for _ in range(3)]

    assert seqs == [2, 5]
    assert [(gap["from"], gap["to"]) for gap in gaps] == [(1, 1), (3, 4), (6, 6)]


def test_a_slow_client_harms_nobody(client: Client, backend: FakeBackend) -> None:
    """One that reads nothing keeps no other from getting everything; nothing is queued for it."""
    for _ in range(400):
        backend.record("gh-1", notify=False, message="x" * 50_000)
    with follow(client, "gh-1", "after_seq=0", max_queue=1) as stalled:
        stalled.next()
        looks_at_rest = backend.looks
        with follow(client, "gh-1", "after_seq=0", max_size=None) as fast:
            seqs = fast.seqs(400)

    assert seqs == list(range(1, 401))
    assert looks_at_rest <= 3


def test_followers_at_one_place_share_one_look(client: Client, backend: FakeBackend) -> None:
    """Ten followers of one task cost far fewer than ten reads per entry."""
    backend.record("gh-1")
    arrived = threading.Barrier(11)

    def watch_on() -> None:
        with follow(client, "gh-1") as socket:
            socket.until("head")
            arrived.wait(PATIENCE_SECONDS)
            got.append(socket.seqs(1))

    got: list[list[int]] = []
    threads = [threading.Thread(target=watch_on) for _ in range(10)]
    for thread in threads:
        thread.start()
    arrived.wait(PATIENCE_SECONDS)
    backend.looks = 0
    backend.record("gh-1")
    for thread in threads:
        thread.join()

    assert got == [[2]] * 10
    assert backend.looks <= 10


def test_a_foreign_page_cannot_follow(client: Client, backend: FakeBackend) -> None:
    """The handshake of another origin, or under another host name, is refused."""
    backend.record("gh-1")
    statuses = []
    for options in ({"origin": "https://evil.example"}, {"additional_headers": {"Host": "evil"}}):
        with pytest.raises(InvalidStatus) as refused, follow(client, "gh-1", **options):
            pass
        statuses.append(refused.value.response.status_code)

    assert statuses == [403, 421]


def test_following_needs_the_key(backend: FakeBackend, tmp_path: Path) -> None:
    """A program shows it as a header, a browser as a subprotocol: it is never in the address."""
    backend.record("gh-1")
    header = {"Authorization": "Bearer sesame"}
    browser = ["tasktrail", "tasktrail.bearer.c2VzYW1l"]
    with serving(backend, settings_of(tmp_path, api_key="sesame")) as url:
        client = Client(url)
        with pytest.raises(InvalidStatus) as refused, follow(client, "gh-1"):
            pass
        with follow(client, "gh-1", additional_headers=header) as socket:
            by_header = socket.next()["type"]
        with follow(client, "gh-1", subprotocols=browser) as socket:
            by_protocol = (socket.next()["type"], socket.connection.subprotocol)

    assert refused.value.response.status_code == 401
    assert (by_header, by_protocol) == ("hello", ("hello", "tasktrail"))


def test_leaving_ends_the_follower(client: Client, backend: FakeBackend) -> None:
    """Nobody reads for a client that is gone."""
    backend.record("gh-1")
    with follow(client, "gh-1") as socket:
        socket.until("head")
    with follow(client, "gh-1") as socket:
        socket.until("head")
        backend.looks = 0
        backend.record("gh-1")
        socket.seqs(1)

    assert backend.looks <= 2
