r"""Lines out of a stream of bytes: whole, in order, and with what ended each.

    "one\ntwo\r\nlast"        → one, two, last (no end)
    "10%\r20%\r…100%\n"       → a state about once a second, and the last one

Text that a carriage return overwrites is a state of a display. States that were overwritten within
a second are left out and counted in the one that is told; the last one always is. A stream that
holds bytes which are no text has no such states: nothing of it is left out. A line of which nothing
more comes for a while is told as far as it is, and so is what is longer than an event may be.
"""

import time
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

STATE_SECONDS: Final = 1.0  # how often a progress display is told
PROMPT_SECONDS: Final = 5.0  # then a line without an end is told as it is: somebody may be asked
MOST_BYTES: Final = 112 << 20  # a longer line becomes several pieces; an event has 128 MiB

LINE_END: Final = b"\n"
WINDOWS_END: Final = b"\r\n"
OVERWRITTEN: Final = b"\r"
NO_END: Final = b""


class Line(NamedTuple):
    """A line's bytes without its end."""

    content: bytes
    end: bytes = LINE_END  # NO_END: the stream ended, or the line goes on in the next piece
    left_out: int = 0  # so many states were overwritten unseen before this one
    is_state: bool = False  # of a progress display, also its last


def is_text(content: bytes) -> bool:
    """Whether the bytes are UTF-8 without NUL."""
    if b"\0" in content:
        return False
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


class StreamLines:
    """The lines of one stream."""

    def __init__(
        self, *, most_bytes: int = MOST_BYTES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most_bytes = most_bytes
        self._clock = clock
        self._pieces: list[bytes] = []  # of the line that has no end yet
        self._size = 0
        self._is_binary = False
        self._state: bytes | None = None  # seen, and not told yet
        self._left_out = 0
        self._is_display = False  # the present line has overwritten itself
        self._state_told_at = float("-inf")
        self._fed_at = clock()

    def feed(self, block: bytes) -> Iterator[Line]:
        """The lines that the block completes."""
        self._fed_at = self._clock()
        if not self._is_binary and (b"\r" in block or self._awaits_more()):
            yield from self._lines_with_returns(self._taken() + block)
        elif b"\n" in block:
            *lines, rest = (self._taken() + block).split(b"\n")
            for line in lines:
                yield from self._ended(line)
            self._keep(rest)
        else:
            self._keep(block)
        if self._size > self._most_bytes:
            yield Line(self._taken(), NO_END, is_state=self._is_display)

    def feed_plain(self, block: bytes) -> list[bytes] | None:
        """The same where there is nothing to tell but lines: their contents, at once.

        `None`, and nothing is taken, where the block needs a closer look.
        """
        if b"\r" in block or self._is_display or self._awaits_more() or b"\n" not in block:
            return None
        self._fed_at = self._clock()
        *lines, rest = (self._taken() + block).split(b"\n")
        self._keep(rest)
        return lines

    def _awaits_more(self) -> bool:
        """Whether it hangs on the next byte what a return at the end means."""
        return bool(self._pieces) and self._pieces[-1].endswith(b"\r")

    def _taken(self) -> bytes:
        whole = b"".join(self._pieces)
        self._pieces.clear()
        self._size = 0
        return whole

    def _keep(self, rest: bytes) -> None:
        if rest:
            self._pieces.append(rest)
            self._size += len(rest)

    def _lines_with_returns(self, blob: bytes) -> Iterator[Line]:
        if not self._is_binary and b"\0" in blob:
            self._is_binary = True
        *lines, rest = blob.split(b"\n")
        for line in lines:
            yield from self._ended(line)
        cut = rest.rfind(b"\r", 0, -1)  # what ends the blob may still become a line's end
        if cut >= 0 and self._may_split(rest[:cut]):
            for state in rest[:cut].split(b"\r"):
                yield from self._overwritten(state)
            rest = rest[cut + 1 :]
        self._keep(rest)

    def _may_split(self, content: bytes) -> bool:
        """Whether returns in it mean what they mean on a terminal."""
        if not self._is_binary and not is_text(content):
            self._is_binary = True
        return not self._is_binary

    def _ended(self, line: bytes) -> Iterator[Line]:
        end = LINE_END
        if line.endswith(b"\r"):
            line, end = line[:-1], WINDOWS_END
        if b"\r" in line and self._may_split(line):
            *states, line = line.split(b"\r")
            for state in states:
                yield from self._overwritten(state)
        if self._is_display:
            yield from self._last_of_display(line, end)
        else:
            yield Line(line, end)
        self._is_display = False

    def _last_of_display(self, line: bytes, end: bytes) -> Iterator[Line]:
        """What stays to be seen of a display: its last state where the line itself is empty."""
        if self._state is not None and not line.strip():
            line = self._state
        elif self._state is not None:
            self._left_out += 1
        if line or self._left_out:
            yield self._told(line, end)

    def _told(self, content: bytes, end: bytes) -> Line:
        line = Line(content, end, self._left_out, is_state=True)
        self._state, self._left_out = None, 0
        return line

    def _overwritten(self, state: bytes) -> Iterator[Line]:
        self._is_display = True
        if not state.strip():
            return  # wiped out
        if self._state is not None:
            self._left_out += 1
        self._state = state
        yield from self._due()

    def _due(self) -> Iterator[Line]:
        now = self._clock()
        if self._state is not None and now - self._state_told_at >= STATE_SECONDS:
            self._state_told_at = now
            yield self._told(self._state, OVERWRITTEN)

    def wait(self) -> Iterator[Line]:
        """What is due though nothing came; to be called about once a second."""
        quiet = self._clock() - self._fed_at
        stands_still = quiet >= STATE_SECONDS and bool(self._pieces) and not self._is_binary
        if stands_still and (self._is_display or self._awaits_more()):
            yield from self._overwritten(self._taken().removesuffix(b"\r"))
        yield from self._due()
        if self._pieces and quiet >= PROMPT_SECONDS:
            yield Line(self._taken(), NO_END)

    @property
    def is_waiting(self) -> bool:
        """Whether something is not told yet that `wait` would tell in time."""
        return bool(self._pieces) or self._state is not None

    def finish(self) -> Iterator[Line]:
        """What is left when the stream has ended."""
        rest = self._taken()
        if rest.endswith(b"\r") and self._may_split(rest):
            yield from self._overwritten(rest[:-1])
            rest = b""
        if self._is_display:
            end = NO_END if rest.strip() else OVERWRITTEN
            yield from self._last_of_display(rest, end)
        elif rest:
            yield Line(rest, NO_END)
