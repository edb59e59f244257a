"""The pump of one Redis stream: holds its lock, its connection and its patience.

One pump per stream works, by a lock on the data volume; others stand by. An absent Redis, a foreign
reader of the group or a full disk is said once, shown in the status and tried again, for ever.
Nothing is sent twice over one connection: redis-py's own retries stay off, because a read that was
sent again after a lost reply leaves its first entries pending and hands out later ones before them.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from tasktrail.errors import ForeignConsumer, InvalidSetting, StorageFailed, TasktrailError
from tasktrail.ingest.pump_state import START, parse_id, read_pump_state
from tasktrail.ingest.pump_status import (
    REPORT_SECONDS,
    PumpReport,
    PumpStatus,
    PumpWord,
    read_report,
    seen_from_beside,
    write_report,
)
from tasktrail.ingest.redis_pump_group import StreamGroup
from tasktrail.ingest.redis_pump_link import Command, CommandRefused, Link, LinkLost, Reply
from tasktrail.ingest.redis_pump_work import PumpPlan, PumpWork, StreamReplaced
from tasktrail.ingest.spool_writer import SpoolWriter
from tasktrail.model.ids import directory_name
from tasktrail.model.times import MICROSECONDS
from tasktrail.setting_values import MIB, without_password
from tasktrail.store.layout import Layout
from tasktrail.store.locks import FileLock
from tasktrail.store.root import read_root

BLOCK_MS: Final = 500  # how long a read waits for the first entry, and a stop for the pump
STANDBY_SECONDS: Final = 0.25
FIRST_WAIT_SECONDS: Final = 0.05
LONGEST_WAIT_SECONDS: Final = 5.0
REPLY_SECONDS: Final = 15.0  # beyond BLOCK_MS: a connection that is silent for so long is dead
CONNECT_SECONDS: Final = 5.0
CLIENT_NAME: Final = "tasktrail-pump"  # as CLIENT LIST shows it
READ_BYTES: Final = 1 << 16
FOREIGN_IDLE_SECONDS: Final = 15.0  # three times the longest wait that readers usually have
RESP: Final = 2  # measured level with RESP3, and every Redis speaks it

log = logging.getLogger(__name__)


class RedisPump:
    """One stream of one Redis, on its way into the spool.

    One thread pumps; any thread may ask for the status.
    """

    def __init__(  # noqa: PLR0913 - the interface of the room: what a pump is told, all by name
        self,
        layout: Layout,
        spool: SpoolWriter,
        *,
        url: str,
        stream: str,
        group: str,
        trim: str,
        batch: int,
        clock: Callable[[], int],
        max_event_bytes: int = 128 * MIB,
        foreign_idle_seconds: float = FOREIGN_IDLE_SECONDS,
    ) -> None:
        name = directory_name(stream)
        self._plan = PumpPlan(
            layout=layout,
            spool=spool,
            volume_id=read_root(layout).volume_id,
            state_path=layout.pumps / f"{name}.json",
            door_name=f"redis-{name}",
            batch=batch,
            max_event_bytes=max_event_bytes,
            foreign_idle_seconds=foreign_idle_seconds,
            is_trimming=trim == "acked",
            clock=clock,
        )
        self._url = url
        self._stream = stream
        self._group = group
        self._lock = FileLock(layout.pumps / f"{name}.lock")
        self._work: PumpWork | None = None
        self._was_all_read = False
        self._wait_seconds = 0.0
        self._word: PumpWord = "stopped"
        self._reason: str | None = None
        self._caught_up_at = 0
        self._report_path = layout.pumps / f"{name}.status.json"
        self._reported: tuple[float, PumpWord] = (float("-inf"), "stopped")

    def run(self, stop: threading.Event) -> None:
        """Pump until told to stop, whatever happens to Redis and to the disk."""
        try:
            while not stop.is_set():
                try:
                    self.pump_once(BLOCK_MS)
                except Exception as error:
                    log.exception("the pump of %s failed", self._stream)
                    self._fail("away", repr(error))
                self._report()
                if self._wait_seconds:
                    stop.wait(self._wait_seconds)
        finally:
            self.close()

    def pump_once(self, block_ms: int = 0) -> int:
        """How many entries were moved; waits so long for the first. Trouble: 0, see the status."""
        if not self._lock.acquire():
            self._say("standby", "another process pumps this stream")
            self._wait_seconds = STANDBY_SECONDS
            return 0
        moved = self._guarded(lambda work: work.step(block_ms))
        return moved or 0

    def _guarded(self, act: Callable[[PumpWork], int]) -> int | None:
        """What the work on a sound connection comes to; `None` for trouble, which is shown."""
        try:
            work = self._attached()
            moved = act(work)
        except ForeignConsumer as error:
            self._fail("refused", str(error))
        except LinkLost as error:
            self._fail("away", f"{without_password(self._url)}: {error}")
        except (CommandRefused, StreamReplaced) as error:
            self._fail("away", f"Redis answered: {error}", is_live=True)
        except (TasktrailError, OSError) as error:
            self._fail("blocked", str(error))
        else:
            if work.depth == 0:
                self._caught_up_at = self._plan.clock()
            self._wait_seconds = 0.0
            self._say("connected", None)
            return moved
        return None

    def _attached(self) -> PumpWork:
        """The work on a connection that has not yet failed."""
        if self._work is None:
            link = open_link(self._url)
            try:
                group = StreamGroup(link, stream=self._stream, group=self._group)
                self._work = PumpWork(self._plan, group, was_all_read=self._was_all_read)
            except BaseException:
                link.close()
                raise
            self._was_all_read = False
        return self._work

    def _fail(self, word: PumpWord, reason: str, *, is_live: bool = False) -> None:
        """Let go of the connection: the next one begins with what is pending.

        `is_live`: the connection itself did not break, so nothing of Redis's life was missed.
        """
        if self._work is not None:
            self._was_all_read = is_live and self._work.is_all_read
            self._work.close()
            self._work = None
        longer = max(FIRST_WAIT_SECONDS, 2 * self._wait_seconds)
        self._wait_seconds = min(longer, LONGEST_WAIT_SECONDS)
        self._say(word, reason)

    def _say(self, word: PumpWord, reason: str | None) -> None:
        """Tell a change once, not every time it is found again."""
        if word != self._word:
            level = logging.INFO if word in {"connected", "standby"} else logging.WARNING
            log.log(level, "pump of %s %s%s", self._stream, word, f": {reason}" if reason else "")
        self._word, self._reason = word, reason

    def _report(self) -> None:
        """Tell the processes that stand by; what cannot be written costs only their knowledge."""
        said_at, word = self._reported
        now = time.monotonic()
        if not self._lock.held or (self._word == word and now - said_at < REPORT_SECONDS):
            return
        self._reported = (now, self._word)
        with suppress(StorageFailed):
            report = PumpReport(self._plan.clock(), os.getpid(), self.status())
            write_report(self._report_path, report)

    def drain(self) -> int:
        """How many entries were moved: what the stream held when this was called, at least.

        For commands without a service: where another process pumps, or Redis is away, it is 0.
        """
        total = 0
        try:
            while moved := self.pump_once():
                total += moved
                if self._has_what_there_was():
                    break
            if self._work is not None:
                total += self._guarded(lambda work: work.finish()) or 0
        finally:
            self.close()
        return total

    def _has_what_there_was(self) -> bool:
        """Whether everything is moved that the stream held when this connection began."""
        work = self._work
        return work is None or parse_id(work.state.last_id) >= parse_id(work.target_id)

    def close(self) -> None:
        """Connection and lock are free; what was not acknowledged stays pending."""
        if self._work is not None:
            self._work.close()
            self._work = None
        if self._lock.held:
            with suppress(OSError):  # nobody pumps now: an old report would look like a stuck owner
                self._report_path.unlink(missing_ok=True)
        self._lock.release()

    def status(self) -> PumpStatus:
        """How the pump is doing now."""
        work, plan = self._work, self._plan
        state = read_pump_state(plan.state_path) if work is None else work.state
        depth = work.depth if work else None
        own = PumpStatus(
            stream=self._stream,
            state=self._word,
            reason=self._reason,
            depth=depth,
            lag_seconds=self._lag_seconds(depth, state.last_id if state else START),
            gaps=state.gaps if state else 0,
            dead=state.dead if state else 0,
            dead_in_a_row=state.dead_in_a_row if state else 0,
        )
        if self._word != "standby":
            return own
        return seen_from_beside(own, read_report(self._report_path), plan.clock())

    def _lag_seconds(self, depth: int | None, last_id: str) -> float | None:
        """At most so old is what waits: it came after the last entry, and after we had them all."""
        if not depth:
            return None if depth is None else 0.0
        since = max(parse_id(last_id)[0] * 1_000, self._caught_up_at)
        return max(0.0, (self._plan.clock() - since) / MICROSECONDS) if since else None


def open_link(url: str) -> Link:
    """A connection to that Redis; raises LinkLost, or InvalidSetting without the library."""
    try:
        # Only who says REDIS_URL needs the library.
        from redis import RedisError, ResponseError  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.connection import Connection, parse_url  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415
    except ImportError as error:
        reason = "REDIS_URL: expected the redis library, found none; pip install 'tasktrail[redis]'"
        raise InvalidSetting(reason) from error
    told = parse_url(url)  # type: ignore[no-untyped-call]
    kind = told.pop("connection_class", Connection)
    chosen = told | {
        "decode_responses": False,
        "protocol": RESP,
        "retry": Retry(NoBackoff(), 0),
        "retry_on_error": [],
        "health_check_interval": 0,
        "socket_connect_timeout": CONNECT_SECONDS,
        "socket_timeout": REPLY_SECONDS,
        "socket_read_size": READ_BYTES,
        "client_name": CLIENT_NAME,
    }
    return _Connection(kind(**chosen), lost=RedisError, refused=ResponseError)


class _Connection:
    """A link over one connection of redis-py, which is never opened a second time."""

    def __init__(
        self,
        connection: Any,  # noqa: ANN401 - the library is not always there
        *,
        lost: type[Exception],
        refused: type[Exception],
    ) -> None:
        self._connection = connection
        self._lost = lost
        self._refused = refused
        self._is_open = False
        try:
            connection.connect()
        except (lost, OSError) as error:
            raise LinkLost(str(error)) from error
        self._is_open = True

    def send(self, *commands: Command) -> list[Reply | CommandRefused]:
        if not self._is_open:
            raise LinkLost("the connection was closed")
        connection = self._connection
        try:
            connection.send_packed_command(connection.pack_commands(commands), check_health=False)
            return [self._receive() for _ in commands]
        except (self._lost, OSError) as error:
            self.close()
            raise LinkLost(str(error)) from error

    def _receive(self) -> Reply | CommandRefused:
        try:
            return self._connection.read_response()
        except self._refused as error:
            return CommandRefused(str(error))

    def close(self) -> None:
        self._is_open = False
        self._connection.disconnect()
