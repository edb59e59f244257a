"""`tasktrail serve`."""

import http.client
import signal
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tasktrail.chaos.processes import free_port
from tests.cli.commands import tasktrail
from tests.cli.services import first_line, started
from tests.support.waiting import PATIENCE_SECONDS


def status_of(url: str, path: str) -> int:
    """The status of a GET."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


def test_it_prints_its_address_and_answers(tmp_path: Path) -> None:
    """One line on stdout, an address that answers when it is printed; the root is made."""
    with started("serve", "--port", "0", "--data", tmp_path / "root") as process:
        url = first_line(process.stdout)
        status = status_of(url, "/health")
        process.terminate()
        rest = process.stdout.read() if process.stdout else ""
        code = process.wait(PATIENCE_SECONDS)

    assert status == 200
    assert (code, rest) == (0, "")
    assert (tmp_path / "root" / "root.json").exists()


def test_ctrl_c_ends_it_cleanly(tmp_path: Path) -> None:
    """Exit code 130 and no traceback."""
    with started("serve", "--port", "0", "--data", tmp_path) as process:
        first_line(process.stdout)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read() if process.stderr else ""
        code = process.wait(PATIENCE_SECONDS)

    assert code == 130
    assert "Traceback" not in said


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    """Exit code 1 and one line that names the port; the root is not touched."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = tasktrail("serve", "--port", str(port), "--data", tmp_path / "root")

    assert (done.returncode, done.stdout) == (1, "")
    assert f"127.0.0.1:{port}" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "root").exists()


def test_a_root_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """Exit code 1 and one line that names the directory."""
    (tmp_path / "file").touch()
    done = tasktrail("serve", "--port", "0", "--data", tmp_path / "file" / "root")

    assert (done.returncode, done.stdout) == (1, "")
    assert str(tmp_path / "file" / "root") in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "arguments",
    [["--port", "99999"], ["--host", "0.0.0.0"], ["--redis", "http://x"], ["--server", "http://x"]],  # noqa: S104
)
def test_misuse_is_refused_before_anything_starts(tmp_path: Path, arguments: list[str]) -> None:
    """Exit code 2; an address open to others without a key is misuse too."""
    done = tasktrail("serve", "--data", tmp_path / "root", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert not (tmp_path / "root").exists()


def test_an_open_address_needs_to_be_said_twice(tmp_path: Path) -> None:
    """--insecure allows it, and the address that is printed can be reached from here."""
    with started(
        "serve",
        "--host",
        "0.0.0.0",  # noqa: S104
        "--port",
        str(free_port()),
        "--insecure",
        "--data",
        tmp_path,
    ) as process:
        url = first_line(process.stdout)
        status = status_of(url, "/health")

    assert url.startswith("http://127.0.0.1:")
    assert status == 200
