"""Importing: files through their translators into a sink, remembering how far each was read.

    find → known and unchanged? pass → recognise → translate from where it ended → sink → remember

Files of one session are translated side by side, so that a sub-agent's entries stand where it ran.

A note that a file was read is written after the sink has its events: a crash in between makes
duplicates, which identities tell. Files that grew are read on; files that changed before the place
where reading ended are read whole again.
"""

import os
import time
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import PurePath
from typing import Final, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from tasktrail.errors import InvalidEvent, StorageFailed
from tasktrail.formats.records import HEAD_BYTES, parse_head
from tasktrail.formats.table import format_named, recognise
from tasktrail.formats.translator import (
    Format,
    Head,
    LineFormat,
    LineTranslator,
    Problem,
    Source,
    Translated,
    WholeFormat,
)
from tasktrail.ingest.import_files import FoundFile
from tasktrail.ingest.import_merge import merged, sessions, timed
from tasktrail.ingest.import_reading import Reading, guard_of, note_problem, translate_lines
from tasktrail.ingest.import_siblings import siblings_of
from tasktrail.ingest.import_sinks import Refused, Sink
from tasktrail.model.times import MICROSECONDS, utc_text
from tasktrail.store.files import explained
from tasktrail.store.import_memory import FileMark, ImportMemory, Stamp

