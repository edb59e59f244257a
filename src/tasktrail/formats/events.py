"""Events as translators make them: one line of JSON each, for one trail, with an identity."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final, NamedTuple

from msgspec import Raw, Struct

from tasktrail.formats.foreign_times import told_time
from tasktrail.formats.translator import Problem, Translated
from tasktrail.model.codec import encode
from tasktrail.model.event import IS_ESTIMATED

HASH_DIGITS: Final = 24
MOST_ORDINALS: Final = 2_000  # equal lines farther apart than so many others are taken for one
BROKEN: Final = "import:broken_line"


class Owner(NamedTuple):
    """Whose event it is: the partition's key, and the ids as members of a JSON object."""

    key: str
    members: bytes
    session: str | None = None
    worker: str | None = None
    stand_in: str | None = None  # the time of events whose record tells none: marked, no content

    @classmethod
    def of(
        cls, task_id: str | None, session_id: str | None = None, worker_id: str | None = None
    ) -> "Owner":
        """The owner with the ids that are known; at least one must be."""
        ids = {"task_id": task_id, "session_id": session_id, "worker_id": worker_id}
        known = {name: value for name, value in ids.items() if value}
        key = task_id or session_id or "unassigned"
        return cls(key, encode(known)[1:-1], session_id, worker_id)

    def at(self, time: str | None) -> "Owner":
        """The same, with that time standing in where a record tells none."""
        return self._replace(stand_in=time)


class Saying(Struct, frozen=True, gc=False):
    """What stands beside `type`, ids and `data` of an event."""

    timestamp: str | None = None
    source: str | None = None
    level: str | None = None
    attempt: int | None = None


NOTHING: Final = Saying()


def make_event(
    event_type: str,
    owner: Owner,
    identity: str,
    data: Mapping[str, object],
    *,
    saying: Saying = NOTHING,
) -> Translated:
    """The event; values of `data` may be `Raw`."""
    timestamp = told_time(saying.timestamp)
    fields: dict[str, object] = {"type": event_type, "event_id": identity}
    if timestamp is not None:
        fields["timestamp"] = timestamp
    else:
        fields |= stand_in(owner.stand_in)
    if saying.source is not None:
        fields["source"] = saying.source
    if saying.level is not None:
        fields["level"] = saying.level
    if saying.attempt is not None:
        fields["attempt"] = saying.attempt
    fields["data"] = data
    blob = b"{%b,%b" % (owner.members, encode(fields)[1:])
    return Translated(owner.key, identity, blob, timestamp or owner.stand_in)


def stand_in(time: str | None) -> dict[str, object]:
    """What an event says whose record tells no time: that time, and that it is estimated."""
    return known({"timestamp": time, IS_ESTIMATED: True})


def digest(blob: bytes) -> str:
    """A short name of the bytes."""
    return hashlib.sha256(blob).hexdigest()[:HASH_DIGITS]


class Ordinals:
    """Names for lines that have none: a digest, and how many equal lines came before."""

    def __init__(self, counts: Mapping[str, int] | None = None) -> None:
        self.counts: OrderedDict[str, int] = OrderedDict(counts or {})

    def name(self, blob: bytes) -> str:
        """The line's name; the second equal line has another."""
        key = digest(blob)
        before = self.counts.pop(key, 0)
        self.counts[key] = before + 1
        if len(self.counts) > MOST_ORDINALS:
            self.counts.popitem(last=False)
        return f"{key}.{before}" if before else key


def broken_line(owner: Owner, scope: str, problem: Problem) -> Translated:
    """The entry that keeps what could not be read."""
    where = f"byte {problem.offset} of {problem.file}" if problem.file else f"byte {problem.offset}"
    data: dict[str, object] = {
        "message": f"unreadable at {where}: {problem.reason}",
        "reason": problem.reason,
        "offset": problem.offset,
    }
    if problem.file:
        data["file"] = problem.file
    try:
        data["raw"] = problem.raw.decode()
    except UnicodeDecodeError:
        data["raw_base64"] = problem.raw  # bytes are written in base64
    place = f"{problem.file}@{problem.offset}" if problem.file else str(problem.offset)
    identity = f"{scope}:broken:{place}:{digest(problem.raw + problem.reason.encode())}"
    return make_event(BROKEN, owner, identity, data, saying=Saying(level="warning"))


def known(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields without those that are not known."""
    return {name: value for name, value in fields.items() if value is not None}


def raw_text(raw: Raw) -> Raw | None:
    """The JSON string, unless it is none or says nothing."""
    blob = bytes(raw)
    return raw if blob[:1] == b'"' and blob != b'""' else None
