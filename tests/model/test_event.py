"""The envelope is open and both spellings of the wire are read."""

import pytest

from tasktrail.errors import InvalidEvent
from tasktrail.model.event import address_of, parse_event
from tasktrail.model.ids import TrailKey


def test_type_wins_over_event_type() -> None:
    """Both names of the event's name are read at the top level; `type` is the real one."""
    assert parse_event(b'{"event_type":"b","type":"a"}').event_type == "a"
    assert parse_event(b'{"event_type":"b"}').event_type == "b"


def test_the_event_name_is_never_looked_for_in_data() -> None:
    """A gateway's own `event_type` inside data is the provider's."""
    with pytest.raises(InvalidEvent, match="`type` or `event_type`"):
        parse_event(b'{"task_id":"t","data":{"type":"x","event_type":"issue_comment"}}')


@pytest.mark.parametrize(
    "sent", [b'{"a": 1}', b'"{\\"a\\": 1}"', b'" {\\"a\\": 1}\\n"', b'{"a":\n1}']
)
def test_data_is_an_object_or_a_string_of_one(sent: bytes) -> None:
    """Redis producers send data as text, HTTP and JSONL as an object."""
    event = parse_event(b'{"type":"x","data":' + sent.replace(b"\n", b" ") + b"}")

    assert bytes(event.data["a"]).strip() == b"1"


@pytest.mark.parametrize("sent", [b'""', b"null", b'" "', b"{}"])
def test_missing_data_is_empty(sent: bytes) -> None:
    """No data is no trouble."""
    assert parse_event(b'{"type":"x","data":' + sent + b"}").data == {}


@pytest.mark.parametrize("sent", [b'"[1]"', b"[1]", b"7", b'"text"', b'"{\\"a\\":NaN}"'])
def test_data_of_another_kind_is_refused(sent: bytes) -> None:
    """Data that is no object is a reason for the dead letters, with what was found."""
    with pytest.raises(InvalidEvent):
        parse_event(b'{"type":"x","data":' + sent + b"}")


def test_some_fields_are_also_looked_for_in_data() -> None:
    """Ids, attempt, level and stage may stand in data; the source may not, and the top wins."""
    event = parse_event(
        b'{"type":"x","stage":"top","data":{"task_id":"t","stage":"s","source":"github"}}'
    )

    assert (event.task_id, event.text("stage"), event.text("source")) == ("t", "top", None)


@pytest.mark.parametrize(
    ("fields", "key", "trail"),
    [
        ('"task_id":"t"', "t", TrailKey("tasks", "t")),
        ('"task_id":450', "450", TrailKey("tasks", "450")),
        ('"webhook_event_id":"w"', "w", None),
        ('"webhook_event_id":"w","task_id":"t"', "w", TrailKey("tasks", "t")),
        ('"webhook_event_id":"w","job_id":"j"', "w", None),
        ('"session_id":"s"', "s", TrailKey("sessions", "s")),
        ('"session_id":"s","job_id":"j"', "s", TrailKey("sessions", "s")),
        ('"worker_id":"w-1"', "unassigned", TrailKey("sessions", "unassigned")),
        ('"job_id":"j"', "j", TrailKey("tasks", "j")),
    ],
)
def test_an_event_goes_where_its_ids_say(fields: str, key: str, trail: TrailKey | None) -> None:
    """The partition's key and the trail follow from the ids in their order of rank."""
    address = address_of(parse_event(b'{"type":"x",' + fields.encode() + b"}"))

    assert address == (key, trail)


def test_an_event_without_any_id_has_no_address() -> None:
    """Nothing to file it under: the reason names what was expected."""
    with pytest.raises(InvalidEvent, match="expected task_id"):
        address_of(parse_event(b'{"type":"x","task_id":"","data":{"task_id":null}}'))


@pytest.mark.parametrize(
    ("fields", "identity"),
    [
        ('"src":"ab","src_seq":7,"event_id":"e"', "ab:7"),
        ('"src":"ab","src_seq":"7"', "ab:7"),
        ('"src":"ab","event_id":"e"', "e"),
        ('"event_id":"e"', "e"),
        ('"src_seq":7', None),
    ],
)
def test_identity_is_what_the_producer_gave(fields: str, identity: str | None) -> None:
    """`src` and `src_seq` together, else `event_id`, else none."""
    assert parse_event(b'{"type":"x",' + fields.encode() + b"}").identity == identity
