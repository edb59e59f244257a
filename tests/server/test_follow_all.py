"""The follow socket of all tasks, rates, and the heartbeat."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tasktrail.server import follow_socket, hub
from tests.server.conftest import Client
from tests.server.fakes import FakeBackend, serving, settings_of
from tests.support.waiting import PATIENCE_SECONDS

Message = dict[str, Any]


@contextmanager
def follow(client: Client, query: str = "", path: str = "") -> Iterator[ClientConnection]:
    """A follower of all tasks, or of the task in `path`."""
    address = f"ws://{client.host}/ws/logs{path}?{query}"
    with connect(address, compression=None, open_timeout=PATIENCE_SECONDS) as connection:
        yield connection


def until(connection: ClientConnection, *kinds: str) -> Message:
    """The next message of one of those types."""
    while True:
        message: Message = msgspec.json.decode(connection.recv(timeout=PATIENCE_SECONDS))
        if message["type"] in kinds:
            return message


def test_the_entries_of_all_tasks_are_one_stream(client: Client, backend: FakeBackend) -> None:
    """What is recorded from now on comes once, whatever the task."""
    backend.record("gh-1")
    with follow(client) as socket:
        hello = until(socket, "hello")
        backend.record("gh-2")
        batch = until(socket, "batch")
        backend.record("gh-1")
        second = until(socket, "batch")

    assert (hello["cursor"], hello["generation"]) == ("1", 3)
    assert [entry["task_id"] for entry in batch["logs"] + second["logs"]] == ["gh-2", "gh-1"]


def test_a_cursor_goes_on_where_another_follower_was(client: Client, backend: FakeBackend) -> None:
    """Nothing is missed and nothing comes twice, however often one connects again."""
    seen = []
    cursor = "0"
    for task in ("gh-1", "gh-2", "gh-1"):
        backend.record(task)
        with follow(client, f"cursor={cursor}") as socket:
            batch = until(socket, "batch")
        cursor = batch["cursor"]
        seen += [(entry["task_id"], entry["seq"]) for entry in batch["logs"]]

    assert seen == [("gh-1", 1), ("gh-2", 1), ("gh-1", 2)]


def test_a_session_s_entries_wake_a_follower_of_all(client: Client, backend: FakeBackend) -> None:
    """Word of any trail is word for it."""
    with follow(client, "cursor=0") as socket:
        until(socket, "hello")
        backend.record("s-1", notify=False)
        backend.watch.notify({msgspec.convert(("sessions", "s-1"), follow_socket_key()): 1})

        assert until(socket, "batch")["logs"][0]["seq"] == 1


def follow_socket_key() -> Any:  # noqa: ANN401 - a type
    """The type of a trail's key."""
    from tasktrail.model.ids import TrailKey  # noqa: PLC0415

    return TrailKey


def test_the_filter_holds_for_all_tasks(client: Client, backend: FakeBackend) -> None:
    """In the address, and by a message, from a place on."""
    for level in ("info", "error", "info"):
        backend.record("gh-1", level=level)
    with follow(client, "cursor=0&level=error") as socket:
        first = until(socket, "batch")
        socket.send('{"type":"filter","gen":9,"level":["info"],"cursor":"0"}')
        second = until(socket, "batch")

    assert [entry["seq"] for entry in first["logs"]] == [2]
    assert (second["gen"], [entry["seq"] for entry in second["logs"]]) == (9, [1, 3])


def test_a_cursor_that_is_none_of_ours_is_told(client: Client) -> None:
    """In the address it ends the socket, in a message it changes nothing."""
    with follow(client, "cursor=nonsense") as socket:
        error = until(socket, "error")
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=PATIENCE_SECONDS)
    with follow(client) as socket:
        socket.send('{"type":"filter","cursor":"nonsense"}')
        second = until(socket, "error")

    assert error["code"] == second["code"] == "invalid_cursor"
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4400


def test_what_was_passed_over_is_told(client: Client, backend: FakeBackend) -> None:
    """Nobody can tell which entries, so the gap has no range."""
    backend.has_gap = True
    backend.record("gh-1")
    with follow(client, "cursor=0") as socket:
        gap = until(socket, "gap", "batch")

    assert gap == {"type": "gap", "gen": 0}


