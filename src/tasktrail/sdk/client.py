"""The client of a job: everything it says goes to an outbox first, whatever becomes of a server.

On a data root of this machine, our processes take the outbox on; for a server's address a thread of
this process sends it. No call that logs raises, waits for a network or grows without bound: what
goes wrong is counted and told once on stderr.
"""

import atexit
import hashlib
import os
import time
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from tasktrail.errors import InvalidSetting
from tasktrail.model.times import utc_text
from tasktrail.sdk.encoding import encode_any
from tasktrail.sdk.flusher import FLUSH_SECONDS, SYNC_SECONDS, Flusher
from tasktrail.sdk.outbox import Outbox
from tasktrail.sdk.task_context import TaskContext
from tasktrail.sdk.trouble import Trouble

if TYPE_CHECKING:
    from tasktrail.sdk.sender import Sender

CLOSE_SECONDS: Final = 5.0  # how long the end of a job waits for a server
OUTBOX: Final = "outbox"
SENDING: Final = "sending"  # below the user's data directory: what waits for a server
# Only these matter to a job: a mistake in a setting of the server must not stop it.
SETTINGS_READ: Final = (
    "LOGS_DIR",
    "TASKTRAIL_API_KEY",
    "TASKTRAIL_CONFIG",
    "TASKTRAIL_DATA",
    "TASKTRAIL_URL",
)


def now_micros() -> int:
    """Microseconds since the epoch, by the wall clock."""
    return time.time_ns() // 1_000


def connect(
    url: str | Path | None = None, *, buffered: bool = False, durable: bool = False
) -> "Client":
    """A client of a server (`http://…`) or of a data root (a path).

    Without `url`: TASKTRAIL_URL, else the data root of this machine. Raises InvalidSetting for an
    address or a setting that means nothing; that no server answers is no error, events wait.
    """
    # Read here, because importing tasktrail must stay cheap.
    from tasktrail.settings import load_settings  # noqa: PLC0415

    environ = {name: os.environ[name] for name in SETTINGS_READ if name in os.environ}
    settings = load_settings(environ)
    target = settings.url or settings.data if url is None else url
    if isinstance(target, str) and "://" in target:
        return _connect_to_server(target, settings.api_key, buffered=buffered, durable=durable)
    outbox_directory = Path(target).expanduser().absolute() / OUTBOX
    return Client(outbox_directory, buffered=buffered, durable=durable)


def _connect_to_server(url: str, api_key: str | None, *, buffered: bool, durable: bool) -> "Client":
    # Only who sends to a server pays for the HTTP library.
    from platformdirs import user_data_path  # noqa: PLC0415

    from tasktrail.sdk.http_line import HttpLine  # noqa: PLC0415
    from tasktrail.sdk.sender import Sender  # noqa: PLC0415

    def open_line() -> HttpLine:
        return HttpLine(url, api_key=api_key)

    open_line().close()  # raises InvalidSetting now, not in the thread
    name = hashlib.sha256(url.rstrip("/").encode()).hexdigest()[:16]
    directory = user_data_path("tasktrail") / SENDING / name

    def make_sender(outbox: Outbox, trouble: Trouble) -> Sender:
        return Sender(outbox, open_line, trouble=trouble)

    return Client(directory, buffered=buffered, durable=durable, make_sender=make_sender)


class Client:
    """One job's way to say what happens; safe from every thread, and after a fork."""

    def __init__(
        self,
        directory: Path,
        *,
        buffered: bool = False,
        durable: bool = False,
        clock: Callable[[], int] = now_micros,
        make_sender: "Callable[[Outbox, Trouble], Sender] | None" = None,
    ) -> None:
        """An outbox in that directory, and who sends it on where nobody comes to fetch it."""
        if buffered and durable:
            raise InvalidSetting("expected buffered or durable, found both")
        self._clock = clock
        self.trouble = Trouble()
        self._outbox = Outbox(
            directory, clock=clock, trouble=self.trouble, buffered=buffered, durable=durable
        )
        self._sender = make_sender(self._outbox, self.trouble) if make_sender else None
        self._flusher: Flusher | None = None
        if not durable:
            seconds = FLUSH_SECONDS if buffered else SYNC_SECONDS
            self._flusher = Flusher(self._outbox, trouble=self.trouble, seconds=seconds)
        self._outbox.wake = self._wake
        self._is_open = False
        _renew_after_fork(self)

    def _wake(self) -> None:
        """Something waits: for who writes and syncs it, and for who sends it."""
        if not self._is_open:  # from here on the end of the process closes it
            self._is_open = True
            atexit.register(self.close)
        if self._flusher is not None:
            self._flusher.wake()
        if self._sender is not None:
            self._sender.wake()

    def task(  # noqa: PLR0913 - what is known of a task, all by name
        self,
        task_id: str,
        *,
        title: str | None = None,
        source: str | None = None,
        agent: str | None = None,
        input_message: str | None = None,
        session_id: str | None = None,
        worker_id: str | None = None,
        job_id: str | None = None,
        item: str | None = None,
        execution_id: str | None = None,
        attempt: int | None = None,
    ) -> TaskContext:
        """A task; `source` says where it came from (github, jira, …).

        From `session_id` on, everything stands in every event of the task.
        """
        ids = {
            "session_id": session_id,
            "worker_id": worker_id,
            "job_id": job_id,
            "item": item,
            "execution_id": execution_id,
            "attempt": attempt,
        }
        created = {
            "title": title,
            "source": source,
            "assigned_agent": agent,
            "input_message": input_message,
        }
        return TaskContext(self.send, str(task_id), created=created, ids=ids)

    def send(
        self,
        event_type: str,
        /,
        *,
        task_id: str | None = None,
        data: Mapping[str, object] | None = None,
        **envelope: object,
    ) -> None:
        """One event; `envelope` are further fields at its top level, also a `timestamp`.

        Never raises.
        """
        try:
            event: dict[str, object] = {"type": event_type}
            if task_id is not None:
                event["task_id"] = task_id
            event["timestamp"] = utc_text(self._clock())
            event.update(envelope, type=event_type, data=data or {})
            self._outbox.append(encode_any(event), task_id=task_id)
        except Exception as error:  # noqa: BLE001 - a job is never harmed by logging
            self.trouble.lose(1, repr(error))

    @property
    def path(self) -> Path:
        """The file in which this process's events wait."""
        return self._outbox.path

    @property
    def lost(self) -> int:
        """How many events could not be kept."""
        return self.trouble.lost

    def flush(self, *, timeout_seconds: float = CLOSE_SECONDS) -> bool:
        """Whether everything is on disk here, or with the server; waits for it so long."""
        self._outbox.sync()
        return self._sender is None or self._sender.flush(timeout_seconds)

    def close(self, *, timeout_seconds: float = CLOSE_SECONDS) -> bool:
        """Whether everything is on disk here, or with the server; the next process sends the rest.

        Events told later are kept all the same.
        """
        if self._is_open:
            self._is_open = False
            atexit.unregister(self.close)
        if self._flusher is not None:
            self._flusher.close()
        self._outbox.close()
        return self._sender is None or self._sender.close(timeout_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def renew(self) -> None:
        """In a forked child: threads do not run there, connections are the parent's."""
        if self._flusher is not None:
            self._flusher.renew()
        if self._sender is not None:
            self._sender.renew()


def _renew_after_fork(client: Client) -> None:
    """A forked child's client is renewed; hooks cannot be taken back, so they hold nothing."""
    found = weakref.ref(client)

    def renew() -> None:
        ours = found()
        if ours is not None:
            ours.renew()

    os.register_at_fork(after_in_child=renew)
