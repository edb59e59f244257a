"""The doors through which a producer sends numbered events, as a client of each would.

`send` returns once the batch is accepted. NotAccepted: it was refused, or nobody knows; whoever can
name its events sends them again.
"""

import http.client
import json
import random
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

import tasktrail
from tasktrail.ingest.redis_pump import open_link
from tasktrail.ingest.redis_pump_link import Command, CommandRefused, Link, LinkLost

ANSWER_SECONDS: Final = 15.0
VANISH_CHANCE: Final = 0.03  # a client that hangs up in the middle of its request, or after it
ACCEPTED: Final = 202

Event = dict[str, object]


class NotAccepted(Exception):
    """The batch was refused, or its answer never came."""


class Door(Protocol):
    """One way in."""

    def send(self, events: Sequence[Event]) -> list[str]:
        """The Redis ids of the accepted entries, if it is that door; raises NotAccepted."""

    def close(self) -> None:
        """The connection is closed."""


class RedisDoor:
    """XADD of flat fields, or of several events packed into one entry."""

    def __init__(self, url: str, stream: str, *, is_packed: bool) -> None:
        self._url = url
        self._stream = stream
        self._is_packed = is_packed
        self._link: Link | None = None

    def send(self, events: Sequence[Event]) -> list[str]:
        """The ids of the entries."""
        try:
            if self._link is None:
                self._link = open_link(self._url)
            replies = self._link.send(*self._commands(events))
        except LinkLost as error:
            self.close()
            raise NotAccepted(str(error)) from error
        ids: list[str] = []
        for reply in replies:
            if isinstance(reply, CommandRefused):
                raise NotAccepted(str(reply))
            ids.append(bytes(reply).decode())
        return ids

    def _commands(self, events: Sequence[Event]) -> Iterator[Command]:
        add = ("XADD", self._stream, "*")
        if self._is_packed:
            yield (*add, "events", "\n".join(map(json.dumps, events)))
            return
        for event in events:
            texts = {name: _field(value) for name, value in event.items()}
            yield (*add, *(part for pair in texts.items() for part in pair))

    def close(self) -> None:
        """The connection is closed; the next batch opens another."""
        if self._link is not None:
            self._link.close()
            self._link = None


def _field(value: object) -> str:
    return json.dumps(value) if isinstance(value, dict) else str(value)


class HttpDoor:
    """POST /api/events with NDJSON, on one connection; sometimes it hangs up."""

    def __init__(self, url: str, dice: random.Random) -> None:
        self._address = urlsplit(url).netloc
        self._dice = dice
        self._connection: http.client.HTTPConnection | None = None

    def send(self, events: Sequence[Event]) -> list[str]:
        """Nothing, after the 202."""
        body = "\n".join(map(json.dumps, events)).encode()
        try:
            self._vanish_by_chance(body)
            status, answer = self._post(body)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise NotAccepted(repr(error)) from error
        if status != ACCEPTED or json.loads(answer)["rejected"]:
            raise NotAccepted(f"{status} {answer[:200]!r}")
        return []

    def _post(self, body: bytes) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(self._address, timeout=ANSWER_SECONDS)
        headers = {"Content-Type": "application/x-ndjson"}
        self._connection.request("POST", "/api/events", body, headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def _vanish_by_chance(self, body: bytes) -> None:
        """A client that is gone before it has sent everything, or before it was answered."""
        if self._dice.random() >= VANISH_CHANCE:
            return
        host, _, port = self._address.partition(":")
        head = (
            f"POST /api/events HTTP/1.1\r\nHost: {self._address}\r\n"
            f"Content-Type: application/x-ndjson\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        whole = head.encode() + body
        end = self._dice.choice([len(whole), self._dice.randrange(1, len(whole))])
        with socket.create_connection((host, int(port)), timeout=ANSWER_SECONDS) as one:
            one.sendall(whole[:end])
        raise ConnectionError("the client vanished")

    def close(self) -> None:
        """The connection is closed; the next batch opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class SdkDoor:
    """The SDK on the data root: write-through or durable."""

    def __init__(self, root: Path, *, is_durable: bool) -> None:
        self._client = tasktrail.connect(root, durable=is_durable)

    def send(self, events: Sequence[Event]) -> list[str]:
        """Nothing, once each call has returned."""
        lost = self._client.lost
        for event in events:
            said = dict(event)
            event_type, data = str(said.pop("type")), said.pop("data")
            task_id = str(said.pop("task_id"))
            level, stage = str(said["level"]), str(said["stage"])
            self._client.send(
                event_type,
                task_id=task_id,
                data=data if isinstance(data, dict) else {},
                level=level,
                stage=stage,
            )
        if self._client.lost > lost:
            raise NotAccepted(f"the SDK counted {self._client.lost - lost} lost events")
        return []

    def close(self) -> None:
        """The outbox is synced and free."""
        self._client.close()
