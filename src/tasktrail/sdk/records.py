"""What a job said and what is not yet a line of its outbox, and how it becomes one.

The call that logs only puts a record into a list: the time, what belongs to every entry of its
logger as ready JSON, and the message. Lines are made of many records at once, by whoever writes
them. A record holds nothing that the job could change afterwards.
"""

from binascii import hexlify
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Final
from zlib import crc32

import msgspec

from tasktrail.model.times import MICROSECONDS, utc_text
from tasktrail.sdk.encoding import encode_any

NANOS_PER_MICRO: Final = 1_000
CRC_BYTES: Final = 4
MAX_HEADS: Final = 1_000  # beginnings of lines that are remembered

# The task, and the JSON of `type`, ids and source as an object whose last brace is open.
Key = tuple[str | None, str]
# Values that cannot change, or their JSON.
Metadata = Mapping[str, object] | bytes
# A message, alone or with its metadata.
Said = str | tuple[str, Metadata]
# When (nanoseconds), of which logger, the level, what is said, the stage. An event that was encoded
# by its call has no level, and is what is said.
Record = tuple[int, Key, str | None, Said | bytes, str | None]
# Logger, level, stage and the digits of the second: what lines with the same beginning share.
SaidBy = tuple[Key, str, str | None, bytes]

_DATA: Final = b'Z","data":{"message":'
_encode: Final = msgspec.json.Encoder().encode
_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def event_record(nanos: int, task_id: str | None, event: bytes) -> Record:
    """The record of an event that is encoded already."""
    return nanos, (task_id, ""), None, event, None


def task_of(record: Record) -> str | None:
    """The task of the record, if it has one."""
    return record[1][0]


def head_of(fields: Mapping[str, object]) -> str:
    """What stands first in every entry of a logger: an object of JSON whose last brace is open."""
    return encode_any(fields).decode()[:-1]


class Renderer:
    """Makes lines of records; `src` stands before the number in their identities."""

    def __init__(self, src: str) -> None:
        self._identity = f',"id":"{src}:'.encode()
        self._heads: dict[SaidBy, bytes] = {}

    def render(self, records: Sequence[Record], number: int) -> bytes:
        """A line for each record, in their order; the first one's number is the next one."""
        pieces: list[bytes] = []
        for record in records:
            number += 1
            try:
                body = self._body(record, number)
            except Exception:  # noqa: BLE001 - half a surrogate, a huge number, a clock at 1970
                body = self._framed(record, careful_event(record), number)
            pieces += hexlify(crc32(body).to_bytes(CRC_BYTES)), b" ", body, b"\n"
        return b"".join(pieces)

    def _body(self, record: Record, number: int) -> bytes:
        """Joined from bytes: what a logger says in one second begins alike, and is remembered."""
        nanos, key, level, said, stage = record
        if level is None:
            return self._framed(record, said, number)  # type: ignore[arg-type]
        at = _encode(nanos // NANOS_PER_MICRO)
        said_by = (key, level, stage, at[:-6])
        head = self._heads.get(said_by) or self._head(said_by)
        message, metadata = said if isinstance(said, tuple) else (said, None)
        text = _encode(message) if metadata is None else _encode(message) + _metadata(metadata)
        return b"".join(
            (b'{"at":', at, self._identity, _encode(number), head, at[-6:], _DATA, text, b"}}}")
        )

    def _framed(self, record: Record, event: bytes, number: int) -> bytes:
        """The frame of an event that is JSON already, without its CRC."""
        identity = self._identity + _encode(number)
        return b'{"at":%d%b","event":%b}' % (record[0] // NANOS_PER_MICRO, identity, event)

    def _head(self, said_by: SaidBy) -> bytes:
        """What stands between the number of a line and the fraction of its second."""
        key, level, stage, second = said_by
        where = "" if stage is None else f',"stage":{_encode(str(stage)).decode()}'
        moment = utc_text(int(second) * MICROSECONDS)[:-7]
        head = f'","event":{key[1]},"level":"{level}"{where},"timestamp":"{moment}'.encode()
        if len(self._heads) >= MAX_HEADS:
            self._heads = {}
        self._heads[said_by] = head
        return head


def careful_event(record: Record) -> bytes:
    """The event of a record whatever it holds, with a word on what is not what it was."""
    nanos, key, level, said, stage = record
    message, metadata = said if isinstance(said, tuple) else (said, None)
    event: dict[str, object] = dict(_FIELDS.decode(key[1] + "}"))
    event["level"] = level
    if stage is not None:
        event["stage"] = stage
    event["timestamp"] = utc_text(nanos // NANOS_PER_MICRO)
    data: dict[str, object] = {"message": message}
    if metadata:
        data["metadata"] = msgspec.Raw(metadata) if isinstance(metadata, bytes) else metadata
    event["data"] = data
    return encode_any(event)


def _metadata(metadata: Metadata) -> bytes:
    if isinstance(metadata, bytes):
        return b',"metadata":' + metadata
    blob = _encode(metadata)
    if b"null" in blob and not all(one is None or _is_json(one) for one in metadata.values()):
        raise ValueError("expected numbers that JSON has")
    return b',"metadata":' + blob


def _is_json(value: object) -> bool:
    return not isinstance(value, float) or isfinite(value)
