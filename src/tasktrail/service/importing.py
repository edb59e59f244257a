"""The sink of an import straight into a data root, beside a running service or without one.

Without a service the events are recorded and indexed here, during the import as soon as much
waits, and at its end, so that they can be read at once. Where another process records, it does.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from tasktrail.errors import LockHeld
from tasktrail.formats.translator import Translated
from tasktrail.ingest.import_sinks import Refused, SpoolSink
from tasktrail.service.local import LocalReader
from tasktrail.service.parts import Parts, open_parts
from tasktrail.settings import Settings

RECORD_BYTES: Final = 64 << 20  # appended since it was recorded last: the spool stays this small
SOON_SECONDS: Final = 0.5


class RecordingSink:
    """Appends, and records in between."""

    def __init__(
        self, parts: Parts, told: Callable[[str], None], *, record_bytes: int = RECORD_BYTES
    ) -> None:
        self._parts = parts
        self._sink = SpoolSink(
            parts.spool,
            max_event_bytes=parts.settings.max_event_bytes,
            make_room=self.record,
            told=told,
        )
        self._bytes = 0
        self._record_bytes = record_bytes

    def put(self, events: Sequence[Translated]) -> list[Refused]:
        """What was refused; all else is on disk."""
        refused = self._sink.put(events)
        self._bytes += sum(len(one.blob) for one in events)
        if self._bytes >= self._record_bytes:
            self._bytes = 0
            self.record()
        return refused

    def record(self) -> None:
        """What waits is recorded, unless another process does that."""
        try:
            self._parts.recording.record_now(timeout_seconds=SOON_SECONDS)
        except LockHeld:
            return


@contextmanager
def open_import(settings: Settings, told: Callable[[str], None]) -> Iterator[RecordingSink]:
    """The sink; at the end everything is recorded and indexed as a reader would find it."""
    with open_parts(settings) as parts:
        try:
            yield RecordingSink(parts, told)
        finally:
            LocalReader(parts.reader, parts).refresh()
