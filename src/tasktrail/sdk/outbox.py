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
from collections.abc import Callable
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
from tasktrail.sdk.waiting import BUFFERED_BYTES, Waiting

SRC_BYTES: Final = 8
FULL_BYTES: Final = 16 << 20  # then a new file: what has been taken on can be deleted
BUFFERED_EVENTS: Final = 1_000  # the most that a kill can cost where buffering was asked for
RECORDS_PER_WRITE: Final = 1_000


class Batch(Struct, gc=False):
    """Records on their way into the file, as lines; stands in `waiting` until they are there."""

    records: list[Record]
    frames: bytes
    part: Part | None = None  # the file and the place in it, once that is settled
    offset: int = 0


class Outbox(Waiting):
    """The outbox of this process; any thread may append."""

    def __init__(  # noqa: PLR0913 - how an outbox keeps, all by name
        self,
        directory: Path,
        *,
        clock: Callable[[], int],
        nanos: Callable[[], int] | None = None,
        trouble: Trouble,
        buffered: bool = False,
        durable: bool = False,
        buffered_events: int = BUFFERED_EVENTS,
        part_bytes: int = FULL_BYTES,
        sync: SyncFile = to_disk,
    ) -> None:
        """`clock` is in microseconds since the epoch, `nanos` the same time in nanoseconds."""
        self.directory = directory
        self._clock = clock
        nanos = nanos or (lambda: clock() * NANOS_PER_MICRO)
        super().__init__(nanos, most=buffered_events if buffered else 1, durable=durable)
        self._trouble = trouble
        self._sync = sync
        self._part_bytes = part_bytes
        self._begin()
        renew_after_fork(self)

    def _begin(self) -> None:
        """As new: another process's files, numbers and records are none of ours."""
        super()._begin()
        self._sync_lock = threading.RLock()  # taken before the other one, never after it
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
        self.put(event_record(self.nanos(), task_id, event), size=len(event))

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
                self._settle()
                self._is_writing = False
            except BaseException:
                self._is_writing = False
                raise
        if waiting:  # a finaliser spoke at the very end
            return self.push()
        if self._afterwards is not None:
            self._afterwards()
        return True

    def _write_one(self) -> bool:
        """Whether it was the usual case, `push` with a single record, and that is in the file.

        In one place: with its processor's caches cold, a job pays for each step as for twenty.
        """
        waiting = self.waiting
        with self._lock:
            part = self._parts[-1]
            offset = part.size
            if (self._is_writing or len(waiting) != 1 or waiting[0].__class__ is Batch) or (
                part.fd == CLOSED or offset >= self._part_bytes or self._losses.count
            ):
                return False
            try:
                self._is_writing = True
                frames = self._renderer.line(waiting[0], self._number + 1)
                end = offset + len(frames)
                batch = Batch([waiting[0]], frames, part, offset)
                self._number += 1  # first: at worst a hole in the numbers
                waiting[0] = batch
                is_written = os.pwrite(part.fd, frames, offset) == len(frames)
                if is_written:
                    part.size = end
                    self._unsynced.append(frames)
                    if end - part.synced > BUFFERED_BYTES:
                        self._unsynced.clear()
                    del waiting[:1]
                self._is_writing = False
            except OSError:  # `push` meets it again
                self._is_writing = False
                return False
            except BaseException:
                self._is_writing = False
                raise
        if waiting or self._afterwards is not None:
            self.push()
        return is_written

    def after_writing(self, act: Callable[[], None]) -> None:
        """Everything that waits is written, then this is done: now, or by who is writing."""
        self._afterwards = act
        self.push()

    def _write_some(self, waiting: list[Any]) -> None:
        """What waits longest is in the file; wherever this is left, it can be begun again."""
        batch = waiting[0]
        if batch.__class__ is Batch:
            pass  # an interrupt left it behind
        elif len(waiting) == 1:
            number = self._number + 1
            batch = Batch([batch], self._renderer.line(batch, number))
            self._number = number  # first: at worst a hole in the numbers
            waiting[0] = batch
        else:
            records, number = waiting[:RECORDS_PER_WRITE], self._number
            batch = Batch(records, self._renderer.render(records, number))
            self._number = number + len(records)
            waiting[: len(records)] = (batch,)
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
        part, frames = batch.part, batch.frames
        if part is None or part.fd == CLOSED:
            part = self._parts[-1]
            if part.fd == CLOSED or part.size >= self._part_bytes:
                part = self._next_part()
            batch.offset = part.size
            batch.part = part
        offset = batch.offset
        end = offset + len(frames)
        try:
            written = offset + os.pwrite(part.fd, frames, offset)
            if written < end:
                part.write_rest(frames, offset, written - offset)
        except OSError:
            part.cut_back(offset)
            raise
        part.size = end
        self._unsynced.append(frames)
        if end - part.synced > BUFFERED_BYTES:  # more is not written a second time
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
