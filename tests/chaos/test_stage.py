"""The stage: who is on it, by name, and nobody afterwards."""

from pathlib import Path

import pytest

from tasktrail.chaos.checker import Allowed, check
from tasktrail.chaos.stage import Cast, TheStage


def test_everything_that_was_sent_is_recorded(tmp_path: Path) -> None:
    """One recorder, one producer, no fault: started, finished, complete."""
    cast = Cast(recorders=1, partitions=1, producers=("durable",), events=40)
    with TheStage(tmp_path, cast) as stage:
        stage.start()
        stage.finish()
        lives = [child.is_alive for child in (*stage.recorders, *stage.producers)]
    verdict = check(stage.root, stage.ledgers, Allowed())

    assert stage.crashes == []
    assert lives == [False, False]
    assert (verdict.accepted, verdict.is_clean) == (40, True)


@pytest.mark.parametrize("kinds", [("http", "http"), ("sdk", "durable")])
def test_producers_have_names_of_their_own(tmp_path: Path, kinds: tuple[str, ...]) -> None:
    """Kind and number: two of a kind are two."""
    with TheStage(tmp_path, Cast(producers=kinds)) as stage:
        names = [child.name for child in stage.producers]

    assert len(set(names)) == 2
    assert [name.partition("-")[0] for name in names] == list(kinds)


def test_whatever_was_under_way_everybody_can_go_on(tmp_path: Path) -> None:
    """A run that is interrupted in the middle of a fault still comes to its end."""
    cast = Cast(recorders=2, partitions=1, producers=("durable",), events=100_000, rate=200)
    with TheStage(tmp_path, cast) as stage:
        stage.start()
        stage.recorders[0].freeze()
        stage.recorders[1].kill()
        stage.revive()
        stage.finish(early=True)
    verdict = check(stage.root, stage.ledgers, Allowed())

    assert (stage.crashes, verdict.is_clean) == ([], True)
    assert stage.peak_bytes > 0 or not Path("/proc/self/status").exists()


def test_a_recorder_that_ended_by_itself_is_noticed(tmp_path: Path) -> None:
    """Nobody told it to: that is a finding."""
    with TheStage(tmp_path, Cast(recorders=1, producers=("durable",))) as stage:
        stage.recorders[0].start()
        stage.recorders[0].kill()
        stage.note_crashes()

    assert stage.crashes == ["recorder-0 ended with -9"]
