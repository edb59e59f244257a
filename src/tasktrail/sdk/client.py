"""The client of a job: everything it says goes to an outbox first, whatever becomes of a server.

On a data root of this machine, our processes take the outbox on; for a server's address or a Redis
a thread of this process sends it. No call that logs raises, waits for a network or grows without
bound: what goes wrong is counted and told once on stderr.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from tasktrail.errors import InvalidSetting
from tasktrail.model.levels import RANKS, level_said
from tasktrail.sdk.current import current_task
from tasktrail.sdk.flusher import Flusher, Pace
from tasktrail.sdk.forking import renew_after_fork
from tasktrail.sdk.home import Home
from tasktrail.sdk.outbox import Outbox
from tasktrail.sdk.records import NANOS_PER_MICRO, event_record
from tasktrail.sdk.room import Room
from tasktrail.sdk.surroundings import inherited_task_id
from tasktrail.sdk.task_context import TaskContext
from tasktrail.sdk.termination import at_exit, flush_on_termination, not_at_exit
from tasktrail.sdk.trouble import Trouble
from tasktrail.sdk.voice import Mouth, Voice, known

if TYPE_CHECKING:
    from tasktrail.sdk.sender import Sender

CLOSE_SECONDS: Final = 5.0  # how long the end of a job waits for a server
OUTBOX: Final = "outbox"
# Only these matter to a job: a mistake in a setting of the server must not stop it.
SETTINGS_READ: Final = (
    "LOGS_DIR",
    "TASKTRAIL_API_KEY",
    "TASKTRAIL_CONFIG",
    "TASKTRAIL_DATA",
    "TASKTRAIL_FLUSH_EVENTS",
    "TASKTRAIL_FLUSH_SECONDS",
    "TASKTRAIL_OUTBOX_BYTES",
    "TASKTRAIL_URL",
)


def connect(
    url: str | Path | None = None,
    *,
    buffered: bool = False,
    durable: bool = False,
    level: str | None = None,
) -> "Client":
    """A client of a server (`http://…`), of a Redis (`redis://…`) or of a data root (a path).

    Without `url`: TASKTRAIL_URL, else the data root of this machine. `level` is the lowest that
    loggers keep. Raises InvalidSetting for an address or a setting that means nothing; that no
    server answers is no error, events wait.
    """
    # Read here, because importing tasktrail must stay cheap.
    from tasktrail.settings import load_settings  # noqa: PLC0415

    environ = {name: os.environ[name] for name in SETTINGS_READ if name in os.environ}
    settings = load_settings(environ)
    target = settings.url or settings.data if url is None else url
    if not str(target):
        raise InvalidSetting("url: expected http://HOST:PORT, redis://… or a path, found nothing")
    if _lacks_scheme(str(target)):
        raise InvalidSetting(f"url: expected http://{target} or a path, found {target}")
    pace = Pace(settings.flush_seconds, settings.flush_events, settings.outbox_bytes)
    if isinstance(target, str) and "://" in target:
        # Only who sends somewhere pays for the libraries.
        from tasktrail.sdk.ways import way_to  # noqa: PLC0415

        directory, make_sender = way_to(target, api_key=settings.api_key, pace=pace)
    else:
        target = str(Path(target).expanduser().absolute())
        directory, make_sender = Path(target) / OUTBOX, None
    return Client(
        directory,
        home=Home(target, buffered, durable, level, rejoin),
        pace=pace,
        make_sender=make_sender,
    )


def _lacks_scheme(target: str) -> bool:
    """Whether it reads like HOST:PORT, and no directory has that name."""
    host, _, port = target.rstrip("/").partition(":")
    return bool(host) and port.isdigit() and not Path(target).exists()


class Client:
    """One job's way to say what happens; safe from every thread, and after a fork."""

    def __init__(
        self,
        directory: Path,
        *,
        home: Home | None = None,
        pace: Pace | None = None,
        clock: Callable[[], int] | None = None,
        make_sender: "Callable[[Outbox, Trouble], Sender] | None" = None,
    ) -> None:
        """An outbox in that directory, and who sends it on where nobody comes to fetch it.

        `clock` is in microseconds since the epoch; without it, the wall clock.
        """
        self.home: Final = home or Home(str(directory.parent), False, False, None, rejoin)  # noqa: FBT003
        if self.home.buffered and self.home.durable:
            raise InvalidSetting("expected buffered or durable, found both")
        self._least = _rank(self.home.level)
        self.trouble: Final = Trouble()
        self._outbox = self._make_outbox(directory, pace or Pace(), clock)
        self._mouth = Mouth(self._outbox, self.trouble, self._outbox.nanos)
        self._sender = make_sender(self._outbox, self.trouble) if make_sender else None
        self._flusher = self._make_flusher(pace or Pace())
        self._outbox.wake = self._wake
        self._is_open = False
        renew_after_fork(self)

    def _make_outbox(self, directory: Path, pace: Pace, clock: Callable[[], int] | None) -> Outbox:
        return Outbox(
            directory,
            clock=clock or now_micros,
            nanos=time.time_ns if clock is None else None,
            trouble=self.trouble,
            buffered=self.home.buffered,
            durable=self.home.durable,
            buffered_events=pace.events,
            part_bytes=pace.part_bytes,
        )

    def _make_flusher(self, pace: Pace) -> Flusher | None:
        if self.home.durable:
            return None
        flusher = Flusher(
            self._outbox, trouble=self.trouble, seconds=pace.seconds_for(self.home.buffered)
        )
        self._outbox.nudge = flusher.hurry
        if self._sender is None:  # else the sender sees to it, whose files are locked by it
            flusher.afterwards = Room(self._outbox, pace.outbox_bytes, trouble=self.trouble).make
        return flusher

    def _wake(self) -> None:
        """Something waits: for who writes and syncs it, and for who sends it."""
        if not self._is_open:  # from here on the end of the process closes it
            at_exit(self.close)
            if self.home.buffered:
                flush_on_termination(self._outbox)
            self._is_open = True  # last: an interrupt before it makes only twice what is once
        if self._flusher is None:
            self._outbox.ask_to_be_told()  # nobody else would
        else:
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
        level: str | None = None,
        durable: bool = False,
    ) -> TaskContext:
        """A task; `source` says where it came from (github, jira, …).

        From `session_id` to `attempt`, everything stands in every event of the task. `level` is
        the lowest that its loggers keep; `durable`: every call returns when it is on disk. The
        task that this process was started as a part of is joined: its parent tells its life.
        """
        ids: dict[str, object] = {
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
        voice = self._voice(task_id, ids, level=level, durable=durable)
        is_joined = voice.task_id == inherited_task_id()
        return TaskContext(voice, self, created=None if is_joined else known(created))

    def join(self, task_id: str | None = None, **ids: object) -> TaskContext | None:
        """A task whose life somebody else tells: the named one, the current one, or the parent's.

        The parent's is what TASKTRAIL_TASK_ID names; `None` when there is no task at all.
        """
        if task_id is None:
            current = current_task()
            task_id = inherited_task_id() if current is None else current.task_id
        if task_id is None:
            return None
        voice = self._voice(task_id, ids, level=None, durable=False)
        return TaskContext(voice, self, created=None)

    def _voice(
        self, task_id: object, ids: Mapping[str, object], *, level: str | None, durable: bool
    ) -> Voice:
        try:
            least = self._least if level is None else _rank(level)
        except InvalidSetting as error:  # no exception reaches a job that is under way
            self._mouth.trouble.tell("level", str(error))
            least = self._least
        durable = durable or self.home.durable
        return Voice(self._mouth, task_id, ids=ids, least=least, durable=durable)

    def execution(
        self,
        job_id: str,
        *,
        execution_id: str | None = None,
        title: str | None = None,
        handler: str | None = None,
    ) -> AbstractContextManager[TaskContext]:
        """One execution of a scheduled job, as a task of its own, see executions.py."""
        # Only scheduled jobs pay for it.
        from tasktrail.sdk.executions import execution  # noqa: PLC0415

        return execution(self, job_id, execution_id=execution_id, title=title, handler=handler)

    def send(
        self,
        event_type: str,
        /,
        *,
        task_id: str | None = None,
        data: Mapping[str, object] | None = None,
        durable: bool = False,
        **envelope: object,
    ) -> None:
        """One event; `envelope` are further fields at its top level, also a `timestamp`.

        Never raises. `durable`: on disk when the call returns.
        """
        fields = {**envelope, "data": {} if data is None else data}
        self._mouth.say(event_type, task_id, fields, durable=durable)

    def send_encoded(self, events: Sequence[bytes], *, task_id: str) -> None:
        """Many events of one task, each ready JSON on one line; written when the call returns."""
        try:
            nanos = self._mouth.now()
            self._outbox.put_all([event_record(nanos, task_id, event) for event in events])
        except Exception as error:  # noqa: BLE001 - a job is never harmed by logging
            self.trouble.lose(len(events), repr(error))

    def environ(self) -> dict[str, str]:
        """What a child process needs in its environment to keep in the same place."""
        return self.home.environ()

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
        is_kept = self._outbox.sync(must=True)
        return (self._sender is None or self._sender.flush(timeout_seconds)) and is_kept

    def close(self, *, timeout_seconds: float = CLOSE_SECONDS) -> bool:
        """Whether everything is on disk here, or with the server; the next process sends the rest.

        Events told later are kept all the same.
        """
        if self._is_open:
            self._is_open = False
            not_at_exit(self.close)
        if self._flusher is not None:
            self._flusher.close()
        is_kept = self._outbox.close()
        if self._sender is None or self._sender.close(timeout_seconds):
            return is_kept
        waits = f"what is not taken in {timeout_seconds:g} s waits in {self._outbox.directory}"
        self.trouble.tell("away", f"{waits} for the next process")
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        """In another process it is a client of its own that keeps in the same place."""
        return client_at, (self.home,)

    def renew(self) -> None:
        """In a forked child: threads do not run there, connections are the parent's."""
        self._is_open = False
        if self._flusher is not None:
            self._flusher.renew()
        if self._sender is not None:
            self._sender.renew()


def now_micros() -> int:
    """Microseconds since the epoch, by the wall clock."""
    return time.time_ns() // NANOS_PER_MICRO


def _rank(level: object) -> int:
    if level is None:
        return 0
    name = level_said(level)
    if name is None:
        raise InvalidSetting(f"level: expected one of {', '.join(RANKS)}, found {level!r}")
    return RANKS[name]


@lru_cache(maxsize=8)  # one outbox for everything that came to this process from one home
def client_at(home: Home) -> Client:
    """The client of this process that keeps where and as that one did."""
    return connect(home.target, buffered=home.buffered, durable=home.durable, level=home.level)


def rejoin(home: Home, task_id: str, ids: Mapping[str, object]) -> TaskContext | None:
    """A task that came from another process, joined here."""
    return client_at(home).join(task_id, **ids)
