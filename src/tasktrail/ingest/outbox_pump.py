"""The pump of the outboxes: what jobs on this machine wrote down, on its way into the spool.

All files side by side, each one's frames in their order, with the identity and the time that the
job gave them. How far each file came is remembered after the spool has it; a crash in between makes
only duplicates, which their identities tell. One process pumps at a time, by a lock; the others
stand by.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from msgspec import Struct

from tasktrail.errors import EventTooLarge, InvalidEvent, TasktrailError
from tasktrail.ingest.spool_writer import SpoolWriter
from tasktrail.model.acceptance import Accepted, prepare_all
from tasktrail.model.codec import encode
from tasktrail.model.frame import Frame
from tasktrail.model.ids import OWN_SESSION
from tasktrail.sdk.outbox_files import (
    OutboxFile,
    Waiting,
    is_taken,
    list_outboxes,
    sizes_of,
)
from tasktrail.sdk.outbox_order import Round, Taken
from tasktrail.store.dead_letters import DeadLetter, append_dead, raw_text
from tasktrail.store.layout import Layout
from tasktrail.store.locks import FileLock

LOCK_NAME: Final = "pump.lock"
DOOR_NAME: Final = "outbox"  # of the journal of dead letters
POLL_SECONDS: Final = 0.03  # how soon an event of a job is seen
STANDBY_SECONDS: Final = 0.5
REMEMBER_SECONDS: Final = 0.5  # of a busy file; the rest is told again after a crash
OTHER_POLL_SECONDS: Final = 0.01
RETRY_SECONDS: Final = 1.0
EVENTS_PER_APPEND: Final = 1_000
BYTES_PER_READ: Final = 1 << 20  # of one outbox; a longer event is read alone
MAX_OPEN_FILES: Final = 256  # beyond it quiet ones are opened anew each time
log = logging.getLogger(__name__)


class OutboxStatus(Struct, frozen=True):
    """How the outboxes are doing."""

    state: str  # working | standby | blocked | stopped
    reason: str | None
    files: int
    waiting_bytes: int
    damaged: int  # frames skipped since this pump was made
    dead: int


class OutboxPump:
    """All outboxes of one data root. One thread pumps; any thread may ask for the status."""

    def __init__(
        self,
        layout: Layout,
        spool: SpoolWriter,
        clock: Callable[[], int],
        *,
        max_event_bytes: int | None = None,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self._layout = layout
        self._spool = spool
        self._clock = clock
        self._max_event_bytes = max_event_bytes
        self._retry_seconds = retry_seconds
        self.lock = FileLock(layout.outbox / LOCK_NAME)
        self._files: dict[Path, OutboxFile] = {}
        self._unreadable: set[Path] = set()
        self._damaged = 0
        self._dead = 0
        self._state = "stopped"
        self._reason: str | None = None

    def run(self, stop: threading.Event) -> None:
        """Pump until told to stop, whatever the disk does."""
        wait = 0.0
        try:
            while not stop.wait(wait):
                wait = self._try_once()
        finally:
            self.close()

    def _try_once(self) -> float:
        """How long to wait before the next time."""
        try:
            if not self.lock.acquire():
                self._say("standby", "another process pumps the outboxes")
                return STANDBY_SECONDS
            moved = self.pump_once()
        except (TasktrailError, OSError) as error:
            self._say("blocked", str(error))
            return self._retry_seconds
        except Exception as error:
            log.exception("the pump of the outboxes failed")
            self._say("blocked", repr(error))
            return self._retry_seconds
        self._say("working", None)
        return 0.0 if moved else POLL_SECONDS

    def _say(self, state: str, reason: str | None) -> None:
        """Tell a change once."""
        if state == "blocked" and state != self._state:
            log.warning("pump of the outboxes blocked: %s", reason)
        self._state, self._reason = state, reason

    def drain(self, *, timeout_seconds: float = 0) -> int:
        """How many events were moved: at least all that waited when this was called.

        Where another process pumps it is 0, and that process is given so long to take what waits.
        """
        waiting = sizes_of(self._layout.outbox)
        if not self.lock.acquire() and not self._is_taken_by_other(waiting, timeout_seconds):
            return 0
        total = 0
        try:
            while moved := self.pump_once():
                total += moved
                if all(self._has_reached(path, size) for path, size in waiting.items()):
                    break  # a busy process says more and more
        finally:
            self.close()
        return total

    def _has_reached(self, path: Path, size: int) -> bool:
        """Whether that much of the file is moved, or nobody can read it."""
        file = self._files.get(path)
        if file is None:
            return path in self._unreadable or is_taken(path, size)
        return file.offset >= size

    def _is_taken_by_other(self, waiting: dict[Path, int], timeout_seconds: float) -> bool:
        """Whether the lock became ours; else the other process has taken what waited, or is stuck.

        It forgets a file only when all of it is in the spool, and remembers how far it came when a
        file has nothing new.
        """
        deadline = time.monotonic() + timeout_seconds
        while waiting:
            if self.lock.acquire(OTHER_POLL_SECONDS):
                return True
            waiting = {path: size for path, size in waiting.items() if not is_taken(path, size)}
            if time.monotonic() > deadline:
                if timeout_seconds:  # else nobody waited for it
                    log.warning(
                        "another process reads the outboxes: the newest events may be missing"
                    )
                break
        return False

    def pump_once(self) -> int:
        """How many events were moved; raises what the disk says.

        What waits goes in the order of its times, whichever process said it, see outbox_order.py.

        The lock must be held, or nobody else may pump.
        """
        moved = 0
        paths = list_outboxes(self._layout.outbox)
        one_round = Round(
            paths, self._opened, max_events=EVENTS_PER_APPEND, max_bytes=BYTES_PER_READ
        )
        for batch in one_round.batches():
            self._move(batch)
            moved += len(batch)
        for file in self._files.values():
            file.remember(at_most_every_seconds=REMEMBER_SECONDS)
        for file, is_abandoned in one_round.rested:
            self._rest(file, is_abandoned=is_abandoned)
        return moved

    def _opened(self, path: Path) -> OutboxFile | None:
        """The file; `None` for one that cannot be read, which must not stop the others."""
        file = self._files.get(path)
        if file is None:
            try:
                file = self._files[path] = OutboxFile(path)
            except FileNotFoundError:  # another pump was faster
                return None
            except OSError as error:
                if path not in self._unreadable:
                    self._unreadable.add(path)
                    log.warning("the outbox %s cannot be read: %s", path, error)
                return None
        return file

    def _rest(self, file: OutboxFile, *, is_abandoned: bool) -> None:
        """Nothing is left in the file: delete it, or remember how far it came."""
        if is_abandoned:
            self._finish(file)
            return
        file.remember()
        if len(self._files) > MAX_OPEN_FILES:
            file.close()
            del self._files[file.path]

    def _move(self, batch: Sequence[Taken]) -> None:
        accepted: list[Accepted] = []
        letters: list[DeadLetter] = []
        blobs = [bytes(one.frame.event) for _, one in batch if one.frame is not None]
        prepared = iter(prepare_all(blobs, max_bytes=self._max_event_bytes))
        for file, one in batch:
            frame = one.frame
            if frame is None:
                accepted.append(self._gap(file, one))
                continue
            ready = next(prepared)
            if isinstance(ready, Accepted):
                accepted.append(Accepted(ready.event, frame.id, ready.key, frame.at))
            else:
                letters.append(_letter(frame, ready))
        if accepted:
            self._spool.append(accepted)
        append_dead(self._layout, DOOR_NAME, letters)
        self._dead += len(letters)
        self._damaged += sum(1 for _, one in batch if one.frame is None)

    def _gap(self, file: OutboxFile, damaged: Waiting) -> Accepted:
        """What says that a damaged frame was skipped; the same every time it is found."""
        name = file.path.name
        identity = f"gap:outbox:{name}:{damaged.offset}"
        size = damaged.end - damaged.offset
        message = f"{size} bytes of the outbox {name} at {damaged.offset} are damaged: skipped"
        event = {
            "type": "gap",
            "event_id": identity,
            "session_id": OWN_SESSION,
            "data": {
                "message": message,
                "outbox": name,
                "offset": damaged.offset,
                "bytes": size,
                "missing": None,
            },
        }
        return Accepted(encode(event), identity, OWN_SESSION, self._clock())

    def _finish(self, file: OutboxFile) -> None:
        """A file that nobody writes to and that is read to its end is deleted."""
        if file.offset < file.size:
            self._damaged += 1  # an event that its process did not live to write down
        file.delete()
        file.close()
        del self._files[file.path]

    def close(self) -> None:
        """What was reached is remembered; files and lock are free."""
        for file in self._files.values():
            if self.lock.held:
                file.remember()
            file.close()
        self._files.clear()
        self.lock.release()
        self._state = "stopped"

    def status(self) -> OutboxStatus:
        """How the outboxes are doing now."""
        files = list(self._files.values())
        waiting = 0
        with suppress(OSError):  # closed by the pump at this very moment
            waiting = sum(max(0, one.size - one.offset) for one in files)
        return OutboxStatus(
            state=self._state,
            reason=self._reason,
            files=len(files),
            waiting_bytes=waiting,
            damaged=self._damaged,
            dead=self._dead,
        )


def _letter(frame: Frame, error: InvalidEvent | EventTooLarge) -> DeadLetter:
    return DeadLetter(
        at=frame.at,
        p=DOOR_NAME,
        identity=frame.id,
        code=error.code,
        reason=str(error),
        raw=raw_text(bytes(frame.event)),
    )
