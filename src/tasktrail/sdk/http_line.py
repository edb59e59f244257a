"""One HTTP connection to a server of ours: a request, its answer, and nothing about what they mean.

A connection that the server has meanwhile closed is opened once more: what we send may arrive twice
without harm. Everything else that goes wrong is ServerUnreachable.
"""

import http.client
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from tasktrail.errors import InvalidSetting, ServerTimeout, ServerUnreachable

OK: Final = 200
SECONDS: Final = 10.0  # without an answer, a connection is given up
DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Answer(NamedTuple):
    """What the server said."""

    status: int
    retry_after: str | None
    body: bytes


class Refused(Exception):
    """The server said something else than was asked for."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class HttpLine:
    """Requests to one server, one after the other."""

    def __init__(
        self, url: str, *, api_key: str | None, keeps_open: bool = True, seconds: float = SECONDS
    ) -> None:
        """Raises InvalidSetting for an address that is none.

        `keeps_open`: the connection serves the next request too, and somebody calls `close`.
        `seconds`: how long an answer is waited for.
        """
        self.url = url.rstrip("/")
        try:
            parts = urlsplit(self.url)
            port = parts.port
        except ValueError as error:
            raise InvalidSetting(f"expected http://HOST:PORT, found {url!r}") from error
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            raise InvalidSetting(f"expected http://HOST:PORT, found {url!r}")
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._connection = kind(
            parts.hostname, port or DEFAULT_PORTS[parts.scheme], timeout=seconds
        )
        self._seconds = seconds
        self._base = parts.path
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._keeps_open = keeps_open
        self._is_used = False

    def ask(
        self, method: str, path: str, *, body: bytes | None = None, content_type: str | None = None
    ) -> Answer:
        """The answer, whatever its status; raises ServerUnreachable."""
        headers = dict(self._headers)
        if content_type is not None:
            headers["Content-Type"] = content_type
        try:
            return self._ask(method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            was_used, failed = self._is_used, self._unreachable(error)
            self.close()
            if not was_used or isinstance(error, TimeoutError):
                raise failed from error
        try:
            return self._ask(method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            failed = self._unreachable(error)
            self.close()
            raise failed from error

    def lines(self, method: str, path: str) -> Iterator[bytes]:
        """The lines of a long answer as they come; raises Refused or ServerUnreachable.

        Leaving off closes the connection.
        """
        try:
            self._connection.request(method, self._base + path, headers=dict(self._headers))
            reply = self._connection.getresponse()
            if reply.status != OK:
                raise Refused(Answer(reply.status, reply.getheader("Retry-After"), reply.read()))
            yield from reply
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from error
        finally:
            self.close()

    def _ask(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        self._connection.request(method, self._base + path, body, headers)
        reply = self._connection.getresponse()
        answer = Answer(reply.status, reply.getheader("Retry-After"), reply.read())
        if self._keeps_open:
            self._is_used = True
        else:
            self._connection.close()
        return answer

    def _unreachable(self, error: Exception) -> ServerUnreachable:
        if isinstance(error, TimeoutError) and self._connection.sock is not None:
            return ServerTimeout(
                f"expected an answer of {self.url} within {self._seconds:g} s, it takes longer"
            )
        return ServerUnreachable(
            f"no server answers at {self.url}: {error or type(error).__name__}"
        )

    def close(self) -> None:
        """The connection is closed; the next request opens a new one."""
        self._connection.close()
        self._is_used = False
