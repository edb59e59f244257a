"""What every test may ask for: a clean environment, live programs from outside, sample data."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.programs import CHROMIUMS, require_program
from tests.support.redis_server import RedisServer

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
SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "data"

# A shell starts what it runs in the background with Ctrl-C ignored; no test may inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

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


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """The address of a real, empty redis-server of this test alone, without persistence."""
    with RedisServer(tmp_path) as server:
        yield server.url


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
