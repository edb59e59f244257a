"""The outbox: where events of this process wait, in files that no other process appends to.

    <src>.jsonl, <src>.2.jsonl, …     frames (model/frame.py), identity `<src>:<number>`
    <src>.json                        how far others have taken it on

A file is locked before it gets its name and as long as it is written to: one whose lock is free is
full, or its process is gone. A call puts its record into `waiting`; it is in the file when `push`
returns, on disk after a durable one or `sync`. A call that comes out of a signal or a finaliser, in
the middle of our own writing, only leaves its record: the writing that it interrupted takes it on.
An interrupt of our writing, wherever it falls, loses nothing and doubles nothing: what waits turns
into a batch by one step, its lines, numbers and place in the file are settled then, and to write it
again changes nothing. A `src` is random, and renewed in a forked child. What cannot be written is
counted, leaves a hole in the numbers, and a `loss` event says so as soon as there is room.
"""

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from tasktrail.model.frame import encode_frame
from tasktrail.sdk.forking import renew_after_fork
from tasktrail.sdk.losses import Losses
from tasktrail.sdk.outbox_part import CLOSED, Part, SyncFile, to_disk
from tasktrail.sdk.records import NANOS_PER_MICRO, Record, Renderer, event_record, task_of
from tasktrail.sdk.trouble import Trouble

SRC_BYTES: Final = 8
FULL_BYTES: Final = 16 << 20  # then a new file: what has been taken on can be deleted
BUFFERED_EVENTS: Final = 1_000  # the most that a kill can cost where buffering was asked for
BUFFERED_BYTES: Final = 1 << 20
RECORDS_PER_WRITE: Final = 1_000


class Batch(Struct, gc=False):
    """Records on their way into the file, as lines; stands in `waiting` until they are there."""

    records: list[Record]
    frames: bytes
    part: Part | None = None  # the file and the place in it, once that is settled
    offset: int = 0


