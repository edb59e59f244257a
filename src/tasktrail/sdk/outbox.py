"""The outbox: where events of this process wait, in files that no other process appends to.

    <src>.jsonl, <src>.2.jsonl, …     frames (model/frame.py), identity `<src>:<number>`
    <src>.json                        how far others have taken it on

A file is locked before it gets its name and as long as it is written to: one whose lock is free is
full, or its process is gone. One event is one `write`, so it survives the process; where the outbox
is durable the call returns after fdatasync, where it is buffered the event waits for `flush`. A
`src` is random, and renewed in a forked child. What cannot be written is counted, leaves a hole in
the numbers, and a `loss` event says so as soon as there is room.
"""

import fcntl
import os
import secrets
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tasktrail.model.codec import encode
from tasktrail.model.frame import encode_frame
from tasktrail.model.ids import OWN_SESSION
from tasktrail.model.times import utc_text
from tasktrail.sdk.trouble import Trouble

SRC_BYTES: Final = 8
FULL_BYTES: Final = 16 << 20  # then a new file: what has been taken on can be deleted
BUFFERED_EVENTS: Final = 1_000  # the most that a kill can cost where buffering was asked for
BUFFERED_BYTES: Final = 1 << 20
TASKS_WITH_LOSS: Final = 100  # told one by one; beyond it in one sum
FILE_MODE: Final = 0o600
DIRECTORY_MODE: Final = 0o700
_NEW: Final = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


