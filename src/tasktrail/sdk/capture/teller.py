"""The thread that tells a trail what a command writes, line by line, while it runs.

Nothing that goes wrong here reaches the command: what cannot be told is counted as lost, and its
output is read and shown as before.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final, Protocol

from tasktrail.sdk.capture.backlog import Backlog, Chunk
from tasktrail.sdk.capture.events import LineEvents
from tasktrail.sdk.capture.lines import LINE_END, Line, StreamLines
from tasktrail.sdk.trouble import Trouble

STDOUT: Final = "stdout"
STDERR: Final = "stderr"
SLICE_BYTES: Final = 64 << 10  # so many bytes become events at once: what bounds our memory
WAIT_SECONDS: Final = 1.0
MOST_LAST_CHARACTERS: Final = 2_000  # of a command's last words

SendAll = Callable[[Sequence[bytes]], None]


class Interpreter(Protocol):
    """Understands a stdout that is more than text, such as an agent's protocol."""

    @property
    def is_at_work(self) -> bool:
        """Whether a line may still mean something to it."""

    def take(self, line: bytes, at: int) -> Iterable[bytes] | None:
        """The events that the line of that moment means; `None`: it is text."""


class Teller:
    """Makes events of a command's output and hands them over, never raising."""

    def __init__(
        self,
        backlog: Backlog,
        events: Mapping[str, LineEvents],
        send_all: SendAll,
        *,
        trouble: Trouble,
        interpreter: Interpreter | None = None,
    ) -> None:
        """`events` say how the lines of each stream, by its source, become events."""
        self._backlog = backlog
        self._events = events
        self._send_all = send_all
        self._trouble = trouble
        self._interpreter = interpreter
        self._lines = {source: StreamLines() for source in events}
        self._last_line: dict[str, bytes] = {}
        self._at: dict[str, int] = {}
        self._thread = threading.Thread(target=self._run, name="capture-teller", daemon=True)

    def begin(self) -> None:
        """From now on what comes is told."""
        self._thread.start()

    def end(self) -> None:
        """Everything is told; nothing more comes."""
        self._backlog.close()
        self._thread.join()

    def last_words(self, source: str) -> str:
        """The last line of that stream that says anything."""
        return self._last_line.get(source, b"").decode(errors="replace").strip()

    def _run(self) -> None:
        while not self._backlog.is_done:
            chunk = self._backlog.take(WAIT_SECONDS)
            try:
                if chunk is None:
                    self._tell_waiting()
                else:
                    self._tell(chunk)
            except Exception as error:  # noqa: BLE001 - a job is never harmed by logging
                self._trouble.lose(1, f"the command's output: {error!r}")
        with suppress(Exception):
            for source, lines in self._lines.items():
                self._send_lines(source, lines.finish())

    def _tell_waiting(self) -> None:
        for source, lines in self._lines.items():
            if lines.is_waiting:
                self._send_lines(source, lines.wait())

    def _tell(self, chunk: Chunk) -> None:
        self._at[chunk.source] = chunk.at
        lines, block = self._lines[chunk.source], chunk.block
        for start in range(0, len(block), SLICE_BYTES):
            piece = block[start : start + SLICE_BYTES]
            plain = None if self._may_be_understood(chunk.source) else lines.feed_plain(piece)
            if plain is None:
                self._send_lines(chunk.source, lines.feed(piece))
            else:
                self._send_plain(chunk.source, plain)

    def _may_be_understood(self, source: str) -> bool:
        return source == STDOUT and self._interpreter is not None and self._interpreter.is_at_work

    def _send_plain(self, source: str, contents: Sequence[bytes]) -> None:
        last = next((content for content in reversed(contents) if content), None)
        if last is not None:
            self._last_line[source] = last[-MOST_LAST_CHARACTERS:]
        self._send_all(self._events[source].encode_plain(contents, self._at[source]))

    def _send_lines(self, source: str, lines: Iterable[Line]) -> None:
        events = list(self._encoded(source, lines))
        if events:
            self._send_all(events)

    def _encoded(self, source: str, lines: Iterable[Line]) -> Iterator[bytes]:
        encode, at = self._events[source].encode, self._at.get(source, 0)
        for line in lines:
            if self._interpreter and source == STDOUT and line.end is LINE_END:
                meant = self._interpreter.take(line.content, at)
                if meant is not None:
                    yield from meant
                    continue
            if line.content:
                self._last_line[source] = line.content[-MOST_LAST_CHARACTERS:]
            yield from encode(line, at)