class Outbox:
    """The outbox of this process; any thread may append."""

    def __init__(  # noqa: PLR0913 - how an outbox keeps, all by name
        self,
        directory: Path,
        *,
        clock: Callable[[], int],
        trouble: Trouble,
        buffered: bool = False,
        durable: bool = False,
        buffered_events: int = BUFFERED_EVENTS,
        part_bytes: int = FULL_BYTES,
        sync: SyncFile = to_disk,
    ) -> None:
        self.directory = directory
        self._clock = clock
        self._trouble = trouble
        self._is_durable = durable
        self._sync = sync
        self._part_bytes = part_bytes
        self._most = buffered_events if buffered else 1
        # From here on a thread is nudged: in time to write before the caller has to.
        self._many = (self._most + 1) // 2
        self.wake: Callable[[], None] | None = None  # told when something begins to wait
        self.nudge: Callable[[], None] | None = None  # told when much waits
        # Records; a batch only in the first place. Loggers hold this very list.
        self.waiting: Final[list[Any]] = []
        self._begin()
        renew_after_fork(self)

    def _begin(self) -> None:
        """As new: another process's files, numbers and records are none of ours."""
        self._lock = threading.RLock()
        self._sync_lock = threading.RLock()  # taken before the other one, never after it
        self.waiting.clear()
        self._waiting_bytes = 0
        # So many waiting records call `press`; 0: nobody knows that one waits.
        self.limit = 0
        self._is_writing = False
        self._afterwards: Callable[[], None] | None = None
        self._src = os.urandom(SRC_BYTES).hex()
        self._renderer = Renderer(self._src)
        self._number = 0
        # The last one is written to, unless it is closed; earlier ones are not yet synced.
        self._parts = [Part(CLOSED, self.directory)]
        self._part_number = 0
        self._unsynced: list[bytes] = []
        self._losses = Losses()
        self._is_losing = False

    def renew(self) -> None:
        """In a forked child: a `src` of its own; the parent keeps its files and what waited."""
        inherited = self._parts
        self._trouble.renew_lock()
        self._begin()
        for part in inherited:  # else our copy would keep the parent's lock beyond its death
            part.close()

    @property
    def src(self) -> str:
        """What stands before the number in the identities of this process."""
        return self._src

    @property
    def path(self) -> Path:
        """The file that is written to now, or would be next."""
        return self.directory / _name(self._src, max(1, self._part_number))

    def append(self, event: bytes, *, task_id: str | None) -> None:
        """Keep the event, one line of JSON; what cannot be kept is counted for its task."""
        self.put(event_record(self._clock() * NANOS_PER_MICRO, task_id, event), size=len(event))

    def put(
        self, record: Record, *, size: int, is_urgent: bool = False, is_durable: bool = False
    ) -> None:
        """Keep the record of so many bytes: at once if it is urgent, else as this outbox keeps."""
        self.waiting.append(record)
        self._waiting_bytes += size
        if is_durable or self._is_durable:
            self.press_durably()
        elif is_urgent or self._waiting_bytes > BUFFERED_BYTES:
            self.press_now()
        elif len(self.waiting) >= self.limit:
            self.press()

    def put_all(self, records: Sequence[Record]) -> None:
        """Keep the records, in their order, at once."""
        self.waiting.extend(records)
        if self._is_durable:
            self.press_durably()
        else:
            self.press_now()

    def press(self) -> None:
        """Told when `limit` records wait, or when nobody knows that one does."""
        if not self.limit:
            self._tell()
        if self._is_durable:
            self.sync(must=True)
        elif len(self.waiting) >= self._most:
            self.push()
        elif len(self.waiting) >= self._many:
            self.limit = self._most  # first: who takes what waits puts it back
            if self.nudge is not None:
                self.nudge()

    def press_now(self) -> None:
        """What waits is in the file when the call returns."""
        if not self.limit:
            self._tell()
        self.push()

    def press_durably(self) -> None:
        """What waits is on disk when the call returns."""
        if not self.limit:
            self._tell()
        self.sync(must=True)

    def ask_to_be_told(self) -> None:
        """Who is awake takes what waits: from now on the next record wakes again."""
        with self._lock:  # not in the middle of a push that puts it back
            self.limit = 0

    def _tell(self) -> None:
        if self.wake is None:
            return
        try:
            self.limit = self._many
            self.wake()
        except BaseException:  # an interrupt: nobody may know, so the next call tells again
            self.limit = 0
            raise

    def push(self) -> bool:
        """Whether everything that waited is in the file; not so inside our own writing."""
        waiting = self.waiting
        with self._lock:
            if self._is_writing:
                return False
            try:
                self._is_writing = True
                while waiting:
                    self._write_some(waiting)
                if self.limit == self._most:
                    self.limit = self._many
                self._is_writing = False
            except BaseException:
                self._is_writing = False
                raise
        if waiting:  # a finaliser spoke at the very end
            return self.push()
        if self._afterwards is not None:
            self._afterwards()
        return True

    def after_writing(self, act: Callable[[], None]) -> None:
        """Everything that waits is written, then this is done: now, or by who is writing."""
        self._afterwards = act
        self.push()

    def _write_some(self, waiting: list[Any]) -> None:
        """What waits longest is in the file; wherever this is left, it can be begun again."""
        batch = waiting[0]
        if batch.__class__ is not Batch:
            records = waiting[:RECORDS_PER_WRITE] if len(waiting) > 1 else [batch]
            count, number = len(records), self._number
            batch = Batch(records, self._renderer.render(records, number))
            self._number = number + count  # first: at worst a hole in the numbers
            if count == 1:
                waiting[0] = batch
            else:
                waiting[:count] = (batch,)
        try:
            self._write(batch)
            self._is_losing = False
        except OSError as error:
            self._lose(batch, error)
        self._waiting_bytes = 0
        del waiting[:1]  # none where a handler has forked meanwhile
        if self._losses.count and not self._is_losing:
            self._write_losses()

    def _lose(self, batch: Batch, error: OSError) -> None:
        self._losses.add(task_of(record) for record in batch.records)
        self._trouble.lose(len(batch.records), f"{self.directory}: {error}")
        self._is_losing = True

    def _write_losses(self) -> None:
        frames = self.frames_of(self._losses, reason="could not be kept")
        with suppress(OSError):  # told later
            self._write(Batch([], frames))
            self._losses.clear()

    def frames_of(self, losses: Losses, *, reason: str) -> bytes:
        """Lines that tell of the losses, with the next numbers."""
        now = self._clock()
        events = losses.events(now, self._src, reason=reason)
        with self._lock:
            first = self._number + 1
            self._number += len(events)
        return b"".join(
            encode_frame(now, event, identity=f"{self._src}:{number}")
            for number, event in enumerate(events, first)
        )

    def _write(self, batch: Batch) -> None:
        """The batch at the end of the file, all or none; at the same place as the last time."""
        part, offset, frames = batch.part, batch.offset, batch.frames
        if part is None or part.fd == CLOSED:
            part = self._parts[-1]
            if part.fd == CLOSED or part.size >= self._part_bytes:
                part = self._next_part()
            offset = batch.offset = part.size
            batch.part = part
        try:
            written = os.pwrite(part.fd, frames, offset)
            if written < len(frames):
                part.write_rest(frames, offset, written)
        except OSError:
            part.cut_back(offset)
            raise
        part.size = offset + len(frames)
        self._unsynced.append(frames)
        if part.size - part.synced > BUFFERED_BYTES:  # more is not written a second time
            self._unsynced.clear()

    def _next_part(self) -> Part:
        """A new file: who logs does not wait until the full one is synced."""
        self._part_number += 1  # a name is never taken twice
        part = Part.new(self.directory / _name(self._src, self._part_number))
        self._parts.append(part)
        return part

    def flush(self) -> bool:
        """What waited is written: it survives this process; not so inside our own writing."""
        return self.push()

    def sync(self, *, must: bool = False) -> bool:
        """Whether everything is on disk: it survives a power cut. Who logs meanwhile does not wait.

        Not so where something is lost and the trail does not yet say it.
        `must`: where the disk refuses, what is not yet synced is written anew to another file.
        """
        with self._sync_lock:
            if not self.push():
                return False
            with self._lock:
                parts, last = [*self._parts], self._parts[-1]
            unsynced = [part for part in parts if part.fd != CLOSED and part.synced < part.size]
            failed = [part for part in unsynced if not self._try_to_sync(part)]
            with self._lock:
                for part in parts:
                    if part is not last:
                        part.close()
                        with suppress(ValueError):  # a finaliser's own call was here before
                            self._parts.remove(part)
                if failed:
                    last.close()  # never trusted again
                    return must and self._repeat()
                if last.synced == last.size:
                    self._unsynced.clear()
                return not self._losses.count

    def _repeat(self) -> bool:
        """What is not yet synced, in a new file; its identities make twice once."""
        if not self._unsynced:  # it was too much to be remembered
            return False
        again = Batch([], b"".join(self._unsynced))
        try:
            self._write(again)
        except OSError as error:
            self._trouble.tell("sync", f"{self.directory}: {error}")
            return False
        self._unsynced = [again.frames]
        if not self._try_to_sync(self._parts[-1]):
            return False
        self._unsynced.clear()
        return True

    def _try_to_sync(self, part: Part) -> bool:
        try:
            part.sync(self._sync)
        except OSError as error:
            self._trouble.tell("sync", f"{self.directory}: {error}")
            return False
        return True

    def close(self) -> bool:
        """Whether all is synced; free to be taken on as a whole; a later event opens a new file.

        From now on each call writes through: there may be nobody to come for what waits.
        """
        self._most = self._many = 1
        self.ask_to_be_told()
        with self._sync_lock:
            is_synced = self.sync()
            with self._lock:
                self._parts[-1].close()
        return is_synced


def _name(src: str, part: int) -> str:
    return f"{src}.jsonl" if part == 1 else f"{src}.{part}.jsonl"
