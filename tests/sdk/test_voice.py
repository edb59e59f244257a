"""A task's voice: its ids in every event, its id whatever it was given."""

from pathlib import Path

import pytest

from tasktrail.sdk import voice as module
from tasktrail.sdk.outbox import Outbox
from tasktrail.sdk.trouble import Trouble
from tasktrail.sdk.voice import Mouth, Voice, known, rank_of


def voice(directory: Path, task_id: object, told: list[str]) -> Voice:
    """A voice over an outbox of its own."""
    trouble = Trouble(told.append)
    outbox = Outbox(directory, clock=lambda: 1, trouble=trouble)
    return Voice(Mouth(outbox, trouble, lambda: 1_000), task_id, ids={"job_id": "j", "item": None})


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_task_id_that_is_none_is_told_once(tmp_path: Path, nothing: object) -> None:
    """Its entries are kept under a name that says so."""
    told: list[str] = []
    one = voice(tmp_path, nothing, told)

    assert one.task_id == "unknown"
    assert len(told) == 1


def test_a_task_id_may_be_anything_with_a_text(tmp_path: Path) -> None:
    """A number of a database is an id."""
    assert voice(tmp_path, 450, []).task_id == "450"


def test_every_head_has_the_ids(tmp_path: Path) -> None:
    """Made once for each source, level and stage, and not kept for ever."""
    one = voice(tmp_path, "t", [])
    head = one.head("git", "info", None)
    is_same = one.head("git", "info", None) is head
    for n in range(module.MAX_HEADS + 5):
        one.head(None, "info", f"s-{n}")

    assert bytes(head) == (
        b'{"type":"task:log","task_id":"t","job_id":"j","source":"git","level":"info"}'
    )
    assert is_same
    assert len(vars(one)["_heads"]) <= module.MAX_HEADS


def test_what_is_not_known_is_left_out() -> None:
    """Without asking values whether they are equal to anything."""
    assert known({"a": None, "b": 0}) == {"b": 0}
    assert (rank_of("WARN"), rank_of("none of ours"), rank_of(7)) == (30, 20, 10)
