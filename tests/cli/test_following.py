"""Following: what goes away is waited for, and said once."""

from collections.abc import Generator, Iterator
from typing import Any

import pytest

from tasktrail.cli import following
from tasktrail.cli.connect import Connection
from tasktrail.cli.following import all_news, follow_by_looking, follow_by_socket
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.output import OutputClosed
from tasktrail.cli.socket_tail import Told
from tasktrail.errors import ServerUnreachable, TaskNotFound
from tasktrail.model.filters import EntryFilter
from tests.cli.readers import MemoryReader, connection_to
from tests.server.fakes import FakeBackend


class Script:
    """What a server does, connection by connection; then nobody reads our output any more."""

    def __init__(self, *connections: list[Told | Exception]) -> None:
        self._connections = list(connections)

    def batches(self) -> Generator[Told]:
        """One connection."""
        if not self._connections:
            raise OutputClosed
        for one in self._connections.pop(0):
            if isinstance(one, Exception):
                raise one
            yield one


@pytest.fixture(autouse=True)
def _impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for."""
    monkeypatch.setattr(following, "AWAY_SECONDS", 0)
    monkeypatch.setattr(following, "POLL_SECONDS", 0)


def a_call() -> Invocation:
    """A call whose words the test catches."""
    return Invocation(data=None, server=None, as_json=True, color=None, raw=False)


def shown_by(script: Script) -> list[Any]:
    """What is shown until nobody reads."""
    shown: list[Any] = []

    def show(rows: Iterator[Any]) -> int:
        before = len(shown)
        shown.extend(rows)
        return len(shown) - before

    with pytest.raises(OutputClosed):
        follow_by_socket(a_call(), script, show)  # type: ignore[arg-type]
    return [row["n"] for row in shown]


def test_a_lost_connection_is_opened_again(capsys: pytest.CaptureFixture[str]) -> None:
    """What came meanwhile is shown and counted when all of it is there; both are said once."""
    gone = ServerUnreachable("gone")
    script = Script(
        [Told([{"n": "a"}]), gone],
        [gone],
        [
            Told([{"n": "b"}]),
            Told([{"n": "c"}]),
            Told(is_all=True),
            Told([{"n": "d"}]),
            Told(is_all=True),
        ],
    )
    shown = shown_by(script)

    assert shown == ["a", "b", "c", "d"]
    assert capsys.readouterr().err == "gone; trying again\nback, 2 caught up\n"


def test_what_cannot_be_read_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """With what to do about it."""
    shown_by(Script([Told(unreadable=1_200)]))

    assert capsys.readouterr().err == "1,200 entries cannot be read: tasktrail verify\n"


@pytest.mark.parametrize("error", [ServerUnreachable("no"), TaskNotFound("none")])
def test_what_never_was_there_is_not_waited_for(error: Exception) -> None:
    """Only what goes away can come back."""
    with pytest.raises(type(error)):
        follow_by_socket(a_call(), Script([error]), lambda rows: len(list(rows)))  # type: ignore[arg-type]


def test_a_server_that_forgot_the_task_is_waited_for() -> None:
    """It may have been started on another root for a moment."""
    script = Script(
        [Told([{"n": "a"}]), ServerUnreachable("gone")], [TaskNotFound("x")], [Told([{"n": "b"}])]
    )

    assert shown_by(script) == ["a", "b"]


def test_looking_goes_on_over_trouble(capsys: pytest.CaptureFixture[str]) -> None:
    """A lock that is held, or a server that is away, is waited for."""
    answers: Iterator[Any] = iter(
        [["a"], ServerUnreachable("away"), ServerUnreachable("away"), ["b"]]
    )

    def news() -> Iterator[Any]:
        answer = next(answers, None)
        if answer is None:
            raise OutputClosed
        if isinstance(answer, Exception):
            raise answer
        yield from answer

    with pytest.raises(OutputClosed):
        follow_by_looking(a_call(), news, lambda rows: len(list(rows)))

    assert capsys.readouterr().err == "away; trying again\nback, 1 caught up\n"


def test_the_news_of_all_tasks_begin_now() -> None:
    """What was there before is none, and nothing comes twice."""
    backend = FakeBackend()
    backend.record("gh-1")
    connection = Connection(MemoryReader(), None, lambda: None, follow_all=backend.follow_all)
    news = all_news(connection, EntryFilter())
    before = list(news())
    backend.record("gh-2")
    backend.record("gh-1")
    found = [row["task_id"] for row in news()]

    assert (before, found, list(news())) == ([], ["gh-2", "gh-1"], [])


def test_a_server_has_no_news_to_look_for() -> None:
    """It tells by its socket."""
    with pytest.raises(TypeError):
        all_news(connection_to(MemoryReader(), "http://x"), EntryFilter())
