"""What a job said and what is not yet a line of its outbox, and how it becomes one.

The call that logs only puts a record into a list: the time, what belongs to every entry of its
logger as ready JSON, and the message. Lines are made of many records at once, by whoever writes
them, and say no more than the records do: whoever reads an outbox makes events of them, see
bundles.py. A record holds nothing that the job could change afterwards.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast
from zlib import crc32

import msgspec

from tasktrail.model.times import utc_text
from tasktrail.sdk.encoding import encode_any

NANOS_PER_MICRO: Final = 1_000
# A damaged line costs all of its records, and zlib lets go of the interpreter above 5 kB, for which
# a job that computes makes it wait.
RECORDS_PER_LINE: Final = 32

# The type, ids, source, level and stage of an entry as JSON: the beginning of its event.
Head = msgspec.Raw
# Values that cannot change, or their JSON.
Metadata = Mapping[str, object] | msgspec.Raw
# When (nanoseconds), the head, the message, and where there is any, the metadata. An event that was
# encoded by its call stands in the message's place, behind `FRAMED`, and then its task.
Record = tuple[Any, ...]

# In the place of a head. Nothing encodes it, so nobody has to look for it among entries.
FRAMED: Final = object()
_encode: Final = msgspec.json.Encoder().encode
_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def event_record(nanos: int, task_id: str | None, event: bytes) -> Record:
    """The record of an event that is encoded already."""
    return nanos, FRAMED, event, task_id


def head_of(fields: Mapping[str, object]) -> Head:
    """What every entry of a logger has in common, ready to be written."""
    return msgspec.Raw(encode_any(fields))


def task_of(record: Record) -> str | None:
    """The task of the record, if it has one."""
    head = record[1]
    if head is FRAMED:
        return cast("str | None", record[3])
    task_id = _FIELDS.decode(head).get("task_id")
    return None if task_id is None else msgspec.json.decode(task_id, type=str)


class Renderer:
    """Makes lines of records; `src` stands before the number in their identities."""

    def __init__(self, src: str) -> None:
        self._src = src
        self._identity = f',"id":"{src}:'.encode()

    def render(self, records: Sequence[Record], number: int) -> bytes:
        """Lines of the records, in their order; the first one's number is the next one."""
        pieces: list[bytes] = []
        for first in range(0, len(records), RECORDS_PER_LINE):
            pieces += self._bundle(records[first : first + RECORDS_PER_LINE], number + first + 1)
        return b"".join(pieces)

    def _bundle(self, records: Sequence[Record], number: int) -> Sequence[bytes]:
        """The pieces of one line for all; where one of them is no plain entry, a line for each."""
        try:
            body = _encode((self._src, number, records))
        except Exception:  # noqa: BLE001 - one of them is an event, or needs care
            return [self.line(record, at) for at, record in enumerate(records, number)]
        return b"%08x " % crc32(body), body, b"\n"

    def line(self, record: Record, number: int) -> bytes:
        """The line of one record, which has that number."""
        if record[1] is FRAMED:
            body = self._framed(record, record[2], number)
        else:
            try:
                body = _encode((self._src, number, (record,)))
            except Exception:  # noqa: BLE001 - half a surrogate, a text of a job's own class
                body = self._framed(record, careful_event(record), number)
        return b"%08x %b\n" % (crc32(body), body)

    def _framed(self, record: Record, event: bytes, number: int) -> bytes:
        """The frame of an event that is JSON already, without its CRC."""
        at = record[0] // NANOS_PER_MICRO
        return b'{"at":%d%b%d","event":%b}' % (at, self._identity, number, event)


def careful_event(record: Record) -> bytes:
    """The event of an entry whatever it holds, with a word on what is not what it was."""
    nanos, head, message, *metadata = record
    event: dict[str, object] = dict(_FIELDS.decode(head))
    event["timestamp"] = utc_text(nanos // NANOS_PER_MICRO)
    event["data"] = {"message": message, **({"metadata": metadata[0]} if metadata else {})}
    return encode_any(event)
