"""What a translator is: foreign bytes in, events out; nothing is read or written here.

A *line* format is read line by line and may grow: its translator keeps a small state, so that a
file read in two parts gives the events of one reading. A *whole* format is one document that is
rewritten as a whole; identities make reading it again harmless.

Every event has an identity made of the record alone, never of the file's place: the same record
found twice, in whatever copy of the file, is one entry. What no record says (the file's times and
place) is in no event's content, but for two: `worker:imported`, whose identity names the place, and
times that stand in for times nobody told, which are marked and count for nothing when an event is
compared with what is there already.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

from msgspec import Struct

from tasktrail.model.times import parse_time


class Source(Struct, frozen=True):
    """What is known of a file besides its lines."""

    name: str
    path: str = ""  # absolute, as it was imported
    parents: tuple[str, ...] = ()  # names of the directories above it, nearest first
    siblings: Mapping[str, bytes] = {}  # what else the format needs: sidecar files, by name
    modified_at: str | None = None  # UTC; what stands in for times that records do not tell
    is_quiet: bool = False  # nothing was written to it for a day, or it is closed
    is_closed: bool = False  # nothing more will come: a pipe's end
    quiet_before: int | None = None  # µs: what was last heard of before is over; None: not known

    @property
    def stem(self) -> str:
        """The name up to its first dot; a leading dot is part of it."""
        return self.name[:1] + self.name[1:].partition(".")[0]

    def is_over(self, last_at: str | None) -> bool:
        """Whether what was last heard of at that time is over; without one, the file decides."""
        at = parse_time(last_at) if last_at else None
        if at is None or self.quiet_before is None:
            return self.is_quiet
        return at < self.quiet_before


class Translated(Struct, frozen=True, gc=False):
    """One event, ready for the spool: its partition's key, its identity, one line of JSON."""

    key: str
    identity: str
    blob: bytes
    at: str | None = None  # its time; files of one session are put together by it


class Problem(NamedTuple):
    """What of a file could not be read as its format says: counted, shown, and kept raw."""

    offset: int
    reason: str
    raw: bytes
    file: str = ""  # beside the one that is read, where it stands in another


class Record(Struct, frozen=True, gc=False):
    """What should be one JSON object, as one legible line, and where its line begins."""

    blob: bytes
    offset: int


class LineTranslator(Protocol):
    """One file of a line format."""

    def translate(self, record: Record) -> list[Translated]:
        """The record's events; raises InvalidEvent for one that is none of the format."""
        ...

    def text(self, text: bytes, offset: int) -> list[Translated] | None:
        """The events of a line that is no JSON; `None` where the format has no such lines."""
        ...

    def broken(self, problem: Problem) -> Translated:
        """The entry that keeps what could not be read."""
        ...

    def quiet(self) -> list[Translated]:
        """The ends that are guessed of what was not heard of for a day, each once."""
        ...

    def state(self) -> bytes:
        """What the rest of the file must be translated with, as JSON."""
        ...


class Head(NamedTuple):
    """The beginning of a file, by which its format is known."""

    blob: bytes  # at most HEAD_BYTES
    records: tuple[dict[str, object], ...]  # the JSON objects of its first lines
    is_whole: bool  # whether the blob is all of the file


class LineFormat(NamedTuple):
    """A format of lines: how it is recognised, and how a file of it is opened."""

    name: str
    recognises: "Recognise"
    open: "OpenLines"


class WholeFormat(NamedTuple):
    """A format of whole documents: how it is recognised and translated."""

    name: str
    recognises: "Recognise"
    translate: "TranslateWhole"


class Recognise(Protocol):
    """Whether a file is of the format."""

    def __call__(self, source: Source, head: Head, /) -> bool:
        """Whether it is, by name and content."""
        ...


class OpenLines(Protocol):
    """How a file of a line format is opened."""

    def __call__(self, source: Source, head: Head, state: bytes | None, /) -> LineTranslator:
        """The translator as it was when it gave that state; `None`: at the file's beginning."""
        ...


class TranslateWhole(Protocol):
    """How a whole document is translated."""

    def __call__(self, source: Source, blob: bytes, /) -> Iterator[Translated | Problem]:
        """Its events and what of it could not be read."""
        ...


Format = LineFormat | WholeFormat
