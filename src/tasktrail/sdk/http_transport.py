"""Events to a server of ours: many in a request, and what its answer says of each."""

from collections.abc import Sequence
from typing import Final

import msgspec

from tasktrail.errors import ServerUnreachable
from tasktrail.model.frame import Frame
from tasktrail.sdk.http_line import Answer, HttpLine
from tasktrail.sdk.transport import Away, Refused, identified

LONGEST_SAID_SECONDS: Final = 30.0
PATH: Final = "/api/events"
NDJSON: Final = "application/x-ndjson"
# These say nothing about the event: the key, the address or the moment is wrong.
TRY_AGAIN: Final = frozenset({401, 403, 404, 405, 407, 408, 421, 425, 429})
CLIENT_ERRORS: Final = range(400, 500)
SUCCESS: Final = range(200, 300)


class Rejected(msgspec.Struct, frozen=True):
    """An event of a request that the server refused."""

    index: int
    reason: str


class Receipt(msgspec.Struct, frozen=True):
    """The server's answer to a request with events."""

    rejected: tuple[Rejected, ...] = ()


_RECEIPT: Final = msgspec.json.Decoder(Receipt)


class HttpTransport:
    """Sends events to one server."""

    def __init__(self, url: str, *, api_key: str | None) -> None:
        """Raises InvalidSetting for an address that is none."""
        self._line = HttpLine(url, api_key=api_key)

    def send(self, frames: Sequence[Frame]) -> list[Refused]:
        """See Transport."""
        answer = self._post(frames)
        if answer.status in SUCCESS:
            return self._rejected(frames, answer.body)
        if answer.status not in CLIENT_ERRORS or answer.status in TRY_AGAIN:
            raise Away(
                f"{self._line.url} answered {answer.status}",
                retry_after_seconds=_retry_after(answer),
            )
        if len(frames) > 1:  # one of them is to blame
            return [refused for one in frames for refused in self.send([one])]
        return [Refused(frames[0], f"{answer.status}: {answer.body[:500]!r}")]

    def _post(self, frames: Sequence[Frame]) -> Answer:
        body = b"\n".join(map(identified, frames)) + b"\n"
        try:
            return self._line.ask("POST", PATH, body=body, content_type=NDJSON)
        except ServerUnreachable as error:
            raise Away(str(error)) from error

    def _rejected(self, frames: Sequence[Frame], body: bytes) -> list[Refused]:
        try:
            rejected = _RECEIPT.decode(body).rejected
        except msgspec.DecodeError as error:
            raise Away(f"{self._line.url} gave no receipt: {body[:100]!r}") from error
        known = range(len(frames))
        return [Refused(frames[one.index], one.reason) for one in rejected if one.index in known]

    def close(self) -> None:
        """See Transport."""
        self._line.close()


def _retry_after(answer: Answer) -> float | None:
    said = answer.retry_after or ""
    return min(float(said), LONGEST_SAID_SECONDS) if said.isdigit() else None
