"""Any JSONL, by a mapping that says where in a record what we need stands.

name = "my-agent"                 how the format is called in entries
[ids]                             dots descend into objects; at least one id
task_id = "job.id"
[entry]                           all optional
timestamp = "ts"                  ISO text, or seconds since the epoch
level = "severity"
source = "component"
identity = "id"                   else the line's bytes and their ordinal
type = "kind"                     looked up in [types]
[types]
tool = "task:tool_call"
default = "task:log"
[data]                            keys of the event's data
message = "text"
[fixed]                           what no record says
task_id = "nightly"
"""

import tomllib
from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Raw, Struct

from tasktrail.errors import InvalidSetting
from tasktrail.formats.documents import Fields, check_fields, flat, text
from tasktrail.formats.events import Ordinals, Owner, broken_line, known, stand_in
from tasktrail.formats.foreign_times import from_epoch, from_local
from tasktrail.formats.translator import Head, LineFormat, Problem, Record, Source, Translated
from tasktrail.model.codec import decode, encode
from tasktrail.model.event import address_of, parse_event

FORMAT: Final = "mapped"
IDS: Final = (
    "task_id",
    "session_id",
    "worker_id",
    "job_id",
    "execution_id",
    "item",
)
LABELS: Final = ("level", "source", "stage", "attempt")
DEFAULT_TYPE: Final = "task:log"


class FieldMapping(Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping file."""

    name: str = FORMAT
    ids: dict[str, str] = {}
    entry: dict[str, str] = {}
    types: dict[str, str] = {}
    data: dict[str, str] = {}
    fixed: dict[str, str] = {}


def parse_mapping(blob: bytes) -> LineFormat:
    """The format that a mapping file describes; raises InvalidSetting."""
    try:
        mapping = msgspec.convert(tomllib.loads(blob.decode()), FieldMapping)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise InvalidSetting(f"the mapping: {error}") from error
    unknown = (mapping.ids.keys() - set(IDS)) | (mapping.entry.keys() - _ENTRY)
    if unknown:
        raise InvalidSetting(f"the mapping: expected names of ours, found {sorted(unknown)}")
    if not mapping.ids and not mapping.fixed.keys() & set(IDS):
        raise InvalidSetting(f"the mapping: expected an id in [ids] or [fixed], one of {IDS}")

    def open_lines(source: Source, _head: Head, state: bytes | None) -> MappedLines:
        return MappedLines(mapping, source, state)

    return LineFormat(mapping.name, _always, open_lines)


_ENTRY: Final = frozenset({"timestamp", "identity", "type", *LABELS})


def _always(_source: Source, head: Head) -> bool:
    """Whether it has lines of JSON: what they are, the mapping says."""
    return bool(head.records)


class MappedLines:
    """A file read by a mapping."""

    def __init__(self, mapping: FieldMapping, source: Source, state: bytes | None) -> None:
        self._mapping = mapping
        self._stem = source.stem
        self._stand_in = source.modified_at
        counts = msgspec.json.decode(state, type=dict[str, int]) if state else None
        self._ordinals = Ordinals(counts)

    def translate(self, record: Record) -> list[Translated]:
        """The record's event; raises InvalidEvent where no id is in it."""
        fields = check_fields(decode(record.blob), "a record")
        mapping = self._mapping
        ids = {name: _word(fields, path) for name, path in mapping.ids.items()}
        fixed = {name: value for name, value in mapping.fixed.items() if name in IDS}
        ids = {name: value for name, value in (fixed | ids).items() if value}
        identity = f"mp:{mapping.name}:{self._name(fields, record)}"
        told: Fields = {"type": self._type(fields), **ids, "event_id": identity}
        told |= known(self._labels(fields))
        if "timestamp" not in told:
            told |= stand_in(self._stand_in)
        found = {name: _find(fields, path) for name, path in mapping.data.items()}
        told["data"] = known(found) | {"format": mapping.name, "record": Raw(record.blob)}
        blob = encode(told)
        return [Translated(address_of(parse_event(blob)).partition_key, identity, blob)]

    def _name(self, fields: Fields, record: Record) -> str:
        path = self._mapping.entry.get("identity")
        said = _word(fields, path) if path else None
        return said or self._ordinals.name(record.blob)

    def _type(self, fields: Fields) -> str:
        mapping = self._mapping
        said = _word(fields, mapping.entry.get("type", ""))
        default = mapping.types.get("default", mapping.fixed.get("type", DEFAULT_TYPE))
        return mapping.types.get(said or "", default)

    def _labels(self, fields: Fields) -> Fields:
        entry, fixed = self._mapping.entry, self._mapping.fixed
        labels: Fields = {
            name: _find(fields, entry[name]) if name in entry else fixed.get(name)
            for name in LABELS
        }
        when = _find(fields, entry["timestamp"]) if "timestamp" in entry else None
        return labels | {"timestamp": from_epoch(when) or from_local(when)}

    def text(self, _text: bytes, _offset: int) -> list[Translated] | None:
        """There are no lines of text."""
        return None

    def broken(self, problem: Problem) -> Translated:
        """The entry that keeps it, in the task that the file's name gives."""
        task = self._mapping.fixed.get("task_id", self._stem)
        owner = Owner.of(task).at(self._stand_in)
        return broken_line(owner, f"mp:{self._mapping.name}", problem)

    def quiet(self) -> list[Translated]:
        """Nothing: no end is guessed here."""
        return []

    def state(self) -> bytes:
        """What the rest of the file must be translated with."""
        return msgspec.json.encode(dict(self._ordinals.counts))


def _find(fields: Mapping[str, object], path: str) -> object:
    """The value at a dotted path, `None` where there is none."""
    value: object = fields
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _word(fields: Fields, path: str) -> str | None:
    value = _find(fields, path) if path else None
    return text(value) or (flat(value) or None if isinstance(value, int) else None)
