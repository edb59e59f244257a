"""Entries as a server's follow socket tells them, gone on with after every loss.

The place is the last `seq` (or, of all tasks, the last cursor) that was shown, so a connection that
breaks costs nothing: the next one asks for what came after. `quiet` batches come between, so that
whoever reads can look after other things.
"""

from collections.abc import Generator, Iterator, Sequence
from typing import Final, NamedTuple
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Raw, Struct
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tasktrail.cli.connect import Answer
from tasktrail.errors import InvalidFilter, ServerUnreachable, TaskNotFound, TasktrailError
from tasktrail.model.filters import EntryFilter, without_place
from tasktrail.sdk.remote_reader import params_of, rows_in

UNKNOWN_TASK: Final = 4004
UNAUTHORIZED: Final = 401
QUIET_SECONDS: Final = 0.2  # how soon it is noticed that nobody reads our output
SILENCE_SECONDS: Final = 40.0  # a server says something every 15 to 20
OPEN_SECONDS: Final = 10.0


class Told(NamedTuple):
    """What came: entries, how many of those that are there cannot be read, whether that is all."""

    rows: Sequence[Answer] = ()
    unreadable: int = 0
    is_all: bool = False  # nothing more is there for now


class _Message(Struct):
    type: str = ""
    logs: Raw = Raw(b"[]")
    cursor: str | None = None
    head: int | None = None
    code: str = ""
    detail: str = ""
    first: int | None = msgspec.field(name="from", default=None)
    to: int | None = None


_MESSAGE: Final = msgspec.json.Decoder(_Message)


class SocketTail:
    """A place on a server: in one task's log behind a seq, or in all of them behind a cursor."""

    def __init__(
        self,
        url: str,
        wanted: EntryFilter,
        *,
        api_key: str | None,
        task_id: str | None = None,
        after_seq: int | None = None,
    ) -> None:
        self._wanted = without_place(wanted)
        self._url = url
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._task_id = task_id
        self._after_seq = after_seq
        self._cursor: str | None = None

    def batches(self) -> Generator[Told]:
        """What comes, until the connection is lost: then ServerUnreachable.

        Raises TaskNotFound, InvalidFilter, or TasktrailError for a refused key, where trying again
        is no use.
        """
        try:
            with self._connected() as connection:
                yield from self._told(connection)
        except InvalidStatus as error:
            status = error.response.status_code
            if status == UNAUTHORIZED:
                reason = f"TASKTRAIL_API_KEY: expected the key of {self._url}"
                raise TasktrailError(reason) from error
            raise ServerUnreachable(f"{self._url} answered {status}") from error
        except ConnectionClosed as error:
            raise self._closed(error) from error
        except (OSError, InvalidHandshake, TimeoutError) as error:
            raise ServerUnreachable(f"no server answers at {self._url}: {error}") from error

    def _connected(self) -> ClientConnection:
        address = f"ws{self._url.removeprefix('http')}/ws/logs"
        if self._task_id is not None:
            address += f"/{quote(self._task_id, safe='')}"
        return connect(
            f"{address}?{urlencode(self._params())}",
            additional_headers=self._headers,
            compression=None,
            max_size=None,  # an entry is as long as it is
            open_timeout=OPEN_SECONDS,
            close_timeout=1,
            ping_interval=None,  # the server pings, and its silence is noticed below
            proxy=None,
        )

    def _params(self) -> list[tuple[str, str | int]]:
        place = {"after_seq": self._after_seq, "cursor": self._cursor}
        return [*params_of(self._wanted), *((k, v) for k, v in place.items() if v is not None)]

    def _told(self, connection: ClientConnection) -> Iterator[Told]:
        silence = 0.0
        while silence < SILENCE_SECONDS:
            try:
                text = connection.recv(timeout=QUIET_SECONDS, decode=False)
            except TimeoutError:
                silence += QUIET_SECONDS
                yield Told(is_all=True)
                continue
            silence = 0.0
            yield self._heard(_MESSAGE.decode(text))
        raise ServerUnreachable(f"{self._url} has been silent for {SILENCE_SECONDS:.0f} s")

    def _heard(self, message: _Message) -> Told:
        """What a message means, and where that leaves the place."""
        if self._task_id is None and message.cursor is not None:
            self._cursor = message.cursor
        match message.type:
            case "hello" if self._task_id is not None and self._after_seq is None:
                self._after_seq = message.head
            case "batch":
                rows = rows_in(message.logs)
                if self._task_id is not None:
                    self._after_seq = message.to
                return Told(rows)
            case "gap":
                first, last = message.first or 0, message.to or 0
                return Told(unreadable=max(1, last - first + 1))
            case "head":
                return Told(is_all=self._task_id is not None)
            case "error" if message.code.startswith("invalid_"):
                raise InvalidFilter(message.detail)
        return Told()

    def _closed(self, error: ConnectionClosed) -> Exception:
        code = error.rcvd.code if error.rcvd else None
        if code == UNKNOWN_TASK:
            return TaskNotFound(f"expected a task {self._task_id!r}, the server knows none")
        return ServerUnreachable(f"{self._url} ended the connection")
