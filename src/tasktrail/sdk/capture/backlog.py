"""What was read of a command's output and is not told yet: bounded, between threads.

A command that writes faster than it can be told runs on until the backlog is full; then it waits at
its pipe, as it would for a slow terminal.
"""

import threading
from collections import deque
from typing import Final, NamedTuple

MOST_BYTES: Final = 8 << 20  # what a command may be ahead; the memory that this costs


class Chunk(NamedTuple):
    """Bytes of a stream, and when they came, in µs since the epoch; no bytes are its end."""

    source: str
    block: bytes
    at: int


class Backlog:
    """A queue of chunks, in the order in which they came."""

    def __init__(self, *, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._chunks: deque[Chunk] = deque()
        self._size = 0
        self._changed = threading.Condition()
        self._is_open = True

    def put(self, chunk: Chunk) -> None:
        """Keep the chunk; waits while too much is kept already."""
        with self._changed:
            self._changed.wait_for(lambda: self._size < self._most_bytes or not self._is_open)
            if self._is_open:
                self._chunks.append(chunk)
                self._size += len(chunk.block)
                self._changed.notify_all()

    def take(self, timeout_seconds: float) -> Chunk | None:
        """The next chunk; `None` when none came in time, or none will come any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._chunks or not self._is_open, timeout_seconds)
            if not self._chunks:
                return None
            chunk = self._chunks.popleft()
            self._size -= len(chunk.block)
            self._changed.notify_all()
            return chunk

    @property
    def is_done(self) -> bool:
        """Whether everything was taken and nothing will come."""
        with self._changed:
            return not self._is_open and not self._chunks

    def close(self) -> None:
        """Nothing more comes; what is kept can still be taken."""
        with self._changed:
            self._is_open = False
            self._changed.notify_all()
