"""A stream that comes through a pipe: imported while it is written, line by line.

There is no file to go on from: nothing is remembered, and identities alone tell what is new.
"""

import os
import time
from collections.abc import Callable
from typing import Final

from tasktrail.formats.records import parse_head
from tasktrail.formats.table import recognise
from tasktrail.formats.translator import (
    Format,
    LineTranslator,
    Problem,
    Source,
    Translated,
    WholeFormat,
)
from tasktrail.ingest.import_reading import Reading, translate_line
from tasktrail.ingest.import_sinks import Sink
from tasktrail.ingest.importing import QUIET_SECONDS, Report, Trouble
from tasktrail.model.times import MICROSECONDS

CHUNK_BYTES: Final = 1 << 20
NAME: Final = "stdin"
MOST_UNKNOWN_BYTES: Final = 64 << 20  # held until a format is recognised


def import_pipe(
    fd: int,
    sink: Sink,
    *,
    only: Format | None = None,
    name: str = NAME,
    clock: Callable[[], float] = time.time,
) -> Report:
    """What came through until the pipe was closed; `name`: what a file of it would be called.

    What has an end that nobody told is over when the pipe is closed, or, where its records have
    times, when nothing was heard of it for a day.
    """
    quiet_before = round((clock() - QUIET_SECONDS) * MICROSECONDS)
    source = Source(name, is_quiet=True, is_closed=True, quiet_before=quiet_before)
    return _Pipe(fd, sink, only, source).run()


class _Pipe:
    def __init__(self, fd: int, sink: Sink, only: Format | None, source: Source) -> None:
        self._fd = fd
        self._sink = sink
        self._only = only
        self._source = source
        self._reading = Reading()
        self._report = Report()
        self._translator: LineTranslator | None = None
        self._offset = 0

    def run(self) -> Report:
        """Read to the end."""
        held = b""
        while block := os.read(self._fd, CHUNK_BYTES):
            self._report.bytes += len(block)
            held += block
            if b"\n" in block and len(held) < MOST_UNKNOWN_BYTES:
                held = self._lines(held)
        self._end(held)
        return self._summed()

    def _lines(self, held: bytes) -> bytes:
        """The lines are in the sink; what is no complete line, or not yet understood, is left."""
        if not self._recognised(held, is_whole=False) or self._translator is None:
            return held
        *lines, rest = held.split(b"\n")
        self._put(self._translator, lines)
        return rest

    def _recognised(self, held: bytes, *, is_whole: bool) -> Format | None:
        if self._translator is not None:
            return self._only
        head = parse_head(held, is_whole=is_whole)
        self._only = self._only or recognise(self._source, head)
        if self._only is not None and not isinstance(self._only, WholeFormat):
            self._translator = self._only.open(self._source, head, None)
        return self._only

    def _put(self, translator: LineTranslator, lines: list[bytes]) -> None:
        events: list[Translated] = []
        for line in lines:
            translate_line(translator, self._reading, line, self._offset, events)
            self._offset += len(line) + 1
        self._send(events)

    def _send(self, events: list[Translated]) -> None:
        if events:
            self._report.refused += len(self._sink.put(events))
            self._report.events += len(events)

    def _end(self, held: bytes) -> None:
        form = self._recognised(held, is_whole=True)
        if isinstance(form, WholeFormat):
            events: list[Translated] = []
            for found in form.translate(self._source, held):
                if isinstance(found, Problem):
                    self._reading.problems.append(found)
                    self._reading.broken += 1
                else:
                    events.append(found)
            self._send(events)
        elif self._translator is not None:
            self._put(self._translator, held.split(b"\n"))
            self._send(self._translator.quiet())

    def _summed(self) -> Report:
        report, reading = self._report, self._reading
        report.records, report.texts, report.broken = reading.records, reading.texts, reading.broken
        if self._only is not None:
            report.files = report.parsed = 1
            report.by_format[self._only.name] = 1
        name = self._source.name
        report.troubles += [Trouble(name, one.offset, one.reason) for one in reading.problems]
        return report
