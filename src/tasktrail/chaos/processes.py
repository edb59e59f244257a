"""The processes of a run: the real commands, a real redis-server, producers.

Nothing here is gentle: a process can be killed, frozen and started again at any moment. A frozen
process is always thawed before it is told to stop.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from tasktrail.chaos.trouble import ChaosFailed

START_SECONDS: Final = 60.0  # a machine under load needs a while
STOP_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.01
PORTS: Final = range(20_000, 32_768)  # no system gives these to whoever connects somewhere
KEPT: Final = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")


def free_port() -> int:
    """A port of the loopback address that nobody has, and that nobody is given by chance."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port


def python(module: str, *arguments: str, without: str | None = None) -> list[str]:
    """The command that runs a module with this interpreter, or the same with a guard removed."""
    if without is not None:
        return python("tasktrail.chaos.weakened", without, module, *arguments)
    return [sys.executable, "-m", module, *arguments]


def tasktrail(*arguments: str, without: str | None = None) -> list[str]:
    """The command `tasktrail`, or the same with a guard removed."""
    return python("tasktrail", *arguments, without=without)


class Child:
    """One process, over all its lives; it says what it says into a file."""

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = log.stem
        self._command = list(command)
        self._log = log
        clean = {name: os.environ[name] for name in KEPT if name in os.environ}
        self._environment = clean | dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None
        self.peak_bytes = 0  # the most memory any life of it had, as far as it was looked at

    def note_memory(self) -> None:
        """How much memory it has had until now is remembered."""
        if self._process is not None:
            self.peak_bytes = max(self.peak_bytes, peak_of(self._process.pid))

    @property
    def is_alive(self) -> bool:
        """Whether it runs, frozen or not."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How its last life ended; `None` while it lives."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        """It runs; nothing happens when it does already."""
        if self.is_alive:
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the run, which ends them in its own way
            )

    def signal(self, number: signal.Signals) -> None:
        """It was sent the signal, if it lives."""
        if self._process is not None and self.is_alive:
            self._process.send_signal(number)

    def freeze(self) -> None:
        """It stands still in the middle of whatever it does."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on where it stood."""
        self.signal(signal.SIGCONT)

    def kill(self) -> None:
        """It is gone, without a chance to say goodbye."""
        if self._process is not None:
            self.note_memory()
            self._process.kill()
            self._process.wait()

    def stop(self, seconds: float = STOP_SECONDS) -> int | None:
        """How it ended after SIGTERM; raises ChaosFailed when it does not within that time."""
        if self._process is None:
            return None
        self.note_memory()
        self.thaw()
        self.signal(signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds: float) -> int:
        """How it ended; raises ChaosFailed when it does not within that time."""
        if self._process is None:
            raise ChaosFailed(f"{self.name} was never started")
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            self.kill()
            raise ChaosFailed(
                f"{self.name} did not end within {seconds:g} s: {self.said}"
            ) from error

    @property
    def said(self) -> str:
        """The end of what it said."""
        return self._log.read_text(errors="replace")[-2_000:] if self._log.exists() else ""


def peak_of(pid: int) -> int:
    """The largest resident set that the process ever had; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM")), 0)


def wait_for_port(port: int, child: Child) -> None:
    """Somebody listens there; raises ChaosFailed when the child has ended instead."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if not child.is_alive:
            raise ChaosFailed(f"{child.name} ended with {child.exit_code}: {child.said}")
        time.sleep(LOOK_SECONDS)
    raise ChaosFailed(f"{child.name} did not listen within {START_SECONDS:g} s: {child.said}")


def has_redis() -> bool:
    """Whether a redis-server can be started here."""
    return shutil.which("redis-server") is not None


def redis_server(
    folder: Path, port: int, fsync: str = "always", *, log: Path | None = None
) -> Child:
    """A redis-server with its files in that folder; `fsync`: always, everysec, or none."""
    folder.mkdir(parents=True, exist_ok=True)
    aof = ("no", "everysec") if fsync == "none" else ("yes", fsync)
    command = [
        *("redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""),
        *("--dir", str(folder), "--appendonly", aof[0], "--appendfsync", aof[1]),
    ]
    return Child(command, folder.with_name("redis-server.log") if log is None else log)
