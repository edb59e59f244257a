"""Events into a Redis stream, as the pump of a service reads them.

    redis://HOST:PORT/DB?stream=task_events&form=packed

Packed: up to 100 events in the field `events` of one entry, as lines of JSON, which costs Redis and
its readers least. Flat (`form=flat`): one entry per event with the fields `type, task_id,
timestamp, data, …`, as other readers of the stream expect. Either way each event carries its `src`
and `src_seq`, so that one that was sent twice is recorded once. What Redis has confirmed is as
safe as that Redis keeps it.
"""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from tasktrail.errors import InvalidSetting
from tasktrail.model.frame import Frame
from tasktrail.sdk.transport import Away, Refused, identified

EVENTS_PER_ENTRY: Final = 100
BYTES_PER_ENTRY: Final = 256 << 10
SECONDS: Final = 10.0  # without an answer, a connection is given up
STREAM: Final = "task_events"
PACKED: Final = "packed"
FORMS: Final = (PACKED, "flat")
CLIENT_NAME: Final = "tasktrail-sdk"

_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TEXT: Final = msgspec.json.Decoder(str)


class RedisTransport:
    """Adds events to one stream of one Redis."""

    def __init__(self, url: str) -> None:
        """Raises InvalidSetting for an address that is none, or without the library."""
        try:
            # Only who sends to Redis needs the library.
            import redis  # noqa: PLC0415
            from redis.backoff import NoBackoff  # noqa: PLC0415
            from redis.retry import Retry  # noqa: PLC0415
        except ImportError as error:
            reason = "redis://: expected the redis library; pip install 'tasktrail[redis]'"
            raise InvalidSetting(reason) from error
        address, self._stream, self._is_packed = _parts(url)
        self._shown = urlsplit(address).hostname or "redis"
        self._errors = (redis.RedisError, OSError)
        try:
            self._redis = redis.Redis.from_url(
                address,
                socket_timeout=SECONDS,
                socket_connect_timeout=SECONDS,
                retry=Retry(NoBackoff(), 0),
                client_name=CLIENT_NAME,
            )
        except (ValueError, TypeError) as error:
            raise InvalidSetting(f"expected redis://HOST:PORT/DB: {error}") from error

    def send(self, frames: Sequence[Frame]) -> list[Refused]:
        """See Transport; Redis refuses nothing."""
        events = [identified(frame) for frame in frames]
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                for entry in _packed(events) if self._is_packed else map(_flat, events):
                    pipeline.xadd(self._stream, entry)
                pipeline.execute()
        except self._errors as error:
            raise Away(f"Redis at {self._shown}: {error}") from error
        return []

    def close(self) -> None:
        """See Transport."""
        self._redis.close()


def _parts(url: str) -> tuple[str, str, bool]:
    """The address as the library takes it, the stream, and whether entries are packed."""
    parts = urlsplit(url)
    said = dict(parse_qsl(parts.query, keep_blank_values=True))
    stream, form = said.pop("stream", STREAM), said.pop("form", PACKED)
    if form not in FORMS:
        raise InvalidSetting(f"form: expected {' or '.join(FORMS)}, found {form!r}")
    if not stream:
        raise InvalidSetting("stream: expected a name, found none")
    return urlunsplit(parts._replace(query=urlencode(said))), stream, form == PACKED


def _packed(events: Sequence[bytes]) -> list[dict[Any, Any]]:
    """Entries of several events each, in their order."""
    entries: list[dict[Any, Any]] = []
    lines: list[bytes] = []
    size = 0
    for event in events:
        if lines and (len(lines) >= EVENTS_PER_ENTRY or size + len(event) > BYTES_PER_ENTRY):
            entries.append({"events": b"\n".join(lines)})
            lines, size = [], 0
        lines.append(event)
        size += len(event)
    entries.append({"events": b"\n".join(lines)})
    return entries


def _flat(event: bytes) -> dict[Any, Any]:
    """The event's top-level fields as texts; what is no text is its JSON."""
    return {name: _plain(raw) for name, raw in _FIELDS.decode(event).items()}


def _plain(raw: msgspec.Raw) -> bytes:
    blob = bytes(raw)
    return _TEXT.decode(blob).encode() if blob[:1] == b'"' else blob
