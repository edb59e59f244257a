"""Events as translators make them."""

import json

from msgspec import Raw

from tasktrail.formats.events import (
    MOST_ORDINALS,
    Ordinals,
    Owner,
    Saying,
    broken_line,
    make_event,
    raw_text,
)
from tasktrail.formats.translator import Problem
from tasktrail.model.acceptance import prepare

OWNER = Owner.of("t", "s", "w")
NOW = "2026-01-02T03:04:05Z"


def test_an_event_is_one_that_every_door_takes() -> None:
    """Ids, identity, labels and data stand where the wire has them."""
    made = make_event("task:log", OWNER, "i:1", {"x": Raw(b"[1]")}, saying=Saying(NOW, "git"))
    fields = json.loads(made.blob)

    assert prepare(made.blob) is not None
    assert fields == {
        "type": "task:log",
        "task_id": "t",
        "session_id": "s",
        "worker_id": "w",
        "event_id": "i:1",
        "timestamp": NOW,
        "source": "git",
        "data": {"x": [1]},
    }


def test_an_owner_without_a_task_has_the_key_of_its_session() -> None:
    """So that it is recorded where everybody looks for it."""
    assert (Owner.of(None, "s").key, Owner.of(None, None, "w").key) == ("s", "unassigned")


def test_equal_lines_have_names_of_their_own() -> None:
    """Also over two readings; of very many others in between, nobody remembers."""
    first = Ordinals()
    names = [first.name(b"a"), first.name(b"a")]
    later = Ordinals(first.counts)

    assert len({*names, later.name(b"a")}) == 3
    for number in range(MOST_ORDINALS):
        later.name(str(number).encode())
    assert later.name(b"a") == names[0]


def test_what_cannot_be_read_is_kept() -> None:
    """As text, or as base64 where it is none."""
    text = json.loads(broken_line(OWNER, "x", Problem(9, "torn", b"ab")).blob)
    other = json.loads(broken_line(OWNER, "x", Problem(9, "torn", b"\xff")).blob)

    assert (text["level"], text["data"]["raw"], text["data"]["offset"]) == ("warning", "ab", 9)
    assert other["data"]["raw_base64"] == "/w=="


def test_a_time_that_nobody_told_is_marked() -> None:
    """Another one stands in, if any is known; what was told stands as it is."""
    standing = json.loads(make_event("x", OWNER.at("then"), "i", {}).blob)
    nothing = json.loads(make_event("x", OWNER, "i", {}).blob)
    odd = make_event("x", OWNER.at("then"), "i", {}, saying=Saying("yesterday noon"))
    told = json.loads(make_event("x", OWNER.at("then"), "i", {}, saying=Saying(NOW)).blob)

    assert (standing["timestamp"], standing["timestamp_is_estimated"]) == ("then", True)
    assert ("timestamp" in nothing, nothing["timestamp_is_estimated"]) == (False, True)
    assert json.loads(odd.blob) == standing
    assert (told["timestamp"], "timestamp_is_estimated" in told) == (NOW, False)


def test_a_problem_in_another_file_names_it() -> None:
    """The parts of a directory are many files."""
    kept = json.loads(broken_line(OWNER, "x", Problem(9, "torn", b"ab", "04-x.jsonl")).blob)

    assert kept["data"]["file"] == "04-x.jsonl"


def test_only_a_string_that_says_something_is_text() -> None:
    """Null, numbers and nothing are not."""
    assert [raw_text(Raw(blob)) for blob in (b"null", b"1", b'""', b"")] == [None] * 4
    assert bytes(raw_text(Raw(b'"a"')) or b"") == b'"a"'
