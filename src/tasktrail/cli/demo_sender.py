"""How the demo's events are sent: by XADD as real producers do, or by HTTP where there is no Redis.

Events go to a stream of the demo's own: it neither fills the one of real producers nor takes
anything out of it.
"""

import http.client
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol
from urllib.parse import urlsplit

from tasktrail.cli.demo_teller import Fields
from tasktrail.errors import ServerUnreachable
from tasktrail.ingest.redis_pump import open_link
from tasktrail.ingest.redis_pump_link import CommandRefused, Link, LinkLost, ask
from tasktrail.model.codec import encode

SECONDS: Final = 10.0  # without an answer, a connection is given up
ACCEPTED: Final = 202
KEYS: Final = (
    "",
    ":tasktrail:epoch",
    ":tasktrail:volume",
)  # the stream, and the pump's marks of it


class Sender(Protocol):
    """Takes events to the service; raises ServerUnreachable when that cannot be done now."""

    def send(self, event: Fields) -> None:
        """The event is accepted when this returns."""

    def close(self) -> None:
        """Nothing is sent any more."""


class HttpSender:
    """POST /api/events over one connection."""

    def __init__(self, url: str, *, api_key: str | None) -> None:
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(
            address.hostname or "", address.port, timeout=SECONDS
        )
        self._headers = {"Content-Type": "application/json"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"

    def send(self, event: Fields) -> None:
        """The event is on disk when this returns."""
        try:
            self._connection.request("POST", "/api/events", encode(event), self._headers)
            answer = self._connection.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise ServerUnreachable(f"the service does not answer: {error}") from error
        if answer.status != ACCEPTED:
            raise ServerUnreachable(f"expected {ACCEPTED}, found {answer.status}: {said!r:.200}")

    def close(self) -> None:
        """The connection is closed."""
        self._connection.close()


class RedisSender:
    """XADD to a stream of the demo's own, which goes with it."""

    def __init__(self, url: str, stream: str) -> None:
        self.stream = stream
        self._url = url
        self._link: Link | None = None

    def send(self, event: Fields) -> None:
        """The entry is in the stream when this returns."""
        flat = flat_fields(event)
        self._ask("XADD", self.stream, "*", *(part for pair in flat.items() for part in pair))

    def ping(self) -> None:
        """Raises ServerUnreachable where no Redis answers."""
        self._ask("PING")

    def close(self) -> None:
        """The stream is removed with the marks of its pump, and the connection closed."""
        if self._link is not None:
            with suppress(LinkLost, CommandRefused):  # a Redis that is gone needs no tidying up
                ask(self._link, "DEL", *(f"{self.stream}{ending}" for ending in KEYS))
            self._link.close()
            self._link = None

    def _ask(self, *command: str) -> None:
        try:
            if self._link is None:
                self._link = open_link(self._url)
            ask(self._link, *command)
        except CommandRefused as error:
            raise ServerUnreachable(f"Redis refused {command[0]}: {error}") from error
        except LinkLost as error:
            self._link = None
            raise ServerUnreachable(f"Redis does not answer: {error}") from error


def flat_fields(event: Fields) -> dict[str, str]:
    """The event as an entry of a Redis stream: every value a text, `data` as JSON."""
    return {
        name: value if isinstance(value, str) else encode(value).decode()
        for name, value in event.items()
    }


def own_stream() -> str:
    """A stream nobody else uses: a demo must not mix its events with real ones, or take those."""
    return f"tasktrail_demo_{secrets.token_hex(4)}"


def reachable_redis(url: str, say: Callable[[str], None]) -> RedisSender | None:
    """A sender to that Redis, `None` with a word on why where it does not answer."""
    sender = RedisSender(url, own_stream())
    try:
        sender.ping()
    except ServerUnreachable as error:
        say(f"{error}; sending by HTTP")
        return None
    return sender
