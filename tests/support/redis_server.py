"""A real redis-server of one test: it can be killed, started again and paused.

Where redis-server is missing, the test is skipped at home and fails in CI.
"""

import signal
import socket
import subprocess
from pathlib import Path
from typing import Any, Self

from redis import Redis

from tasktrail.chaos.processes import free_port
from tests.support.programs import require_program
from tests.support.waiting import wait_until


class RedisServer:
    """One redis-server on a free port, in a directory of its own; a context manager.

    `appendonly` writes every command to disk before it is answered, so that nothing is lost when
    the process is killed; without it a restart begins empty.
    """

    def __init__(self, directory: Path, *, appendonly: bool = False) -> None:
        self._program = require_program("redis-server")
        self._directory = directory
        self._appendonly = appendonly
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client: Redis = Redis(port=self.port, protocol=2, decode_responses=True)

    def __enter__(self) -> Self:
        self._directory.mkdir(parents=True, exist_ok=True)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.kill()

    def start(self) -> None:
        """The server runs and listens."""
        aof = ("yes", "always") if self._appendonly else ("no", "no")
        self._process = subprocess.Popen(
            [
                *(self._program, "--port", str(self.port), "--bind", "127.0.0.1"),
                *("--save", "", "--dir", str(self._directory)),
                *("--appendonly", aof[0], "--appendfsync", aof[1]),
            ],
            stdout=subprocess.DEVNULL,
        )
        wait_until(self._is_listening, what="redis-server")

    def _is_listening(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """The server is gone, without a chance to say goodbye."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self.client.connection_pool.disconnect()

    def restart(self) -> None:
        """The server was killed and runs again."""
        self.kill()
        self.start()

    def pause(self) -> None:
        """The server stops in the middle of whatever it does."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """The server goes on where it was paused."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def ask(self, *command: str | bytes | int) -> Any:  # noqa: ANN401 - Redis answers anything
        """The answer to a command, as redis-py gives it."""
        return self.client.execute_command(*command)  # type: ignore[no-untyped-call]

    def pending(self, stream: str = "task_events", group: str = "task-logger") -> int:
        """How many entries the group was given and has not acknowledged."""
        return int(self.ask("XPENDING", stream, group)["pending"])
