"""Where imported events go: into the spool of this machine's root, or to a server over HTTP.

`put` returns when the events are on disk there, however long there was no room: an import is never
refused, it waits. What can never be taken is given back with its reason.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol

import msgspec
from msgspec import Struct

from tasktrail.errors import Overloaded, ServerUnreachable, TasktrailError
from tasktrail.formats.translator import Translated
from tasktrail.ingest.spool_writer import SpoolWriter
from tasktrail.model.acceptance import Accepted
from tasktrail.model.redaction import redact
from tasktrail.sdk.http_line import HttpLine

EVENTS_PER_REQUEST: Final = 500
BYTES_PER_REQUEST: Final = 4 << 20
LONGEST_WAIT_SECONDS: Final = 30.0
TRY_AGAIN: Final = frozenset({408, 425, 429, 503})
SUCCESS: Final = range(200, 300)
PATH: Final = "/api/events"
NDJSON: Final = "application/x-ndjson"

Sleep = Callable[[float], None]
Told = Callable[[str], None]


class Refused(NamedTuple):
    """An event that cannot be recorded, whatever is tried."""

    identity: str
    reason: str


class Sink(Protocol):
    """Where events go."""

    def put(self, events: Sequence[Translated]) -> list[Refused]:
        """What was refused; all else is on disk."""
        ...


class SpoolSink:
    """The spool of a root on this machine."""

    def __init__(
        self,
        spool: SpoolWriter,
        *,
        max_event_bytes: int,
        make_room: Callable[[], None] | None = None,
        told: Told = lambda _: None,
        sleep: Sleep = time.sleep,
    ) -> None:
        """`make_room` records what waits, where nobody else does."""
        self._spool = spool
        self._max_event_bytes = max_event_bytes
        self._make_room = make_room
        self._told = told
        self._sleep = sleep

    def put(self, events: Sequence[Translated]) -> list[Refused]:
        """What was refused; all else is in the spool, synced."""
        most = self._max_event_bytes
        fine = [  # each names its identity itself
            Accepted(redact(one.blob), None, one.key) for one in events if len(one.blob) <= most
        ]
        while fine:
            try:
                self._spool.append(fine)
                break
            except Overloaded as error:
                self._told(f"waiting for room: {error}")
                if self._make_room is not None:
                    self._make_room()
                self._sleep(error.retry_after_seconds)
        if len(fine) == len(events):
            return []
        return [
            Refused(one.identity, f"expected at most {most} bytes, found {len(one.blob)}")
            for one in events
            if len(one.blob) > most
        ]


class _Rejected(Struct, frozen=True):
    index: int
    reason: str


class _Receipt(Struct, frozen=True):
    rejected: tuple[_Rejected, ...] = ()


_RECEIPT: Final = msgspec.json.Decoder(_Receipt)


class HttpSink:
    """A server of ours."""

    def __init__(
        self, line: HttpLine, *, told: Told = lambda _: None, sleep: Sleep = time.sleep
    ) -> None:
        self._line = line
        self._told = told
        self._sleep = sleep

    def put(self, events: Sequence[Translated]) -> list[Refused]:
        """What the server refused; all else it has on disk. Raises ServerUnreachable."""
        refused: list[Refused] = []
        for part in _requests(events):
            refused += self._post(part)
        return refused

    def _post(self, events: Sequence[Translated]) -> list[Refused]:
        body = b"\n".join(one.blob for one in events) + b"\n"
        while True:
            answer = self._line.ask("POST", PATH, body=body, content_type=NDJSON)
            if answer.status in SUCCESS:
                rejected = _receipt(answer.body).rejected
                return [Refused(events[one.index].identity, one.reason) for one in rejected]
            if answer.status not in TRY_AGAIN:
                break
            self._told(f"waiting for room: {self._line.url} answered {answer.status}")
            self._sleep(_retry_after(answer.retry_after))
        if answer.status in {400, 413} and len(events) > 1:  # one of them is to blame
            return [refused for one in events for refused in self._post([one])]
        reason = f"{self._line.url} answered {answer.status}: {answer.body[:300]!r}"
        if answer.status in {400, 413}:
            return [Refused(events[0].identity, reason)]
        raise TasktrailError(reason)


def _requests(events: Sequence[Translated]) -> list[list[Translated]]:
    """The events in parts that a server takes at once."""
    parts: list[list[Translated]] = [[]]
    size = 0
    for one in events:
        if parts[-1] and (
            len(parts[-1]) >= EVENTS_PER_REQUEST or size + len(one.blob) > BYTES_PER_REQUEST
        ):
            parts.append([])
            size = 0
        parts[-1].append(one)
        size += len(one.blob)
    return parts if parts[0] else []


def _receipt(body: bytes) -> _Receipt:
    try:
        return _RECEIPT.decode(body)
    except msgspec.DecodeError as error:
        raise ServerUnreachable(f"expected a receipt, found {body[:100]!r}") from error


def _retry_after(said: str | None) -> float:
    return min(float(said), LONGEST_WAIT_SECONDS) if said and said.isdigit() else 1.0
