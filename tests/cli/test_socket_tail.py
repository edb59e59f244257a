"""A server's follow socket as a command reads it, over every loss of the connection."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tasktrail.chaos.processes import free_port
from tasktrail.cli.socket_tail import SocketTail, Told
from tasktrail.errors import InvalidFilter, ServerUnreachable, TaskNotFound, TasktrailError
from tasktrail.model.filters import EntryFilter
from tests.server.fakes import FakeBackend, serving, settings_of

EVERYTHING = EntryFilter()


@pytest.fixture
def backend() -> FakeBackend:
    """A service of lists."""
    return FakeBackend()


@pytest.fixture
def url(backend: FakeBackend, tmp_path: Path) -> Iterator[str]:
    """The address of a real server in front of it."""
    with serving(backend, settings_of(tmp_path)) as address:
        yield address


def rows_of(tail: SocketTail, count: int) -> list[tuple[object, object]]:
    """Task and seq of the next so many entries, over one connection."""
    found: list[tuple[object, object]] = []
    with closing(tail.batches()) as batches:
        for told in batches:
            found += [(row["task_id"], row["seq"]) for row in told.rows]
            if len(found) >= count:
                break
    return found


def test_a_connection_goes_on_where_the_last_one_was(backend: FakeBackend, url: str) -> None:
    """Nothing is missed and nothing comes twice, whenever the connection broke."""
    tail = SocketTail(url, EVERYTHING, api_key=None, task_id="gh-1", after_seq=0)
    found = []
    for _ in range(3):
        backend.record("gh-1")
        backend.record("gh-1")
        found += rows_of(tail, 2)

    assert [seq for _, seq in found] == [1, 2, 3, 4, 5, 6]


def test_all_tasks_are_gone_on_with_by_cursor(backend: FakeBackend, url: str) -> None:
    """The same where no seq could say the place."""
    tail = SocketTail(url, EVERYTHING, api_key=None)
    with closing(tail.batches()) as batches:
        next(batches)
    backend.record("gh-1")
    found = rows_of(tail, 1)
    backend.record("gh-2")
    found += rows_of(tail, 1)

    assert found == [("gh-1", 1), ("gh-2", 1)]


def test_the_server_filters(backend: FakeBackend, url: str) -> None:
    """What does not match is never sent."""
    for level in ("info", "error"):
        backend.record("gh-1", level=level)
    wanted = EntryFilter(level=("error",), search=("message",))
    tail = SocketTail(url, wanted, api_key=None, task_id="gh-1", after_seq=0)

    assert rows_of(tail, 1) == [("gh-1", 2)]


def test_it_says_when_that_is_all(backend: FakeBackend, url: str) -> None:
    """So that whoever catches up knows when it has."""
    backend.record("gh-1")
    tail = SocketTail(url, EVERYTHING, api_key=None, task_id="gh-1", after_seq=0)
    told: list[Told] = []
    with closing(tail.batches()) as batches:
        while not (told and told[-1].is_all):
            told.append(next(batches))

    assert sum(len(one.rows) for one in told) == 1


def test_what_cannot_be_read_is_counted(backend: FakeBackend, url: str) -> None:
    """A gap is a number, not silence."""
    for _ in range(4):
        backend.record("gh-1", notify=False)
    backend.unreadable = {2, 3}
    tail = SocketTail(url, EVERYTHING, api_key=None, task_id="gh-1", after_seq=0)
    unreadable = 0
    with closing(tail.batches()) as batches:
        while not unreadable:
            unreadable = next(batches).unreadable

    assert unreadable == 2


def test_an_unknown_task_is_not_found(url: str) -> None:
    """4004 means what 404 means."""
    tail = SocketTail(url, EVERYTHING, api_key=None, task_id="none")

    with pytest.raises(TaskNotFound):
        list(tail.batches())


def test_a_filter_that_the_server_does_not_understand_is_told(
    backend: FakeBackend, url: str
) -> None:
    """Trying again is no use."""
    backend.record("gh-1")
    tail = SocketTail(url, EntryFilter(level=("loud",)), api_key=None, task_id="gh-1")

    with pytest.raises(InvalidFilter, match="loud"):
        list(tail.batches())


def test_a_server_that_is_not_there_is_unreachable() -> None:
    """Its address is named."""
    address = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(ServerUnreachable, match=address):
        next(SocketTail(address, EVERYTHING, api_key=None).batches())


def test_the_key_is_shown(backend: FakeBackend, tmp_path: Path) -> None:
    """With it one is let in; without it one is told which setting is missing."""
    backend.record("gh-1")
    with serving(backend, settings_of(tmp_path, api_key="sesame")) as address:
        with_key = SocketTail(address, EVERYTHING, api_key="sesame", task_id="gh-1", after_seq=0)
        found = rows_of(with_key, 1)
        with pytest.raises(TasktrailError, match="TASKTRAIL_API_KEY"):
            next(SocketTail(address, EVERYTHING, api_key=None).batches())

    assert found == [("gh-1", 1)]
