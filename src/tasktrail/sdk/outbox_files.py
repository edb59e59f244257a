"""Outboxes as those see them who take events on: the pump of a data root, the sender to a server.

Frames are read in order, part by part. How far they were taken on is remembered durably beside the
file, after they arrived; a crash in between makes only duplicates, which identities tell. A file is
deleted when nobody writes to it any more and all of it was taken on. Damage costs one frame and is
told; reading goes on behind it; an unfinished last line of a dead process was never accepted.
"""

import fcntl
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from tasktrail.errors import DamagedFrame
from tasktrail.model.frame import Frame
from tasktrail.sdk.bundles import frames_in
from tasktrail.sdk.outbox_part import replace_file

READ_BYTES: Final = 1 << 20
NAME: Final = re.compile(r"([0-9a-f]{1,64})(?:\.([1-9][0-9]{0,8}))?\.jsonl")
_NO_LINKS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class Place(Struct, frozen=True):
    """How far a file was taken on."""

    offset: int


class Waiting(Struct, frozen=True, gc=False):
    """A frame of an outbox, and where its line begins and ends; `None` when that is damaged."""

    offset: int
    end: int
    frame: Frame | None
    place: int = 0  # among the frames of its line

    @property
    def size(self) -> int:
        """How large the event is; damage is nothing that is handed on."""
        return 0 if self.frame is None else len(self.frame.event)


_PLACE: Final = msgspec.json.Decoder(Place)


class OutboxFile:
    """One file of an outbox, open to be read."""

    def __init__(self, path: Path) -> None:
        """Raises OSError, for a missing file and for one that is no file too."""
        self.path = path
        self._place_path = _place_path(path)
        self._fd = os.open(path, _NO_LINKS)
        if not stat.S_ISREG(os.fstat(self._fd).st_mode):
            os.close(self._fd)
            raise OSError(f"expected a regular file, found another kind at {path}")
        self._is_ours = False
        self.offset = self._remembered()
        self._begun = 0  # so many frames of the next line were taken on
        self._kept = self.offset
        self._kept_at = time.monotonic()

    @property
    def size(self) -> int:
        """How large the file is now."""
        return os.fstat(self._fd).st_size

    def is_abandoned(self) -> bool:
        """Whether nobody writes to it any more; then it is ours until it is closed."""
        if not self._is_ours:
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return False
            self._is_ours = True
            # Somebody else may have taken it on between our opening and our locking it.
            is_deleted = os.fstat(self._fd).st_nlink == 0
            reached = self.size if is_deleted else self._remembered()
            if reached > self.offset:
                self.pass_to(reached)
        return True

    def _remembered(self) -> int:
        return _remembered(self._place_path)

    def read(self, *, max_events: int, max_bytes: int) -> list[Waiting]:
        """The frames of the next complete lines, at least of one; `offset` stays where it is.

        The last one's end is always the end of its line, with all of whose frames it comes.
        """
        waiting: list[Waiting] = []
        size, begun = 0, self._begun
        for start, line in self._lines():
            frames = _frames(line)
            if waiting and len(waiting) + len(frames) > max_events:
                break
            end = start + len(line) + 1
            found = [Waiting(start, end, frame, place) for place, frame in enumerate(frames)]
            waiting += found[begun:] if begun else found
            begun = 0
            size += len(line)
            if len(waiting) >= max_events or size >= max_bytes:
                break
        return waiting

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        start = at = self.offset
        rest = b""
        while block := os.pread(self._fd, max(READ_BYTES, len(rest)), at):
            at += len(block)
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                yield start, line
                start += len(line) + 1

    def read_rest(self) -> Iterator[tuple[bytes, list[Frame | None]]]:
        """Every complete line that was not yet taken on, and its frames."""
        for _, line in self._lines():
            yield line + b"\n", _frames(line)

    def rewrite(self, blob: bytes) -> None:
        """Other frames in the place of those that are not yet taken on; only if it is abandoned.

        First it is forgotten how far the old ones were taken on: a crash in between makes only
        duplicates, which identities tell.
        """
        replace_file(self._place_path, msgspec.json.encode(Place(0)) + b"\n")
        replace_file(self.path, blob)

    def pass_to(self, offset: int, *, frames: int = 0) -> None:
        """Everything before that offset has arrived where it belongs.

        Also so many frames of the line that begins there: who opens the file anew reads them again.
        """
        self.offset, self._begun = offset, frames

    def remember(self, *, at_most_every_seconds: float = 0) -> None:
        """How far it was taken on, on disk."""
        now = time.monotonic()
        if self._kept != self.offset and now - self._kept_at >= at_most_every_seconds:
            self._kept_at = now
            replace_file(self._place_path, msgspec.json.encode(Place(self.offset)) + b"\n")
            self._kept = self.offset

    def delete(self) -> None:
        """The file and what was remembered of it are gone; only for an abandoned one.

        Not when another file has meanwhile taken its place, see room.py.
        """
        try:
            if self.path.stat(follow_symlinks=False).st_ino != os.fstat(self._fd).st_ino:
                return
        except FileNotFoundError:
            pass
        self.path.unlink(missing_ok=True)
        self._place_path.unlink(missing_ok=True)
        half_written = self._place_path.with_name(f".{self._place_path.name}.tmp")
        half_written.unlink(missing_ok=True)  # by a pump that died just then

    def close(self) -> None:
        """The file is closed, and free to be taken on by others."""
        os.close(self._fd)


def _frames(line: bytes) -> list[Frame | None]:
    try:
        return list(frames_in(line))
    except DamagedFrame:
        return [None]


def list_outboxes(directory: Path) -> list[Path]:
    """The files of all outboxes in that directory: the one that rested longest first.

    So what short-lived processes left behind one after the other keeps their order. The parts of
    one outbox stand together, in order.
    """
    parts: dict[str, list[tuple[int, Path]]] = {}
    try:
        for path in directory.iterdir():
            match = NAME.fullmatch(path.name)
            if match:
                parts.setdefault(match[1], []).append((int(match[2] or 1), path))
    except (FileNotFoundError, NotADirectoryError):
        return []
    in_order = [[path for _, path in sorted(found)] for found in parts.values()]
    return [path for found in sorted(in_order, key=_rested_since) for path in found]


def _rested_since(parts: list[Path]) -> tuple[int, str]:
    """When the outbox was last written to; its name where two are equal."""
    try:
        return parts[-1].stat(follow_symlinks=False).st_mtime_ns, parts[0].name
    except OSError:  # taken on at this very moment
        return 0, parts[0].name


def sizes_of(directory: Path) -> dict[Path, int]:
    """The files of all outboxes with how large they are now; the empty ones left out."""
    sizes = {}
    for path in list_outboxes(directory):
        with suppress(OSError):  # taken on at this very moment
            size = path.stat(follow_symlinks=False).st_size
            if size:
                sizes[path] = size
    return sizes


def is_taken(path: Path, size: int) -> bool:
    """Whether that much of the file was taken on; a file that is gone was taken on whole."""
    return not path.exists() or _remembered(_place_path(path)) >= size


def _place_path(path: Path) -> Path:
    return path.with_suffix(".json")


def _remembered(path: Path) -> int:
    try:
        return _PLACE.decode(path.read_bytes()).offset
    except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
        return 0
