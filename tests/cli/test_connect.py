"""What commands read from."""

from pathlib import Path

import pytest

from tasktrail.cli.connect import Connection, connected
from tasktrail.cli.invocation import Invocation
from tasktrail.errors import InvalidSetting
from tasktrail.model.filters import TaskFilter
from tasktrail.query.reader import Reader
from tasktrail.sdk.remote_reader import RemoteReader
from tests.cli.commands import tasktrail
from tests.cli.readers import MemoryReader, connection_to
from tests.cli.services import accept, begin, log_event
from tests.support.scripted_server import Reply, ScriptedServer


def called(data: Path | None = None, server: str | None = None) -> Invocation:
    """A call with that root or server."""
    return Invocation(
        data=str(data) if data else None, server=server, as_json=False, color=None, raw=False
    )


def test_a_named_server_is_asked() -> None:
    """--server makes it remote, and pages have their address."""
    with connected(called(server="http://127.0.0.1:1/")) as connection:
        assert isinstance(connection.reader, RemoteReader)
        assert connection.page("gh-1") == "http://127.0.0.1:1/t/gh-1"


def test_the_environment_can_name_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """TASKTRAIL_URL makes it remote where no root is named."""
    monkeypatch.setenv("TASKTRAIL_URL", "http://127.0.0.1:1")
    with connected(called()) as connection:
        assert isinstance(connection.reader, RemoteReader)


def test_a_named_root_wins_over_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--data means the root, whatever server the environment names."""
    monkeypatch.setenv("TASKTRAIL_URL", "http://127.0.0.1:1")
    with connected(called(begin(tmp_path))) as connection:
        assert isinstance(connection.reader, Reader)
        assert connection.page("gh-1") is None


def test_refreshing_brings_in_what_came_since(tmp_path: Path) -> None:
    """A reader of a root without a service sees what was accepted after it was opened."""
    with connected(called(begin(tmp_path))) as connection:
        accept(tmp_path, [log_event("new")])
        connection.refresh()

        assert connection.reader.tasks(TaskFilter())["total_count"] == 1


@pytest.mark.parametrize("command", [["tasks"], ["search", "x"], ["follow"], ["log", "gh-1", "-f"]])
def test_a_refused_key_is_no_misuse(command: list[str]) -> None:
    """It could not be done: exit code 1, at once, and the setting is named."""
    with ScriptedServer(Reply(401, b"{}")) as server:
        done = tasktrail(*command, "--server", server.url, environ={"TASKTRAIL_API_KEY": "bad"})

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"tasktrail: TASKTRAIL_API_KEY: expected the key of {server.url}\n"


def test_an_address_that_is_none_is_misuse() -> None:
    """What is no address of a server is refused before anything is asked."""
    with pytest.raises(InvalidSetting, match="TASKTRAIL_URL"), connected(called(server="ftp://x")):
        pass


def test_a_page_s_address_is_safe() -> None:
    """An id with odd characters is addressed by its directory's name."""
    connection: Connection = connection_to(MemoryReader(), "http://h")

    assert connection.page("../etc") is not None
    assert "/../" not in str(connection.page("../etc"))
