"""The server as a process: who may reach it, whose port it is, and that it can be served."""

import signal
import socket
import subprocess
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tasktrail.errors import InvalidSetting, PortInUse
from tasktrail.server import serve
from tasktrail.server.connection import BoundedSocket
from tasktrail.server.serve import check_exposure, config_of, listening, url_of
from tests.server.fakes import FakeBackend, settings_of
from tests.support.running_service import PROGRAM, start_service
from tests.support.waiting import PATIENCE_SECONDS, wait_until

ANYWHERE = "0.0.0.0"  # noqa: S104 - only asked about


def test_a_port_in_use_is_said_plainly() -> None:
    """A second service names the address that is taken."""
    with listening("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortInUse, match=f"127.0.0.1:{port}"), listening("127.0.0.1", port):
            pass


def test_an_address_that_is_not_ours_is_refused() -> None:
    """A host that this machine does not have is a mistake in the settings."""
    with pytest.raises(InvalidSetting, match="HOST"), listening("192.0.2.1", 0):
        pass


def test_a_name_that_nobody_knows_is_refused() -> None:
    """So is a name without an address."""
    with pytest.raises(InvalidSetting, match="HOST"), listening("no.such.host.invalid", 0):
        pass


def test_the_port_is_free_again_afterwards() -> None:
    """A restart needs no waiting."""
    with listening("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
    with listening("127.0.0.1", port) as second:
        assert second.getsockname()[1] == port


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_needs_no_key(tmp_path: Path, host: str) -> None:
    """The default is open to whoever is on this machine anyway."""
    settings = settings_of(tmp_path, host=host)

    assert check_exposure(settings, is_insecure=False) is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize("host", [ANYWHERE, "::", "192.168.1.5", "trail.example"])
def test_others_need_a_key(tmp_path: Path, host: str) -> None:
    """An open address without a key is refused, with what to do in the message."""
    settings = settings_of(tmp_path, host=host)

    with pytest.raises(InvalidSetting, match=r"TASKTRAIL_API_KEY.*--insecure"):
        check_exposure(settings, is_insecure=False)


def test_a_key_or_a_clear_word_opens(tmp_path: Path) -> None:
    """With a key, or when somebody insists, other machines may connect."""
    with_key = settings_of(tmp_path, host=ANYWHERE, api_key="sesame")
    insisting = settings_of(tmp_path, host=ANYWHERE)

    assert check_exposure(with_key, is_insecure=False) is None  # type: ignore[func-returns-value]
    assert check_exposure(insisting, is_insecure=True) is None  # type: ignore[func-returns-value]


def test_the_address_is_one_that_can_be_clicked() -> None:
    """Also for a server that listens everywhere or speaks IPv6."""
    with listening(ANYWHERE, 0) as everywhere:
        url, port = url_of(everywhere), everywhere.getsockname()[1]

    assert url == f"http://127.0.0.1:{port}"


def test_an_ipv6_address_stands_in_brackets() -> None:
    """As browsers want it."""
    try:
        with listening("::1", 0) as listener:
            url = url_of(listener)
    except InvalidSetting:
        pytest.skip("needs IPv6 on this machine")

    assert url.startswith("http://[::1]:")


def test_uvicorn_runs_as_measured(tmp_path: Path) -> None:
    """No compression of follow messages, no access log, no trust in proxy headers."""
    config = config_of(object(), settings_of(tmp_path))

    assert (config.ws, config.ws_per_message_deflate) == (BoundedSocket, False)
    assert (config.loop, config.access_log, config.proxy_headers) == ("uvloop", False, False)


def test_a_service_says_its_address_and_ends_cleanly(tmp_path: Path) -> None:
    """The installed command: one line on stdout, exit code 0 after SIGTERM, nothing alarming."""
    with start_service(tmp_path / "root") as service:
        wait_until(lambda: service.get("/health")["status"] == "healthy", what="health")
        code = service.stop()

    assert code == 0
    assert "Traceback" not in service.log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_end_that_comes_before_the_server_listens_to_it_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    """A service that is stopped as soon as it was started does not run on."""

    class Slow(serve.Server):
        def run(self, sockets: list[socket.socket] | None = None) -> None:
            signal.raise_signal(number)
            assert self.should_exit
            super().run(sockets)

    monkeypatch.setattr(serve, "Server", Slow)
    backend, settings, urls = FakeBackend(), settings_of(tmp_path), list[str]()
    with listening("127.0.0.1", 0) as listener:
        serve.run(backend, settings, listener=listener, on_ready=urls.append)

    assert len(urls) == 1


def test_a_follower_does_not_keep_a_service_alive(tmp_path: Path) -> None:
    """Open sockets are told that the service restarts, and do not delay its end."""
    with start_service(tmp_path / "root") as service:
        service.record([{"type": "task:log", "task_id": "gh-1"}])
        with connect(f"ws://{service.url[7:]}/ws/logs/gh-1") as follower:
            follower.recv(timeout=PATIENCE_SECONDS)
            code = service.stop()
            with pytest.raises(ConnectionClosed):
                list(follower)

    assert (code, follower.close_code) == (0, 1012)


def test_what_was_accepted_survives_a_kill(tmp_path: Path) -> None:
    """After a 202 the event is there, whatever happens to the process."""
    with start_service(tmp_path / "root") as service:
        service.post([{"type": "task:log", "task_id": "gh-1", "data": {"message": "kept"}}] * 50)
        service.kill()
        service.start()
        wait_until(lambda: service.request("GET", "/api/tasks/gh-1")[0] == 200)
        logs = service.get("/api/tasks/gh-1/logs")["logs"]

    assert [entry["seq"] for entry in logs] == list(range(1, 51))
    assert {entry["message"] for entry in logs} == {"kept"}


def test_a_second_service_at_the_port_ends_at_once(tmp_path: Path) -> None:
    """It says whose port it is not, and touches nothing."""
    with start_service(tmp_path / "root") as service:
        port = service.url.rpartition(":")[2]
        second = subprocess.run(
            [PROGRAM, "serve", "--data", tmp_path / "other", "--port", port],
            capture_output=True,
            text=True,
            check=False,
        )

    assert second.returncode != 0
    assert f"127.0.0.1:{port}" in second.stderr
    assert "Traceback" not in second.stderr
    assert not (tmp_path / "other").exists()


def test_an_open_address_without_a_key_ends_at_once(tmp_path: Path) -> None:
    """Before a byte is served."""
    arguments = ("serve", "--host", ANYWHERE, "--port", "0", "--data", tmp_path / "root")
    outcome = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False)

    assert outcome.returncode != 0
    assert "TASKTRAIL_API_KEY" in outcome.stderr