def test_a_rate_that_is_exceeded_leaves_out_and_says_so(
    client: Client, backend: FakeBackend
) -> None:
    """A client that asked for a rate gets the range that it can fetch; then it goes on live."""
    for _ in range(500):
        backend.record("gh-1", notify=False)
    with follow(client, "after_seq=0&max_rate=10", "/gh-1") as socket:
        batch, lag = until(socket, "batch"), until(socket, "lag")

    assert [entry["seq"] for entry in batch["logs"]] == list(range(1, 11))
    assert (lag["from"], lag["to"], lag["skipped"]) == (11, 500, 490)


def test_who_wants_the_newest_gets_them_and_the_range_of_the_rest(
    client: Client, backend: FakeBackend
) -> None:
    """A client that is further behind than it wants to be goes on with what is newest."""
    for _ in range(500):
        backend.record("gh-1", notify=False)
    with follow(client, "after_seq=0&max_behind=10", "/gh-1") as socket:
        lag, batch = until(socket, "lag", "batch"), until(socket, "batch")
        for number in range(10):
            backend.record("gh-1", notify=number == 9)
        after = until(socket, "batch", "lag")

    assert (lag["from"], lag["to"], lag["skipped"]) == (1, 490, 490)
    assert [entry["seq"] for entry in batch["logs"]] == list(range(491, 501))
    assert [entry["seq"] for entry in after["logs"]] == list(range(501, 511))


def test_over_all_tasks_nobody_counts_how_far_behind_one_is(client: Client) -> None:
    """So a bound for it is refused, in the address as in a message."""
    with follow(client, "max_behind=10") as socket:
        assert until(socket, "error")["code"] == "invalid_filter"
    with follow(client, "") as socket:
        socket.send('{"type":"filter","max_behind":10}')
        assert "over all tasks nobody counts" in until(socket, "error")["detail"]


def test_little_above_a_rate_waits_and_loses_nothing(client: Client, backend: FakeBackend) -> None:
    """Less than a second's worth behind is sent a little later."""
    for _ in range(15):
        backend.record("gh-1", notify=False)
    seqs: list[int] = []
    with follow(client, "after_seq=0&max_rate=10", "/gh-1") as socket:
        while len(seqs) < 15:
            message = until(socket, "batch", "lag")
            seqs += [entry["seq"] for entry in message["logs"]]

    assert seqs == list(range(1, 16))


def test_a_rate_over_all_tasks_leaves_out_from_cursor_to_cursor(
    client: Client, backend: FakeBackend
) -> None:
    """Nobody counts what lies between."""
    for _ in range(50):
        backend.record("gh-1", notify=False)
    with follow(client, "cursor=0&max_rate=5") as socket:
        until(socket, "batch")
        lag = until(socket, "lag")

    assert (lag["cursor_from"], lag["cursor"], lag["skipped"]) == ("5", "50", None)


@pytest.mark.parametrize("path", ["", "/gh-1"])
def test_a_rate_that_is_none_is_refused(client: Client, backend: FakeBackend, path: str) -> None:
    """As any other thing in the address that means nothing."""
    backend.record("gh-1")
    with follow(client, "max_rate=fast", path) as socket:
        assert until(socket, "error")["code"] == "invalid_filter"


def test_a_rate_can_be_taken_back(client: Client, backend: FakeBackend) -> None:
    """A filter message without one leaves it, one with null ends it."""
    for _ in range(200):
        backend.record("gh-1", notify=False)
    with follow(client, "max_rate=1", "/gh-1") as socket:
        until(socket, "hello")
        socket.send('{"type":"filter","after_seq":0,"max_rate":null}')
        batch = until(socket, "batch", "lag")

    assert len(batch["logs"]) == 200


@pytest.mark.parametrize("path", ["", "/gh-1"])
def test_silence_is_broken_by_a_heartbeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """A client that cannot see pings knows all the same that somebody is there."""
    monkeypatch.setattr(follow_socket, "PULSE_SECONDS", 0.05)
    monkeypatch.setattr(hub, "LOOK_AGAIN_SECONDS", 0.05)
    backend = FakeBackend()
    backend.record("gh-1")
    with serving(backend, settings_of(tmp_path)) as url, follow(Client(url), path=path) as socket:
        beats = [until(socket, "head") for _ in range(3)]

    assert beats[1] == beats[2]


def test_followers_of_all_tasks_share_a_look(client: Client, backend: FakeBackend) -> None:
    """Ten of them at one place with one filter are one reading."""
    with follow(client) as first, follow(client) as second:
        until(first, "hello")
        until(second, "hello")
        backend.record("gh-1")
        batches = [until(one, "batch") for one in (first, second)]

    assert batches[0] == batches[1]
