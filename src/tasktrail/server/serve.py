"""The server as a process runs it: its address, its life, its end.

The port is taken before anything else happens, so that a second start says so at once and touches
nothing. SIGTERM and SIGINT end it cleanly: no new connections, answers finished, threads stopped.
"""

import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import EADDRINUSE
from typing import Final

import uvicorn

from tasktrail.errors import InvalidSetting, PortInUse
from tasktrail.server.app import build_app
from tasktrail.server.backend import Backend
from tasktrail.server.connection import BoundedConnection, BoundedSocket
from tasktrail.server.guards import is_loopback
from tasktrail.service import open_service
from tasktrail.settings import Settings

log = logging.getLogger(__name__)

SWITCH_SECONDS: Final = 0.001  # who accepts and who follows waits so long for who searches
BACKLOG: Final = 256
PING_SECONDS: Final = 15.0
MAX_CLIENT_MESSAGE: Final = 64 * 1024  # of a follower; it only ever sends filters
GRACE_SECONDS: Final = 5
ENDINGS: Final = (signal.SIGTERM, signal.SIGINT)


def serve(
    settings: Settings,
    *,
    is_insecure: bool = False,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serves until told to stop; `on_ready` gets the address when requests are answered.

    Raises PortInUse, or InvalidSetting for an open address without a key.
    """
    check_exposure(settings, is_insecure=is_insecure)
    sys.setswitchinterval(SWITCH_SECONDS)
    with listening(settings.host, settings.port) as listener, open_service(settings) as service:
        run(service, settings, listener=listener, on_ready=on_ready)


def check_exposure(settings: Settings, *, is_insecure: bool) -> None:
    """Raises InvalidSetting when others could read and write everything without a key."""
    if is_loopback(settings.host) or settings.api_key or is_insecure:
        return
    raise InvalidSetting(
        f"HOST: expected an address of this machine only, or TASKTRAIL_API_KEY, found "
        f"{settings.host} and no key: everybody there could read and write (--insecure allows it)"
    )


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """The socket at that address; raises PortInUse, or InvalidSetting for no address of ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(BACKLOG)
        except OSError as error:
            if error.errno == EADDRINUSE:
                raise PortInUse(f"another program listens at {host}:{port}") from error
            raise InvalidSetting(f"HOST: cannot listen at {host}:{port}: {error}") from error
        yield listener


def url_of(listener: socket.socket) -> str:
    """The address at which the socket is reached from this machine."""
    host, port = listener.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared with, not bound to
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(
    backend: Backend,
    settings: Settings,
    *,
    listener: socket.socket,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Answers at the socket until told to stop."""
    server = Server(build_app(backend, settings), settings, on_ready=on_ready)
    with _signals_end(server):
        server.run(sockets=[listener])


class Server(uvicorn.Server):
    """uvicorn with our settings; `should_exit` ends it from any thread."""

    def __init__(
        self, app: object, settings: Settings, *, on_ready: Callable[[str], None] | None = None
    ) -> None:
        super().__init__(config_of(app, settings))
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Ready for requests, and says so."""
        await super().startup(sockets)
        if self._on_ready and sockets and self.started:
            self._on_ready(url_of(sockets[0]))


def config_of(app: object, settings: Settings) -> uvicorn.Config:
    """How uvicorn runs the application; the reasons are in docs/decisions."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=settings.host,
        loop="uvloop",
        http=BoundedConnection,
        ws=BoundedSocket,
        ws_per_message_deflate=False,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        ws_max_size=MAX_CLIENT_MESSAGE,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


@contextmanager
def _signals_end(server: Server) -> Iterator[None]:
    """While it lasts, SIGTERM and SIGINT only end the server.

    uvicorn listens to them while it runs, and raises them again after; until it does, they are
    heard here, so that none is lost.
    """
    came: list[int] = []

    def noted(number: int, _frame: object) -> None:
        came.append(number)
        server.should_exit = True

    is_main_thread = threading.current_thread() is threading.main_thread()
    before = {number: signal.signal(number, noted) for number in ENDINGS if is_main_thread}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for one in came:
            log.info("ended by %s", signal.Signals(one).name)
