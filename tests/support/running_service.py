"""The installed command as a process of its own: `tasktrail serve` on a free port.

with start_service(folder / "root") as service:
    service.post([{"type": "task:log", "task_id": "gh-1"}])
    service.kill()      # as a crash would
    service.start()     # on the same root and port
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pytest

from tasktrail.chaos.processes import free_port
from tests.support.settled import settle
from tests.support.waiting import PATIENCE_SECONDS

PROGRAM = Path(sys.executable).with_name("tasktrail")


class RunningService:
    """A service process; its root and address stay the same over restarts."""

    def __init__(
        self, root: Path, *options: str, environment: Mapping[str, str] | None = None
    ) -> None:
        self.root = root
        self.url = ""
        self._port = free_port()  # one that stays free while the service is down
        self._options = options
        self._environment = {**os.environ, **(environment or {})}
        self._said = root.with_name(f"{root.name}.out")
        self._log = root.with_name(f"{root.name}.log")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process, of a service that was started."""
        assert self._process, "expected a service that was started"
        return self._process

    @property
    def pid(self) -> int:
        """The process's number."""
        return self.process.pid

    @property
    def log(self) -> str:
        """What it said about itself, over all starts."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def start(self) -> Self:
        """The service answers at its address; fails with its own words when it does not."""
        arguments = [str(PROGRAM), "serve", "--data", str(self.root), "--port", str(self._port)]
        with self._said.open("wb") as said, self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*arguments, *self._options], env=self._environment, stdout=said, stderr=log
            )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (address := self._said.read_text(encoding="utf-8")).endswith("\n"):
            if self.process.poll() is not None:
                pytest.fail(f"the service ended with {self.process.returncode}:\n{self.log}")
            if time.monotonic() > deadline:
                self.kill()
                pytest.fail(f"no address within {PATIENCE_SECONDS:g} s:\n{self.log}")
            time.sleep(0.01)
        self.url = address.split()[0]
        return self

    def stop(self) -> int:
        """The exit code after SIGTERM."""
        self.process.terminate()
        try:
            return self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            pytest.fail(f"it did not end within {PATIENCE_SECONDS:g} s:\n{self.log}")

    def kill(self) -> None:
        """The process is gone at once, as in a crash."""
        self.process.kill()
        self.process.wait()

    def post(self, events: Sequence[Mapping[str, Any]] | bytes) -> dict[str, Any]:
        """The receipt of the events; fails on anything but 202."""
        body = events if isinstance(events, bytes) else json.dumps(list(events)).encode()
        status, answer = self.request("POST", "/api/events", body)
        assert status == 202, answer
        return dict(json.loads(answer))

    def record(self, events: Sequence[Mapping[str, Any]] | bytes) -> dict[str, Any]:
        """The receipt of the events, once every answer holds them, however busy the machine is."""
        receipt = self.post(events)
        settle(self.root)
        return receipt

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON is anything
        """The answer as JSON; fails on anything but 200."""
        status, answer = self.request("GET", path)
        assert status == 200, answer
        return json.loads(answer)

    def request(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, bytes]:
        """Status and body of any request; raises OSError when nobody answers."""
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@contextmanager
def start_service(
    root: Path, *options: str, environment: Mapping[str, str] | None = None
) -> Iterator[RunningService]:
    """A running service over that root; no process is left afterwards."""
    service = RunningService(root, *options, environment=environment)
    try:
        yield service.start()
    finally:
        if service.process.poll() is None:
            service.stop()
