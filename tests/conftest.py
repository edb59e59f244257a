"""What every test may ask for: a clean environment, live programs from outside, sample data.

A live program that is missing skips the test at home, with a word on what to install, and fails it
in CI, where nothing may be skipped unseen.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

KEPT = {"TASKTRAIL_SAMPLES", "TASKTRAIL_WEB"}
OURS = {
    "HOST",
    "LOGS_DIR",
    "LOG_LEVEL",
    "MAX_BATCH_SIZE",
    "PORT",
    "REDIS_CONSUMER_GROUP",
    "REDIS_STREAM",
    "REDIS_URL",
}
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_SECONDS = 10  # a machine under load needs a while to start a server
SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "data"

# A machine under load is slow without being wrong: no example may fail for its duration.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the person who runs the tests reaches a test, and no test their files."""
    for name in list(os.environ):
        if (name.startswith("TASKTRAIL_") and name not in KEPT) or name in OURS:
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home" / "share"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / "config"))


def require_program(*names: str) -> str:
    """The path of the first of the programs that is there; else a skip, in CI a failure."""
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    reason = f"needs {names[0]}: install it (apt-get install {names[0]}) to run this test"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    """A port of the loopback address that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """The address of a real, empty redis-server of this test alone, without persistence."""
    program = require_program("redis-server")
    port = free_port()
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    with subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL) as server:
        try:
            _wait_until_it_listens(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()


def _wait_until_it_listens(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    pytest.fail(f"redis-server did not listen within {START_SECONDS} s")


@pytest.fixture
def chromium() -> str:
    """The path of a Chromium that is installed on this machine."""
    return require_program(*CHROMIUMS)


@pytest.fixture
def samples() -> Path:
    """The folder of recorded real input; skips where it is not beside the checkout."""
    folder = Path(os.environ.get("TASKTRAIL_SAMPLES", SAMPLES))
    if not folder.is_dir():
        pytest.skip(f"needs the sample data: none in {folder} (or name it in TASKTRAIL_SAMPLES)")
    return folder