class Outbox:
    """The outbox of this process; any thread may append."""

    def __init__(
        self,
        directory: Path,
        *,
        clock: Callable[[], int],
        trouble: Trouble,
        buffered: bool = False,
        durable: bool = False,
        sync: Callable[[int], None] = os.fdatasync,
    ) -> None:
        self.directory = directory
        self._clock = clock
        self._trouble = trouble
        self._is_buffered = buffered
        self._is_durable = durable
        self._sync = sync
        self._begin()
        _renew_after_fork(self)

    def _begin(self) -> None:
        """As new: another process's descriptor, numbers and buffer are none of ours."""
        self._lock = threading.Lock()
        self._src = secrets.token_hex(SRC_BYTES)
        self._number = 0
        self._part = 0
        self._fd: int | None = None
        self._size = 0
        self._is_synced = True
        self._is_named = True  # the directory is known to hold the file's name
        self._buffer: list[bytes] = []
        self._buffered_bytes = 0
        self._lost: dict[str | None, int] = {}
        self.wake: Callable[[], None] | None = None  # told when something begins to wait

    def renew(self) -> None:
        """In a forked child: a `src` of its own; the parent keeps its file and what it buffered."""
        inherited, wake = self._fd, self.wake
        self._trouble.renew_lock()
        self._begin()
        self.wake = wake
        if inherited is not None:
            os.close(inherited)  # else our copy would keep the parent's lock beyond its death

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
        with self._lock:
            self._number += 1
            frame = encode_frame(self._clock(), event, identity=f"{self._src}:{self._number}")
            if not self._is_buffered:
                self._keep(frame, task_id)
            else:
                self._buffer.append(frame)
                self._buffered_bytes += len(frame)
                is_full = len(self._buffer) >= BUFFERED_EVENTS
                if is_full or self._buffered_bytes >= BUFFERED_BYTES:
                    self._write_buffer()
        if self.wake is not None:
            self.wake()

    def _keep(self, frames: bytes, task_id: str | None, *, count: int = 1) -> None:
        try:
            self._write(frames)
            if self._lost:
                self._write(self._loss_frames())
                self._lost.clear()
        except OSError as error:
            if task_id not in self._lost and len(self._lost) >= TASKS_WITH_LOSS:
                task_id = None
            self._lost[task_id] = self._lost.get(task_id, 0) + count
            self._trouble.lose(count, f"{self.directory}: {error}")

    def _write(self, frames: bytes) -> None:
        """The frames at the end of the file, all or none."""
        if self._fd is None or self._size >= FULL_BYTES:
            self._open_next()
        fd = self._opened()
        try:
            written = os.write(fd, frames)
            while written < len(frames):  # a disk that is almost full takes a part first
                written += os.write(fd, frames[written:])
        except OSError:
            self._cut_back()
            raise
        self._size += len(frames)
        self._is_synced = False
        if self._is_durable:
            self._sync_or_repeat(frames)

    def _opened(self) -> int:
        if self._fd is None:
            raise OSError(f"expected an open file in {self.directory}")
        return self._fd

    def _cut_back(self) -> None:
        """A half-written frame is cut off; where that fails too, the file gets nothing more."""
        try:
            os.ftruncate(self._opened(), self._size)
        except OSError:
            self._close_file()

    def _sync_or_repeat(self, frames: bytes) -> None:
        """On disk; a file whose sync fails is never trusted again, so once more in a new one."""
        try:
            self._sync_file()
        except OSError:
            self._close_file()
            self._open_next()
            os.write(self._opened(), frames)  # its identity makes twice once
            self._size += len(frames)
            self._is_synced = False
            self._sync_file()

    def _sync_file(self) -> None:
        self._sync(self._opened())
        self._is_synced = True
        if not self._is_named:
            _sync_directory(self.directory)
            self._is_named = True

    def _open_next(self) -> None:
        """A new file, locked before it has its name: nobody may take it for a dead process's."""
        self._sync_open()
        self._close_file()
        make_private_directory(self.directory)
        name = _name(self._src, self._part + 1)
        temporary = self.directory / f".{name}.new"
        fd = os.open(temporary, _NEW, FILE_MODE)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            temporary.rename(self.directory / name)
        except OSError:
            os.close(fd)
            raise
        self._fd, self._size, self._part = fd, 0, self._part + 1
        self._is_named = False

    def _close_file(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _loss_frames(self) -> bytes:
        return b"".join(self._loss_frame(*item) for item in self._lost.items())

    def _loss_frame(self, task_id: str | None, count: int) -> bytes:
        self._number += 1
        now = self._clock()
        owner = {"session_id": OWN_SESSION} if task_id is None else {"task_id": task_id}
        message = f"{count} events of this producer could not be kept and are lost"
        event = {
            "type": "loss",
            **owner,
            "timestamp": utc_text(now),
            "data": {"message": message, "lost": count, "src": self._src},
        }
        return encode_frame(now, encode(event), identity=f"{self._src}:{self._number}")

    def _write_buffer(self) -> None:
        if self._buffer:
            frames, count = b"".join(self._buffer), len(self._buffer)
            self._buffer = []
            self._buffered_bytes = 0
            self._keep(frames, None, count=count)

    def flush(self) -> None:
        """What was buffered is written: it survives this process."""
        with self._lock:
            self._write_buffer()

    def sync(self) -> None:
        """Everything is on disk: it survives a power cut."""
        with self._lock:
            self._write_buffer()
            self._sync_open()

    def _sync_open(self) -> None:
        if self._fd is None or self._is_synced:
            return
        try:
            self._sync_file()
        except OSError as error:
            self._close_file()  # never trusted again; what follows goes to a new file
            self._trouble.tell("sync", f"{self.directory}: {error}")

    def close(self) -> None:
        """Synced, and free to be taken on as a whole; a later event opens a new file."""
        self.sync()
        with self._lock:
            self._close_file()


def _name(src: str, part: int) -> str:
    return f"{src}.jsonl" if part == 1 else f"{src}.{part}.jsonl"


def _renew_after_fork(outbox: Outbox) -> None:
    """A forked child gets a `src` of its own; hooks cannot be taken back, so they hold nothing."""
    found = weakref.ref(outbox)

    def renew() -> None:
        ours = found()
        if ours is not None:
            ours.renew()

    os.register_at_fork(after_in_child=renew)


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
        os.write(fd, blob)
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
