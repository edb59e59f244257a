"""Dead letters are put through the spool again, with the identity they had."""

from pathlib import Path

import pytest

from tasktrail.errors import NotFound
from tasktrail.service.replay import find_letter, replay
from tasktrail.settings import Settings
from tasktrail.store.dead_letters import (
    DeadLetter,
    append_dead,
    iter_dead,
    raw_text,
    read_replayed,
)
from tests.service.rooms import settings_in
from tests.support.workshop import Workshop


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """A root with one dead letter: something stood in the place of its trail."""
    one = Workshop(tmp_path)
    (one.layout.tasks / "gh-1").write_bytes(b"in the way")
    one.accept("task:log", data={"message": "first"})
    one.record()
    (one.layout.tasks / "gh-1").unlink()
    return one


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of that root."""
    return settings_in(tmp_path)


def test_a_mended_cause_lets_it_through(workshop: Workshop, settings: Settings) -> None:
    """The event becomes the latest entry of its task, accepted when it first came."""
    (letter,) = iter_dead(workshop.layout)
    workshop.accept("task:log", data={"message": "second"})
    (outcome,) = replay(settings, lambda _: True)
    workshop.record()

    assert (outcome.key, outcome.refused) == (letter.key, None)
    assert [line["message"] for line in workshop.lines()] == ["second", "first"]
    assert workshop.lines()[1]["id"] == outcome.identity == "spool:0:0"
    assert workshop.lines()[1]["recorded_at"] < workshop.lines()[0]["recorded_at"]
    assert list(read_replayed(workshop.layout)) == [letter.key]


def test_twice_is_once(workshop: Workshop, settings: Settings) -> None:
    """A second replay finds nothing to do, and one after a crash is told by the identity."""
    assert len(list(replay(settings, lambda _: True))) == 1
    assert list(replay(settings, lambda _: True)) == []
    (workshop.layout.dead_letters / "replayed.log").unlink()
    assert len(list(replay(settings, lambda _: True))) == 1
    workshop.record()

    assert len(workshop.lines()) == 1


def test_what_is_still_wrong_stays_dead(workshop: Workshop, settings: Settings) -> None:
    """It is told why, its neighbour goes through, and it is not taken for replayed."""
    letter = DeadLetter(
        at=1, p="redis-s", identity="redis:e:1-0", code="x", reason="y", raw=raw_text(b"no JSON")
    )
    append_dead(workshop.layout, "redis-s", [letter])
    outcomes = {one.key: one.refused for one in replay(settings, lambda _: True)}

    assert len(outcomes) == 2
    assert "JSON" in (outcomes[letter.key] or "")
    assert letter.key not in read_replayed(workshop.layout)


def test_only_what_is_wanted_is_replayed(workshop: Workshop, settings: Settings) -> None:
    """The others stay as they are."""
    assert list(replay(settings, lambda letter: letter.code == "event_too_large")) == []
    assert read_replayed(workshop.layout) == {}


def test_a_letter_is_found_by_the_beginning_of_its_key(workshop: Workshop) -> None:
    """As long as only one begins so."""
    (letter,) = iter_dead(workshop.layout)

    assert find_letter(workshop.layout, letter.key[:4]) == letter
    for wrong in ("", "zz"):
        with pytest.raises(NotFound, match="found none"):
            find_letter(workshop.layout, wrong)
