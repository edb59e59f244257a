"""The event: what a producer says happened, as an open envelope.

Unknown types, unknown fields and unknown `data` keys survive as the bytes that were sent.
Both spellings of the wire are read: `type` or `event_type` at the top level (`type` wins),
`data` as an object or as an object in a JSON string.
"""

from typing import Final, NamedTuple

from msgspec import Raw, Struct

from tasktrail.errors import InvalidEvent
from tasktrail.model.codec import Fields, check_depth, decode_fields, integer_of, one_line, text_of
from tasktrail.model.ids import UNASSIGNED_SESSION, TrailKey

ALSO_IN_DATA: Final = frozenset(
    {"task_id", "job_id", "execution_id", "session_id", "worker_id", "attempt", "level", "stage"}
)
# Beside a `timestamp` that stands in for one that nobody told; another guess is no other event.
IS_ESTIMATED: Final = "timestamp_is_estimated"


class Event(Struct, frozen=True, gc=False):
    """One event as sent: its name, its envelope fields and the keys of its `data`."""

    event_type: str
    envelope: Fields  # every top-level field but type, event_type, timestamp and data
    data: Fields
    timestamp: Raw | None
    data_blob: bytes  # `data` as one JSON object, as sent
    named_task: str | None = None  # the task id it names, read once because all ask for it

    def text(self, name: str) -> str | None:
        """A field as text: from the envelope, else (where allowed) from `data`."""
        if name in self.envelope:
            found = text_of(self.envelope[name])
            if found is not None:
                return found
        if name in self.data and name in ALSO_IN_DATA:
            return text_of(self.data[name])
        return None

    @property
    def task_id(self) -> str | None:
        """The task's id; an event that names only a job names its task with it."""
        return self.named_task or self._job_as_task()

    def _job_as_task(self) -> str | None:
        if any(self.text(name) for name in ("webhook_event_id", "session_id", "worker_id")):
            return None
        return self.text("job_id")

    @property
    def webhook_event_id(self) -> str | None:
        """The id that binds a webhook's events before their task is known."""
        return self.text("webhook_event_id")

    @property
    def identity(self) -> str | None:
        """The identity its producer gave it: `src:src_seq`, else `event_id`."""
        envelope = self.envelope
        if "src" in envelope and "src_seq" in envelope:
            src, number = text_of(envelope["src"]), integer_of(envelope["src_seq"])
            if src is not None and number is not None:
                return f"{src}:{number}"
        return text_of(envelope.get("event_id"))


class Address(NamedTuple):
    """Where an event goes: its partition's key, and its trail unless a task must be found first."""

    partition_key: str
    trail: TrailKey | None


def address_of(event: Event) -> Address:
    """The event's partition key and trail; raises InvalidEvent when it carries no id of any kind.

    A webhook's events share the partition of their `webhook_event_id`; without a task id they
    have no trail yet. A worker that nobody has introduced is heard in the session `unassigned`.
    """
    task_id = event.task_id
    webhook_id = event.webhook_event_id if "webhook_event_id" in event.envelope else None
    trail = TrailKey("tasks", task_id) if task_id else None
    if webhook_id:
        return Address(webhook_id, trail)
    if trail:
        return Address(trail.id, trail)
    session_id = event.text("session_id")
    if session_id is None and event.text("worker_id"):
        session_id = UNASSIGNED_SESSION
    if session_id is None:
        raise InvalidEvent(
            "expected task_id, webhook_event_id, session_id, worker_id or job_id, found none"
        )
    return Address(session_id, TrailKey("sessions", session_id))


def parse_event(blob: bytes | Raw) -> Event:
    """The event in a JSON object of one line; raises InvalidEvent with what was expected."""
    envelope = decode_fields(blob)
    said, alias = envelope.pop("type", None), envelope.pop("event_type", None)
    event_type = text_of(said) or text_of(alias)
    if event_type is None:
        raise InvalidEvent("expected `type` or `event_type` at the top level, found neither")
    timestamp = envelope.pop("timestamp", None)
    data_blob = _data_object(envelope.pop("data", None))
    data = decode_fields(data_blob)
    task_id = text_of(envelope.get("task_id")) or text_of(data.get("task_id"))
    return Event(event_type, envelope, data, timestamp, data_blob, task_id)


def _data_object(raw: Raw | None) -> bytes:
    """The bytes of the `data` object, which producers send as an object or as a string of one."""
    if raw is None:
        return b"{}"
    blob = bytes(raw)
    if blob[:1] == b"{":
        return blob
    if blob[:1] == b'"':
        inner = (text_of(raw) or "").strip()
        if inner[:1] == "{":
            line = one_line(inner.encode())
            check_depth(line)
            return line
        if not inner:
            return b"{}"
    if blob == b"null":
        return b"{}"
    raise InvalidEvent(f"expected `data` to be a JSON object, found {blob[:40]!r}")
