"""Rules about what a root says of itself."""

import signal
import subprocess
import sys
from pathlib import Path
from shutil import rmtree

import pytest
from msgspec.structs import replace

from tasktrail.index.indexer import Indexer
from tasktrail.index.state import open_index
from tasktrail.model.ids import OWN_SESSION, TrailKey
from tasktrail.store.checkpoints import read_checkpoint, write_checkpoint
from tasktrail.store.dead_letters import Replayed, iter_dead, note_replayed
from tasktrail.upkeep.findings import Finding
from tasktrail.upkeep.state_rules import DAY, RootFacts, check_state
from tests.support.waiting import wait_until
from tests.support.workshop import Workshop

CHILD = Path(__file__).parents[1] / "store" / "lock_child.py"


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """A root with one recorded event."""
    one = Workshop(tmp_path)
    one.accept("task:log", data={"message": "m"})
    one.record()
    return one


def findings(workshop: Workshop, *, waiting: int = 0, later: int = 0) -> dict[str, Finding]:
    """What is found, by code; the index is nobody's business here."""
    facts = RootFacts(workshop.layout, workshop.root, waiting, workshop.now + later)
    return {one.code: one for one in check_state(facts) if one.area != "index"}


def test_a_sound_root_has_no_findings(workshop: Workshop) -> None:
    """Nothing waits, nothing is missing."""
    assert findings(workshop) == {}


def test_an_index_that_is_not_there_is_only_noted(workshop: Workshop) -> None:
    """Nothing in it is original."""
    facts = RootFacts(workshop.layout, workshop.root, 0, workshop.now)
    (finding,) = check_state(facts)

    assert (finding.code, finding.severity) == ("index_missing", "note")


def test_a_spool_without_a_recorder_is_told(workshop: Workshop) -> None:
    """Nothing is lost, but nobody sees it either."""
    assert "200 bytes" in findings(workshop, waiting=200)["nobody_records"].message


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="needs Linux: /proc/locks")
def test_a_stopped_owner_is_told(workshop: Workshop) -> None:
    """With its number, because somebody has to do something about it."""
    path = workshop.layout.partition_lock(0)
    command = [sys.executable, str(CHILD), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        running = findings(workshop)
        process.send_signal(signal.SIGSTOP)
        wait_until(lambda: "stopped_owner" in findings(workshop))
        found = findings(workshop)
        process.kill()

    assert running == {}
    assert f"process {process.pid} is stopped and holds 0.lock" in found["stopped_owner"].message


def test_gaps_are_told_in_their_own_words(workshop: Workshop) -> None:
    """Every gap that was ever recorded stays known."""
    data = {"message": "2 entries of the Redis stream s are missing"}
    workshop.accept("gap", None, session_id=OWN_SESSION, data=data)
    workshop.record()

    assert "2 entries of the Redis stream s" in findings(workshop)["gaps"].message


def indexed(workshop: Workshop) -> Workshop:
    """The root, with an index of all that is recorded."""
    Indexer(
        workshop.layout, workshop.root, open_index(workshop.layout, workshop.root).database
    ).catch_up()
    return workshop


def test_losses_are_told_wherever_they_stand(workshop: Workshop) -> None:
    """Those of a task and those of nobody's together."""
    workshop.accept("loss", data={"message": "no room", "lost": 16_201, "src": "ab"})
    workshop.accept("loss", None, session_id=OWN_SESSION, data={"lost": 2, "src": "cd"})
    workshop.record()
    found = findings(indexed(workshop))["losses"]

    assert found.message == (
        "16,203 events could not be kept by their producers: producer cd, task gh-1"
    )


def test_a_task_that_fell_silent_is_noted(workshop: Workshop) -> None:
    """After a day without a word; its process may be gone, and nobody told its end."""
    workshop.accept("task:started")
    workshop.accept("task:completed", "gh-2")
    workshop.record()
    indexed(workshop)
    found = findings(workshop, later=2 * DAY)

    assert findings(workshop) == {}
    assert found["silent_tasks"].message == "active, and silent for more than a day: gh-1"
    assert found["silent_tasks"].severity == "note"


def test_a_trail_that_was_removed_is_told_with_what_to_do(workshop: Workshop) -> None:
    """Lists show it until the index is made anew, and then nothing tells of it."""
    workshop.accept("task:started", "gh-2")
    workshop.record()
    indexed(workshop)
    rmtree(workshop.layout.trail(TrailKey("tasks", "gh-2")))
    found = findings(workshop)["trails_removed"]

    assert found.severity == "error"
    assert found.message == "listed, and their directories are gone: task gh-2"
    assert "`tasktrail index rebuild`" in found.advice
    workshop.layout.index.unlink()
    indexed(workshop)
    assert findings(workshop) == {}


def test_an_identity_that_was_given_twice_is_told_with_its_place(workshop: Workshop) -> None:
    """The task, both entries and the identity."""
    for message in ("one", "two"):
        workshop.accept("task:log", "gh-2", event_id="e-7", data={"message": message})
        workshop.accept("task:log", "gh-2", data={"message": "between"})
    workshop.record()
    told = findings(workshop)["identity_conflicts"].message

    assert told.endswith("differed from it: task gh-2 (seq 1 and 3, identity e-7)")


def test_dead_letters_are_told_until_they_are_replayed(workshop: Workshop) -> None:
    """With how many of each code."""
    workshop.put(b'{"type":"x"}')
    workshop.record()
    before = findings(workshop)
    note_replayed(workshop.layout, [Replayed(one.key, 1) for one in iter_dead(workshop.layout)])

    assert "1 invalid_event" in before["dead_letters"].message
    assert findings(workshop) == {}


@pytest.mark.parametrize(
    ("counter", "code"),
    [
        ("damaged_frames", "damaged_frames"),
        ("identity_conflicts", "identity_conflicts"),
        ("consecutive_dead", "dead_in_a_row"),
    ],
)
def test_what_was_counted_is_told(workshop: Workshop, counter: str, code: str) -> None:
    """The counters of all partitions count."""
    known = read_checkpoint(workshop.layout, 0)
    assert known is not None
    counters = replace(known.counters, **{counter: 101})
    write_checkpoint(workshop.layout, 0, replace(known, counters=counters))

    assert "101" in findings(workshop)[code].message


def test_a_webhook_that_waits_for_long_is_told(workshop: Workshop) -> None:
    """A young one is none of our business; an expired one is only noted."""
    workshop.accept("webhook:received", None, webhook_event_id="w-1")
    workshop.record()
    young, old = findings(workshop), findings(workshop, later=2 * DAY)
    workshop.now += 8 * DAY
    workshop.accept("webhook:received", None, webhook_event_id="w-2")
    workshop.record()

    assert (list(young), list(old)) == ([], ["old_holds"])
    assert [one.severity for one in findings(workshop).values()] == ["note"]
