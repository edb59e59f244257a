"""The lines that a job's JSON emitter prints: `{"type":…,"timestamp":…,"data":{…}}`.

Each call is one entry, as if the emitter had been wrapped here: a stage stays until the next one,
an error sets it too. The file's name is the job. `complete` ends it.
"""

from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct, field

from tasktrail.errors import InvalidEvent
from tasktrail.formats.documents import Fields, check_fields, fields_of, flat, text, whole
from tasktrail.formats.events import Ordinals as Names
from tasktrail.formats.events import Owner, broken_line, known, stand_in
from tasktrail.formats.foreign_times import told_time
from tasktrail.formats.lives import Life, guessed_end
from tasktrail.formats.translator import Head, LineFormat, Problem, Record, Source, Translated
from tasktrail.model.codec import decode, encode

FORMAT: Final = "emitter"
KINDS: Final = frozenset({"stage", "progress", "attestations", "complete", "error", "info"})


class _State(Struct):
    stage: str | None = None
    life: Life = field(default_factory=Life)
    ordinals: dict[str, int] = {}


class EmitterLines:
    """The output of one job."""

    def __init__(self, source: Source, _head: Head, state: bytes | None) -> None:
        self._state = msgspec.json.decode(state, type=_State) if state else _State()
        self._names = Names(self._state.ordinals)
        self._source = source
        self._job = source.stem

    def translate(self, record: Record) -> list[Translated]:
        """The call's entry; raises InvalidEvent for what is none."""
        line = check_fields(decode(record.blob), "a call of an emitter")
        kind, said = text(line.get("type")), fields_of(line.get("data"))
        if kind not in KINDS:
            raise InvalidEvent(f"expected a call of an emitter, found {line.get('type')!r}")
        if kind in {"stage", "error"} and text(said.get("stage")):
            self._state.stage = said["stage"]
        entry = known(_ENTRIES[kind](said)) | {"record": msgspec.Raw(record.blob)}
        name = self._names.name(record.blob)
        at = told_time(text(line.get("timestamp")))
        self._heard(kind, at)
        level = "error" if kind == "error" else "info"
        events = [self._event("task:log", name, entry, at, level=level)]
        if kind == "complete":
            ended = {"status": "completed", "result": encode(said).decode()}
            events.append(self._event("task:completed", f"{name}#end", ended, at))
        return events

    def _heard(self, kind: str, at: str | None) -> None:
        life = self._state.life
        life.heard(at)
        life.is_begun, life.is_over = True, life.is_over or kind == "complete"
        life.outcome = "failed" if kind == "error" else "cancelled"

    @property
    def _owner(self) -> Owner:
        at = self._state.life.last_at or self._source.modified_at
        return Owner.of(self._job).at(at)

    def _event(
        self,
        event_type: str,
        name: str,
        fields: Fields,
        at: str | None,
        *,
        level: str | None = None,
    ) -> Translated:
        identity = f"em:{self._job}:{name}"
        told: Fields = {"type": event_type, "job_id": self._job, "event_id": identity}
        told |= {"timestamp": at} if at else stand_in(self._owner.stand_in)
        told |= known({"level": level, "stage": self._state.stage})
        told |= {"source": "plugin", "data": fields | {"format": FORMAT}}
        owner = self._owner
        blob = b"{%b,%b" % (owner.members, encode(told)[1:])
        return Translated(owner.key, identity, blob)

    def text(self, text: bytes, offset: int) -> list[Translated] | None:
        """What the job printed beside its calls."""
        entry: Fields = {"message": text.decode(), "metadata": {}}
        return [self._event("task:log", f"text:{offset}:{self._names.name(text)}", entry, None)]

    def broken(self, problem: Problem) -> Translated:
        """The entry that keeps it."""
        return broken_line(self._owner, f"em:{self._job}", problem)

    def quiet(self) -> list[Translated]:
        """A job that never completed broke off, by its last error or without one."""
        life = self._state.life
        if not life.is_begun or not life.is_quiet(self._source):
            return []
        return guessed_end(self._owner, f"em:{self._job}", life)

    def state(self) -> bytes:
        """What the rest of the file must be translated with."""
        self._state.ordinals = dict(self._names.counts)
        return msgspec.json.encode(self._state)


def _spoken(said: Fields) -> Fields:
    rest = {key: value for key, value in said.items() if key not in {"message", "stage"}}
    return {"message": flat(said.get("message")), "metadata": rest}


def _error(said: Fields) -> Fields:
    rest = {key: value for key, value in said.items() if key not in {"error", "stage"}}
    return {"message": flat(said.get("error")), "metadata": rest}


def _progress(said: Fields) -> Fields:
    count = whole(said.get("count"))
    message = flat(said.get("message")) or ("progress" if count is None else f"progress: {count}")
    return {"message": message, "metadata": said}


def _attestations(said: Fields) -> Fields:
    return {"message": "Created attestations", "metadata": said}


def _complete(said: Fields) -> Fields:
    return {"message": "Job completed", "metadata": said}


_ENTRIES: Final[dict[str, Callable[[Fields], Fields]]] = {
    "stage": _spoken,
    "info": _spoken,
    "error": _error,
    "progress": _progress,
    "attestations": _attestations,
    "complete": _complete,
}


def recognises(_source: Source, head: Head) -> bool:
    """Whether lines are calls of an emitter."""
    return any(
        text(record.get("type")) in KINDS
        and isinstance(record.get("data"), dict)
        and "session_id" not in record
        for record in head.records
    )


def open_emitter(source: Source, head: Head, state: bytes | None) -> EmitterLines:
    """A job's lines, at their beginning or where the state was given."""
    try:
        return EmitterLines(source, head, state)
    except msgspec.DecodeError as error:
        raise InvalidEvent(f"expected the state of a job's lines: {error}") from error


EMITTER_LINES: Final = LineFormat(FORMAT, recognises, open_emitter)
