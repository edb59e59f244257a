"""The outbox: where events of this process wait, in files that no other process appends to.

    <src>.jsonl, <src>.2.jsonl, …     frames (model/frame.py), identity `<src>:<number>`
    <src>.json                        how far others have taken it on

A file is locked before it gets its name and as long as it is written to: one whose lock is free is
full, or its process is gone. A call puts its record into `waiting`; it is in the file when `push`
returns, on disk after a durable one or `sync`. A call that comes out of a signal or a finaliser, in
the middle of our own writing, only leaves its record: the writing that it interrupted takes it on.
A `src` is random, and renewed in a forked child. What cannot be written is counted, leaves a hole
in the numbers, and a `loss` event says so as soon as there is room.
"""

import fcntl
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from tasktrail.model.frame import encode_frame
from tasktrail.sdk.forking import renew_after_fork
from tasktrail.sdk.losses import Losses
from tasktrail.sdk.records import NANOS_PER_MICRO, Record, Renderer, event_record, task_of
from tasktrail.sdk.trouble import Trouble

SRC_BYTES: Final = 8
FULL_BYTES: Final = 16 << 20  # then a new file: what has been taken on can be deleted
BUFFERED_EVENTS: Final = 1_000  # the most that a kill can cost where buffering was asked for
BUFFERED_BYTES: Final = 1 << 20
RECORDS_PER_WRITE: Final = 1_000
FILE_MODE: Final = 0o600
DIRECTORY_MODE: Final = 0o700
_NEW: Final = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


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
        sync: Callable[[int], None] = os.fdatasync,
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
        self._begin()
        renew_after_fork(self)

    def _begin(self) -> None:
        """As new: another process's descriptor, numbers and records are none of ours."""
        self._lock = threading.RLock()
        self._sync_lock = threading.RLock()  # taken before the other one, never after it
        self.waiting: list[Record] = []
        self._waiting_bytes = 0
        self.limit = 0  # so many waiting records call `press`; 0: nobody knows that one waits
        self._is_writing = False
        self._afterwards: Callable[[], None] | None = None
        self._src = os.urandom(SRC_BYTES).hex()
        self._renderer = Renderer(self._src)
        self._number = 0
        self._part = 0
        self._fd: int | None = None
        self._full: list[int] = []  # earlier parts, not yet synced
        self._size = 0
        self._written = 0  # writes, and how many of them are on disk
        self._synced = 0
        self._unsynced: list[bytes] = []
        self._unsynced_bytes = 0
        self._is_named = True  # the directory is known to hold the file's name
        self._losses = Losses()
        self._is_losing = False

    def renew(self) -> None:
        """In a forked child: a `src` of its own; the parent keeps its files and what waited."""
        inherited = [*self._full] if self._fd is None else [*self._full, self._fd]
        self._trouble.renew_lock()
        self._begin()
        for fd in inherited:  # else our copy would keep the parent's lock beyond its death
            with suppress(OSError):
                os.close(fd)

    @property
    def src(self) -> str:
        """What stands before the number in the identities of this process."""
        return self._src

    @property
    def path(self) -> Path:
        """The file that is written to now, or would be next."""
        return self.directory / _name(self._src, max(1, self._part))

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
        elif self.nudge is not None and len(self.waiting) >= self._many:
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
        self.limit = 0

    def _tell(self) -> None:
        if self.wake is not None:
            self.limit = self._many
            self.wake()

    def push(self) -> bool:
        """Whether everything that waited is in the file; not so inside our own writing."""
        with self._lock:
            if self._is_writing:
                return False
            self._is_writing = True
            try:
                # Records leave `waiting` when they are written, so that an interrupt loses none.
                while self.waiting:
                    self._write_some()
            finally:
                self._is_writing = False
        if self.waiting:  # a finaliser spoke at the very end
            return self.push()
        if self._afterwards is not None:
            self._afterwards()
        return True

    def after_writing(self, act: Callable[[], None]) -> None:
        """Everything that waits is written, then this is done: now, or by who is writing."""
        self._afterwards = act
        self.push()

    def _write_some(self) -> None:
        records = self.waiting[:RECORDS_PER_WRITE]
        count = len(records)
        try:
            self._write(self._renderer.render(records, self._number))
        except OSError as error:
            self._losses.add(task_of(record) for record in records)
            self._trouble.lose(count, f"{self.directory}: {error}")
            self._is_losing = True
        else:
            self._is_losing = False
        del self.waiting[:count]
        self._number += count
        self._waiting_bytes = 0
        if self._losses.count and not self._is_losing:
            self._write_losses()

    def _write_losses(self) -> None:
        with suppress(OSError):  # told later
            self._write(self.frames_of(self._losses, reason="could not be kept"))
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

    def _write(self, frames: bytes) -> None:
        """The frames at the end of the file, all or none."""
        fd = self._fd
        if fd is None or self._size >= self._part_bytes:
            fd = self._open_next()
        try:
            written = os.write(fd, frames)
            while written < len(frames):  # a disk that is almost full takes a part first
                written += os.write(fd, frames[written:])
            self._size += written
        except BaseException:
            self._cut_back(fd)
            raise
        self._written += 1
        self._unsynced.append(frames)
        self._unsynced_bytes += written
        if self._unsynced_bytes > BUFFERED_BYTES:  # more is not written a second time
            self._forget_unsynced()

    def _forget_unsynced(self) -> None:
        self._unsynced.clear()
        self._unsynced_bytes = 0

    def _cut_back(self, fd: int) -> None:
        """A half-written frame is cut off; where that fails too, the file gets nothing more."""
        try:
            os.ftruncate(fd, self._size)
        except OSError:
            self._close_file()

    def _open_next(self) -> int:
        """A new file, locked before it has its name: nobody may take it for a dead process's."""
        make_private_directory(self.directory)
        name = _name(self._src, self._part + 1)
        # Random: one that an interrupt left behind must not stand in the way.
        temporary = self.directory / f".{name}.{os.urandom(4).hex()}.new"
        fd = os.open(temporary, _NEW, FILE_MODE)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            temporary.rename(self.directory / name)
        except BaseException:
            os.close(fd)
            temporary.unlink(missing_ok=True)
            raise
        if self._fd is not None:
            self._full.append(self._fd)  # who logs does not wait for its sync
        self._fd, self._size, self._part = fd, 0, self._part + 1
        self._is_named = False
        return fd

    def _close_file(self) -> None:
        if self._fd is not None:
            fd, self._fd = self._fd, None
            os.close(fd)

    def flush(self) -> bool:
        """What waited is written: it survives this process; not so inside our own writing."""
        return self.push()

    def sync(self, *, must: bool = False) -> bool:
        """Whether everything is on disk: it survives a power cut. Who logs meanwhile does not wait.

        `must`: where the disk refuses, what is not yet synced is written anew to another file.
        """
        with self._sync_lock:
            if not self.push():
                return False
            self._close_full()
            with self._lock:
                fd, mark = self._fd, self._written
                if fd is None or mark == self._synced:
                    return True
            if not self._try_to_sync(fd):
                with self._lock:
                    if self._fd == fd:
                        self._close_file()  # never trusted again
                    return must and self._repeat()
            with self._lock:
                self._synced = mark
                if self._written == mark:
                    self._forget_unsynced()
        return True

    def _repeat(self) -> bool:
        """What is not yet synced, in a new file; its identities make twice once."""
        frames = b"".join(self._unsynced)
        try:
            self._write(frames)
        except OSError as error:
            self._trouble.tell("sync", f"{self.directory}: {error}")
            return False
        if self._fd is None or not self._try_to_sync(self._fd):
            return False
        self._synced = self._written
        self._forget_unsynced()
        return True

    def _close_full(self) -> None:
        while self._full:
            fd = self._full.pop(0)
            self._try_to_sync(fd)
            os.close(fd)

    def _try_to_sync(self, fd: int) -> bool:
        try:
            self._sync(fd)
            self._sync_name()
        except OSError as error:
            self._trouble.tell("sync", f"{self.directory}: {error}")
            return False
        return True

    def _sync_name(self) -> None:
        if not self._is_named:
            self._is_named = True
            _sync_directory(self.directory)

    def close(self) -> None:
        """Synced, and free to be taken on as a whole; a later event opens a new file.

        From now on each call writes through: there may be nobody to come for what waits.
        """
        self._most = self._many = 1
        self.ask_to_be_told()
        with self._sync_lock:
            self.sync()
            with self._lock:
                self._close_file()


def _name(src: str, part: int) -> str:
    return f"{src}.jsonl" if part == 1 else f"{src}.{part}.jsonl"


def make_private_directory(path: Path) -> None:
    """The directory and its parents, for their owner only where they are new."""
    if path.is_dir():
        return
    if path.parent != path:
        make_private_directory(path.parent)
    path.mkdir(DIRECTORY_MODE, exist_ok=True)


def replace_file(path: Path, blob: bytes) -> None:
    """The file with these bytes, on disk when the call returns, at no time in between half."""
    temporary = path.with_name(f".{path.name}.tmp")
    fd = os.open(temporary, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, FILE_MODE)
    try:
        view = memoryview(blob)
        while view:
            view = view[os.write(fd, view) :]
        os.fsync(fd)
    finally:
        os.close(fd)
    temporary.replace(path)
    _sync_directory(path.parent)


def append_durably(path: Path, blob: bytes) -> None:
    """The lines at the end of the file, on disk when the call returns."""
    flags = os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC
    fd = os.open(path, flags, FILE_MODE)
    try:
        os.write(fd, blob)
        os.fsync(fd)
    finally:
        os.close(fd)


def _sync_directory(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
