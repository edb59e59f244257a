"""Any JSONL by a mapping."""

import json

import pytest

from tasktrail.errors import InvalidSetting
from tasktrail.formats.mapped_jsonl import parse_mapping
from tasktrail.formats.records import parse_head
from tasktrail.formats.translator import LineTranslator, Record, Source
from tests.support.importing import Event

MAPPING = b"""
name = "my-agent"
[ids]
task_id = "job.id"
[entry]
timestamp = "ts"
level = "sev"
identity = "id"
type = "kind"
[types]
tool = "task:tool_call"
default = "task:log"
[data]
message = "text"
name = "tool.name"
[fixed]
source = "agent"
"""


def opened(mapping: bytes, state: bytes | None = None) -> LineTranslator:
    """A file's translator by that mapping."""
    return parse_mapping(mapping).open(Source("f.jsonl"), parse_head(b"", is_whole=True), state)


def told(mapping: bytes, *records: object) -> list[Event]:
    """The events of a file."""
    translator = opened(mapping)
    blobs = [json.dumps(record).encode() for record in records]
    return [json.loads(e.blob) for blob in blobs for e in translator.translate(Record(blob, 0))]


def test_a_record_is_read_as_the_mapping_says() -> None:
    """Dots descend; what is not there is not known."""
    record = {"id": "1", "job": {"id": "t"}, "ts": 1_755_100_406, "text": "hi", "sev": "warn"}
    event = told(MAPPING, record)[0]

    assert (event["type"], event["task_id"], event["source"]) == ("task:log", "t", "agent")
    assert (event["level"], event["timestamp"]) == ("warn", "2025-08-13T15:53:26.000000Z")
    assert event["data"] == {"message": "hi", "format": "my-agent", "record": record}
    assert event["event_id"] == "mp:my-agent:1"


def test_kinds_become_types() -> None:
    """By the table in the mapping."""
    event = told(MAPPING, {"job": {"id": 5}, "kind": "tool", "tool": {"name": "ls"}})[0]

    assert (event["type"], event["data"]["name"], event["task_id"]) == ("task:tool_call", "ls", "5")


def test_records_without_an_identity_are_told_apart_by_their_ordinal() -> None:
    """Also over two readings."""
    mapping = b'[fixed]\ntask_id = "t"\n'
    first = opened(mapping)
    names = [one.identity for _ in range(2) for one in first.translate(Record(b'{"a":1}', 0))]
    names += [o.identity for o in opened(mapping, first.state()).translate(Record(b'{"a":1}', 0))]

    assert len(set(names)) == 3


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        (b"[", "the mapping"),
        (b"[nonsense]\n", "the mapping"),
        (b'[ids]\nname = "x"\n', r"expected names of ours, found \['name'\]"),
        (b"[data]\n", "expected an id"),
        (b"\xff", "the mapping"),
    ],
)
def test_a_mapping_that_means_nothing_is_refused(mapping: bytes, reason: str) -> None:
    """Before anything is read."""
    with pytest.raises(InvalidSetting, match=reason):
        parse_mapping(mapping)
