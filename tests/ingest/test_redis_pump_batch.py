"""Entries are sorted into events, dead letters and empty ones; each costs only itself."""

import json

from tasktrail.ingest.redis_pump_batch import Batch, Door, sort_entries
from tasktrail.ingest.redis_pump_group import Entry

DOOR = Door("redis-s", "ep", max_event_bytes=1000)


def entry(entry_id: str, **fields: str) -> Entry:
    """An entry with these text fields."""
    return entry_id, {name.encode(): text.encode() for name, text in fields.items()}


def sort(*entries: Entry) -> Batch:
    """The batch of these entries."""
    return sort_entries(list(entries), DOOR)


def test_an_entry_is_identified_by_epoch_and_id() -> None:
    """Its time of acceptance is the millisecond of its id."""
    (one,) = sort(entry("1700000000000-3", type="x", task_id="t")).accepted

    assert one.identity == "redis:ep:1700000000000-3"
    assert one.at == 1_700_000_000_000_000
    assert one.key == "t"


def test_the_identity_of_the_producer_counts() -> None:
    """An event that comes by two doors is one event."""
    batch = sort(
        entry("5-0", type="x", task_id="t", src="abc", src_seq="7"),
        entry("5-1", type="x", task_id="t", event_id="e-1"),
    )

    assert [one.identity for one in batch.accepted] == ["abc:7", "e-1"]


def test_packed_events_are_numbered() -> None:
    """One entry, several identities, one bad line among them: only that one is set aside."""
    packed = '{"type":"a","task_id":"t"}\nbroken\n{"type":"b","task_id":"t"}'
    batch = sort(entry("5-0", events=packed))

    assert [one.identity for one in batch.accepted] == ["redis:ep:5-0:0", "redis:ep:5-0:2"]
    assert [one.identity for one in batch.letters] == ["redis:ep:5-0:1"]
    assert batch.letters[0].blob == b"broken"
    assert batch.ids == ["5-0"]


def test_the_dead_letters_at_the_end_are_a_row() -> None:
    """One event that can be accepted ends a row; the next batch goes on with what stands last."""
    bad, good = entry("5-0", nothing="x"), entry("5-1", type="x", task_id="t")

    assert sort(bad, bad).dead_at_end == 2
    assert sort(bad, good).dead_at_end == 0
    assert sort(good, bad).dead_at_end == 1


def test_one_packed_event_has_a_number_too() -> None:
    """The identity does not depend on how many were packed."""
    (one,) = sort(entry("5-0", events='[{"type":"a","task_id":"t"}]')).accepted

    assert one.identity == "redis:ep:5-0:0"


def test_a_webhook_event_goes_to_its_flow_s_partition() -> None:
    """Events of one webhook stay together, also before their task is known."""
    (one,) = sort(entry("5-0", type="webhook:received", webhook_event_id="w-1")).accepted

    assert one.key == "w-1"


def test_what_cannot_be_an_event_is_a_letter_and_acknowledged() -> None:
    """Bad data, no name, no id: each is kept with reason and bytes."""
    batch = sort(
        entry("5-0", type="x", task_id="t", data="[]"),
        entry("5-1", task_id="t"),
        entry("5-2", type="x"),
        entry("5-3", type="good", task_id="t"),
    )

    assert batch.ids == ["5-0", "5-1", "5-2", "5-3"]
    assert len(batch.accepted) == 1
    assert [one.reason.split(",")[0] for one in batch.letters] == [
        "field `data`: expected a JSON object",
        "expected `type` or `event_type` at the top level",
        "expected task_id",
    ]
    assert json.loads(batch.letters[0].blob) == {"type": "x", "task_id": "t", "data": "[]"}
    assert {one.p for one in batch.letters} == {"redis-s"}


def test_an_event_that_is_too_large_is_a_letter() -> None:
    """It was accepted by Redis, so it is kept, whole."""
    (letter,) = sort(entry("5-0", type="x", task_id="t", text="x" * 1000)).letters

    assert letter.code == "event_too_large"
    assert len(letter.blob) > 1000


def test_an_entry_without_a_body_is_told_apart() -> None:
    """It was trimmed while it was pending: not acknowledged with the others."""
    batch = sort(("5-0", None), entry("5-1", type="x", task_id="t"))

    assert (batch.emptied, batch.ids) == (["5-0"], ["5-1"])


def test_the_size_of_a_batch_is_the_size_of_its_events() -> None:
    """What a delivery weighs decides how many entries the next one has."""
    batch = sort(entry("5-0", type="x", task_id="t", text="x" * 500))

    assert 500 < batch.size < 600