BATCH_EVENTS: Final = 5_000
BATCH_BYTES: Final = 8 << 20
QUIET_SECONDS: Final = 86_400  # a file untouched for so long is not being written to
MOST_LISTED: Final = 1_000
# What a translator that does not foresee some shape may raise: it costs that file, not the import.
TRANSLATOR_FAULTS: Final = (
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
NANOSECONDS: Final = 1_000_000_000


class Trouble(Struct, frozen=True):
    """Something of a file that could not be imported as it is."""

    path: str
    offset: int
    reason: str


class Report(Struct):
    """What an import found and did."""

    files: int = 0  # that are of a format of ours
    unchanged: int = 0
    parsed: int = 0
    others: int = 0  # of no format of ours
    unreadable: int = 0
    records: int = 0
    texts: int = 0
    events: int = 0
    refused: int = 0
    broken: int = 0
    repaired: int = 0  # lines of which every part could be read after all
    unfinished: int = 0
    bytes: int = 0
    by_format: dict[str, int] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    other_files: list[str] = field(default_factory=list)  # their names, all of them


class Progress(Protocol):
    """Who is told how far it is."""

    def advance(self, done: int) -> None:
        """So many bytes more are done."""
        ...


class NoProgress:
    """Nobody."""

    def advance(self, done: int) -> None:
        """Nothing is told."""


class Importer:
    """Imports into one sink; call `flush` at the end."""

    def __init__(
        self,
        sink: Sink,
        memory: ImportMemory,
        *,
        only: Format | None = None,
        named: Container[str] | None = None,
        clock: Callable[[], float] = time.time,
        progress: Progress | None = None,
    ) -> None:
        """`only`: every file is taken for one of that format.

        Where files were `named`, others that have no record of it are passed over.
        """
        self.report = Report()
        self._sink = sink
        self._memory = memory
        self._only = only
        self._named = named
        self._clock = clock
        self._progress = progress or NoProgress()
        self._events: list[Translated] = []
        self._bytes = 0
        self._marks: list[FileMark] = []

    def run(self, files: Iterable[FoundFile]) -> Report:
        """The report, after all the files were imported; those of a session come together."""
        for group in sessions(file for file in files if not self._is_known(file)):
            with ExitStack() as stack:
                parts = [self._events_of(file, stack) for file in group]
                one_by_one = parts[0] if len(parts) == 1 else merged([timed(one) for one in parts])
                for events in one_by_one:
                    self._add(events)
        self.flush()
        return self.report

    def _is_known(self, file: FoundFile) -> bool:
        """Whether there is nothing new in the file, which then is passed."""
        mark = self._memory.find(file.path)
        if mark is None or mark.stamp != file.stamp or self._is_due(mark, file):
            return False
        self._pass(mark)
        self._progress.advance(file.stamp.size)
        return True

    def _events_of(self, file: FoundFile, stack: ExitStack) -> Iterator[list[Translated]]:
        """What is new in the file, part by part; whatever is wrong with it costs only itself."""
        try:
            fd = stack.enter_context(_opened(file.path))
            yield from self._read(file, fd, self._memory.find(file.path))
        except (OSError, StorageFailed) as error:
            self._fail(file.path, str(error))
        except TRANSLATOR_FAULTS as error:
            self._fail(file.path, f"a fault of its translator, please report it: {error!r}")
        self._progress.advance(file.stamp.size)

    def _is_due(self, mark: FileMark, file: FoundFile) -> bool:
        """Whether an end that was left because it might go on has been left for good."""
        if self._only is not None and mark.format != self._only.name:
            return True
        return not mark.is_settled and self._is_quiet(file.stamp)

    def _is_quiet(self, stamp: Stamp) -> bool:
        return self._clock() - stamp.mtime_ns / NANOSECONDS > QUIET_SECONDS

    def _pass(self, mark: FileMark) -> None:
        if mark.format:
            self.report.files += 1
            self.report.unchanged += 1
        else:
            self._pass_over(mark.path)

    def _pass_over(self, path: str) -> None:
        self.report.others += 1
        self.report.other_files.append(path)

    def _fail(self, path: str, reason: str) -> None:
        self.report.unreadable += 1
        self._tell(Trouble(path, 0, reason))

    def _tell(self, trouble: Trouble) -> None:
        if len(self.report.troubles) < MOST_LISTED:
            self.report.troubles.append(trouble)

    def _read(self, file: FoundFile, fd: int, mark: FileMark | None) -> Iterator[list[Translated]]:
        path, stamp = file
        blob = os.pread(fd, HEAD_BYTES, 0)
        head = parse_head(blob, is_whole=len(blob) < HEAD_BYTES)
        source = Source(
            PurePath(path).name,
            path,
            tuple(parent.name for parent in PurePath(path).parents),
            siblings_of(path),
            utc_text(stamp.mtime_ns // 1_000),
            self._is_quiet(stamp),
            quiet_before=round((self._clock() - QUIET_SECONDS) * MICROSECONDS),
        )
        known = self._only or (format_named(mark.format) if mark and mark.format else None)
        form = known if known and mark else self._only or recognise(source, head)
        if form is None or (not (mark and mark.format) and self._is_foreign(form, source, head)):
            self._pass_over(path)
            self._marks.append(FileMark(path, "", stamp))
            return
        self.report.files += 1
        self.report.parsed += 1
        self.report.by_format[form.name] = self.report.by_format.get(form.name, 0) + 1
        if isinstance(form, WholeFormat):
            yield from self._whole(form, source, fd, stamp)
        else:
            new = FileMark(path, form.name, stamp)
            yield from self._by_lines(form, source, fd, new, head=head, before=mark)

    def _is_foreign(self, form: Format, source: Source, head: Head) -> bool:
        """Whether the file was only met in a folder, and nothing in its first lines is a record."""
        if self._named is None or source.path in self._named:
            return False
        has_lines = head.is_whole or b"\n" in head.blob
        return has_lines and not form.recognises(source, head)

    def _whole(
        self, form: WholeFormat, source: Source, fd: int, stamp: Stamp
    ) -> Iterator[list[Translated]]:
        reading = Reading()
        with os.fdopen(os.dup(fd), "rb") as file:
            blob = file.read()
        self.report.bytes += len(blob)
        try:
            for found in form.translate(source, blob):
                if isinstance(found, Problem):
                    note_problem(reading, found)
                else:
                    reading.records += 1
                    yield [found]
        except InvalidEvent as error:
            note_problem(reading, Problem(0, str(error), b""))
        self._sum_up(source.path, reading)
        self._marks.append(FileMark(source.path, form.name, stamp, is_settled=source.is_quiet))

    def _by_lines(
        self,
        form: LineFormat,
        source: Source,
        fd: int,
        mark: FileMark,
        *,
        head: Head,
        before: FileMark | None,
    ) -> Iterator[list[Translated]]:
        translator, start = _resumed(form, source, fd, head, before)
        reading, offset = Reading(), start
        for step in translate_lines(
            fd, translator, reading, offset=start, takes_rest=source.is_quiet
        ):
            offset = step.offset
            yield step.events
        yield translator.quiet()
        self.report.bytes += offset - start
        self._sum_up(source.path, reading)
        self._marks.append(
            replace(
                mark,
                offset=offset,
                guard=guard_of(fd, offset),
                state=translator.state().decode(),
                is_settled=source.is_quiet,
            )
        )

    def _add(self, events: list[Translated]) -> None:
        self._events += events
        self._bytes += sum([len(event.blob) for event in events])
        if len(self._events) >= BATCH_EVENTS or self._bytes >= BATCH_BYTES:
            self.flush()

    def _sum_up(self, path: str, reading: Reading) -> None:
        report = self.report
        report.records += reading.records
        report.texts += reading.texts
        report.broken += reading.broken
        report.repaired += reading.repaired
        report.unfinished += reading.is_unfinished
        for problem in reading.problems:
            place = str(PurePath(path).with_name(problem.file)) if problem.file else path
            self._tell(Trouble(place, problem.offset, problem.reason))

    def flush(self) -> None:
        """Everything taken is in the sink, and remembered.

        What the sink raises for is forgotten together with its marks: its files are read again.
        """
        events, marks = self._events, self._marks
        self._events, self._marks, self._bytes = [], [], 0
        if events:
            for one in self._sink.put(events):
                self._refuse(one)
            self.report.events += len(events)
        self._memory.note(marks)

    def _refuse(self, one: Refused) -> None:
        self.report.refused += 1
        self._tell(Trouble(one.identity, 0, one.reason))


def _resumed(
    form: LineFormat, source: Source, fd: int, head: Head, before: FileMark | None
) -> tuple[LineTranslator, int]:
    """The translator and where it goes on: behind what was read, if that is still there."""
    if (
        before is not None
        and before.format == form.name
        and before.offset
        and before.guard == guard_of(fd, before.offset)
    ):
        try:
            return form.open(source, head, before.state.encode()), before.offset
        except InvalidEvent:  # of another version of ours
            return form.open(source, head, None), 0
    return form.open(source, head, None), 0


@contextmanager
def _opened(path: str) -> Iterator[int]:
    with explained("open", path):
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        yield fd
    finally:
        os.close(fd)
