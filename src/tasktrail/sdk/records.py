"""What a job said and what is not yet a line of its outbox, and how it becomes one.

The call that logs only puts a record into a list: the time, what belongs to every entry of its
logger as ready JSON, and the message. Lines are made of many records at once, by whoever writes
them. A record holds nothing that the job could change afterwards.
"""

from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring
from math import isfinite
from typing import Final, cast
from zlib import crc32

import msgspec

from tasktrail.model.frame import encode_frame
from tasktrail.model.times import MICROSECONDS, utc_text
from tasktrail.sdk.encoding import encode_any

NANOS_PER_MICRO: Final = 1_000
MAX_STAGES: Final = 1_000  # names of stages whose JSON is remembered

# The task, and the JSON of `type`, ids and source as an object whose last brace is open.
Key = tuple[str | None, str]
# A message, alone or with its metadata: values that cannot change, or their JSON.
Said = str | tuple[str, Mapping[str, object] | bytes]
# When (nanoseconds), of which logger, the level, what is said, the stage. An event that was encoded
# by its call has no level, and is what is said.
Record = tuple[int, Key, str | None, Said | bytes, str | None]

_ENCODER: Final = msgspec.json.Encoder()
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
        self._src = src
        self._stages: dict[str | None, str] = {None: ""}
        self._second = "?"  # none, and not the empty one of a clock in 1970
        self._moment = ""

    def render(self, records: Sequence[Record], number: int) -> bytes:
        """A line for each record, in their order; the first one's number is the next one."""
        lines: list[bytes] = []
        for record in records:
            number += 1
            try:
                lines.append(self._line(record, number))
            except Exception:  # noqa: BLE001 - half a surrogate, a huge number, a clock at 1970
                lines.append(self._careful_line(record, number))
        return lines[0] if len(lines) == 1 else b"".join(lines)

    def _line(self, record: Record, number: int) -> bytes:
        nanos, key, level, said, stage = record
        if level is None:
            return self._framed(nanos, cast("bytes", said), number)
        micros = str(nanos)[:-3]
        second = micros[:-6]
        if second != self._second:
            self._moment = utc_text(int(second) * MICROSECONDS)[:-7]
            self._second = second
        where = self._stages.get(stage)
        if where is None:
            where = self._stage_text(stage)
        also = ""
        if isinstance(said, tuple):
            message, metadata = said
            also = _metadata_text(metadata)
        else:
            message = cast("str", said)
        body = (
            f'{{"at":{micros},"id":"{self._src}:{number}","event":{key[1]},"level":"{level}"{where}'
            f',"timestamp":"{self._moment}{micros[-6:]}Z",'
            f'"data":{{"message":{encode_basestring(message)}{also}}}}}}}'
        ).encode()
        return b"%08x %b\n" % (crc32(body), body)

    def _framed(self, nanos: int, event: bytes, number: int) -> bytes:
        return encode_frame(nanos // NANOS_PER_MICRO, event, identity=f"{self._src}:{number}")

    def _stage_text(self, stage: str | None) -> str:
        if len(self._stages) > MAX_STAGES:
            self._stages = {None: ""}
        text = self._stages[stage] = f',"stage":{encode_basestring(str(stage))}'
        return text

    def _careful_line(self, record: Record, number: int) -> bytes:
        return self._framed(record[0], careful_event(record), number)


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


def _metadata_text(metadata: Mapping[str, object] | bytes) -> str:
    if isinstance(metadata, bytes):
        return f',"metadata":{metadata.decode()}'
    blob = _ENCODER.encode(metadata)
    if b"null" in blob and not all(one is None or _is_json(one) for one in metadata.values()):
        raise ValueError("expected numbers that JSON has")
    return f',"metadata":{blob.decode()}'


def _is_json(value: object) -> bool:
    return not isinstance(value, float) or isfinite(value)
