"""Lines as events, made at the speed of a command that talks much.

A line that is no text keeps its bytes in base64 beside what can be read of it. Whatever a reader
needs to put the stream together again stands in the metadata: an end that is no line feed, and how
many states of a display were left out.
"""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tasktrail.model.codec import encode
from tasktrail.model.times import utc_text
from tasktrail.sdk.capture.lines import LINE_END, NO_END, Line
from tasktrail.sdk.encoding import encode_any

# What every door takes is 128 MiB; a little is left for ids and the frame.
MOST_EVENT_BYTES: Final = (128 << 20) - 4096
MOST_ESCAPED: Final = 8  # so many times its size can a text be as JSON, and a little around it
PERCENT: Final = re.compile(rb"(?<![\d.])(\d{1,3}(?:\.\d+)?) ?%")
_CONTINUATION: Final = range(0x80, 0xC0)  # bytes that do not begin a character in UTF-8


class LineEvents:
    """Makes events of the lines of one stream of one task."""

    def __init__(
        self,
        task_id: str,
        *,
        labels: Mapping[str, object],
        most_bytes: int = MOST_EVENT_BYTES,
    ) -> None:
        """`labels` stand at the top level of every event: source, stage, worker_id."""
        self._task_id = task_id
        self._labels = dict(labels)
        self._most_bytes = most_bytes
        said = encode_any({"type": "task:log", "task_id": task_id, **self._labels})
        self._head = said[:-1] + b',"timestamp":'
        self._prefix = b""
        self._at = -1

    def encode_plain(self, contents: Sequence[bytes], at: int) -> list[bytes]:
        """An event for each line, which ended with a line feed: many at once."""
        whole = b"\n".join(contents)
        if len(whole) < self._most_bytes // MOST_ESCAPED:
            try:
                texts = whole.decode().split("\n")
            except UnicodeDecodeError:
                pass
            else:
                prefix = self._prefix_at(at)
                return [b"%b%b}}" % (prefix, encode(text)) for text in texts]
        return [event for one in contents for event in self.encode(Line(one), at)]

    def encode(self, line: Line, at: int) -> Iterator[bytes]:
        """The line as one event; as several where one would be larger than an event may be."""
        if line.end is LINE_END and not line.is_state:
            try:
                text = line.content.decode()
            except UnicodeDecodeError:
                pass
            else:
                event = b"%b%b}}" % (self._prefix_at(at), encode(text))
                yield from self._fitting(event, line, at)
                return
        yield from self._fitting(self._special(line, at), line, at)

    def _prefix_at(self, at: int) -> bytes:
        """All before the message; lines of one moment share it."""
        if at != self._at:
            self._at = at
            self._prefix = b'%b"%b","data":{"message":' % (self._head, utc_text(at).encode())
        return self._prefix

    def _special(self, line: Line, at: int) -> bytes:
        """The event of a line that says more than its text."""
        metadata: dict[str, object] = {}
        if line.end == NO_END:
            metadata["partial"] = True
        elif line.end != LINE_END:
            metadata["end"] = line.end.decode()
        if line.left_out:
            metadata["left_out"] = line.left_out
        try:
            message = line.content.decode()
        except UnicodeDecodeError:
            message = line.content.decode(errors="replace")
            metadata["base64"] = base64.b64encode(line.content).decode("ascii")
        percent = _percent_in(line)
        said: dict[str, object] = {"message": message}
        if percent is not None:
            said["percent"] = percent
        if metadata:
            said["metadata"] = metadata
        kind = "task:log" if percent is None else "task:progress"
        event = {"type": kind, "task_id": self._task_id, **self._labels}
        return encode_any({**event, "timestamp": utc_text(at), "data": said})

    def _fitting(self, event: bytes, line: Line, at: int) -> Iterator[bytes]:
        """The event, or the events of the line's two halves."""
        if len(event) <= self._most_bytes or len(line.content) < 2:  # noqa: PLR2004 - no halves
            yield event
            return
        del event
        middle = _character_border(line.content, len(line.content) // 2)
        yield from self.encode(line._replace(content=line.content[:middle], end=NO_END), at)
        yield from self.encode(line._replace(content=line.content[middle:], left_out=0), at)


def _percent_in(line: Line) -> float | None:
    """How far a progress display says that it is."""
    found = PERCENT.findall(line.content) if line.is_state else []
    return min(100.0, float(found[-1])) if found else None


def _character_border(content: bytes, middle: int) -> int:
    """The nearest place before the middle at which a character begins."""
    for border in range(middle, max(0, middle - 4), -1):
        if content[border] not in _CONTINUATION:
            return border
    return middle
