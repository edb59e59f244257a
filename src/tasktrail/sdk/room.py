"""Room in an outbox that is full: what matters least goes first, and a `loss` entry says so.

When nobody takes events on, files pile up to a limit. Then, from the oldest file on, entries of
level debug go; where there are none left, entries of level info; at last whole files. The file that
is written to and files that somebody is reading are left alone. What is left and what says how much
went replace a file together: there is no moment at which only one of them is true.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from tasktrail.model.frame import Frame
from tasktrail.model.levels import parse_level
from tasktrail.sdk.bundles import thinned
from tasktrail.sdk.losses import Losses
from tasktrail.sdk.outbox import Outbox
from tasktrail.sdk.outbox_files import OutboxFile, sizes_of
from tasktrail.sdk.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable

LEAVES: Final = 0.9  # of the limit: not every new file finds the outbox full again
ENTRIES: Final = frozenset({"task:log", "task:progress"})


class _Peek(Struct, frozen=True, gc=False):
    """What has to be known of an event to choose."""

    type: str = ""
    level: object = None
    task_id: object = None


_PEEK: Final = msgspec.json.Decoder(_Peek)


class Room:
    """Keeps the outboxes of one directory below a limit."""

    def __init__(self, outbox: Outbox, max_bytes: int, *, trouble: Trouble) -> None:
        self._outbox = outbox
        self._max_bytes = max_bytes
        self._trouble = trouble
        self._done: set[tuple[Path, str]] = set()  # files in which nothing of that kind is left

    def is_needed(self) -> bool:
        """Whether more waits than may."""
        return sum(sizes_of(self._outbox.directory).values()) > self._max_bytes

    def make(self) -> None:
        """The outboxes are below the limit again, as far as files are free."""
        sizes = sizes_of(self._outbox.directory)
        if sum(sizes.values()) <= self._max_bytes:
            self._done.clear()
            return
        try:
            self._make(sizes)
        except OSError as error:  # a disk without any room: what follows is counted at the door
            self._trouble.tell("room", f"{self._outbox.directory}: {error}")

    def _make(self, sizes: dict[Path, int]) -> None:
        total = sum(sizes.values())
        for name, is_spared in _KINDS.items():
            for path in list(sizes):
                if total <= self._max_bytes * LEAVES:
                    return
                if path == self._outbox.path or (path, name) in self._done:
                    continue
                left = self._thin(path, is_spared)
                if left is not None:
                    total += left - sizes[path]
                    sizes[path] = left
                    self._done.add((path, name))

    def _thin(self, path: Path, is_spared: "Callable[[_Peek], bool]") -> int | None:
        """How large the file is afterwards; `None` when it is not free."""
        try:
            file = OutboxFile(path)
        except FileNotFoundError:
            return 0
        try:
            return self._rewrite(file, is_spared) if file.is_abandoned() else None
        finally:
            file.close()

    def _rewrite(self, file: OutboxFile, is_spared: "Callable[[_Peek], bool]") -> int:
        losses, kept, count = Losses(), [], 0
        for line, frames in file.read_rest():
            peeks = [_peek(frame) for frame in frames]
            spared = [
                frame is None or is_spared(peek) for frame, peek in zip(frames, peeks, strict=True)
            ]
            kept.append(line if all(spared) else thinned(line, spared))
            gone = [peek for peek, is_kept in zip(peeks, spared, strict=True) if not is_kept]
            losses.add(one.task_id if isinstance(one.task_id, str) else None for one in gone)
            count += len(gone)
        if not count:
            return file.size
        told = self._outbox.frames_of(
            losses, reason="found no room in its outbox because nobody took them on"
        )
        blob = told + b"".join(kept)
        file.rewrite(blob)
        self._trouble.lose(count, f"{self._outbox.directory} is full")
        return len(blob)


def _peek(frame: Frame | None) -> _Peek:
    try:
        return _PEEK.decode(frame.event) if frame is not None else _Peek()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _Peek()


def _is_no_debug(peek: _Peek) -> bool:
    return peek.type == "loss" or _level(peek) != "debug"


def _is_no_info(peek: _Peek) -> bool:
    return _is_no_debug(peek) and not (peek.type in ENTRIES and _level(peek) in {"info", None})


def _is_loss(peek: _Peek) -> bool:
    return peek.type == "loss"


def _level(peek: _Peek) -> str | None:
    return parse_level(peek.level) if isinstance(peek.level, str) else None


# In this order: each says what stays.
_KINDS: Final = {"debug": _is_no_debug, "info": _is_no_info, "rest": _is_loss}
