"""Processes of a run: started, frozen, killed, by their own number only."""

import sys
from pathlib import Path

import pytest

from tasktrail.chaos.processes import (
    Child,
    free_port,
    peak_of,
    python,
    tasktrail,
    wait_for_port,
)
from tasktrail.chaos.trouble import ChaosFailed
from tests.support.waiting import wait_until

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


def test_a_killed_process_can_be_started_again(tmp_path: Path) -> None:
    """Each life is a new process."""
    child = Child(SLEEPER, tmp_path / "one.log")
    child.start()
    child.kill()
    was_dead = not child.is_alive
    child.start()

    assert was_dead
    assert child.is_alive
    child.kill()


def test_a_frozen_process_is_thawed_before_it_is_told_to_stop(tmp_path: Path) -> None:
    """Else it would never hear of it."""
    child = Child(SLEEPER, tmp_path / "one.log")
    child.start()
    child.freeze()

    assert child.stop() == -15


def test_a_process_that_does_not_end_is_an_error(tmp_path: Path) -> None:
    """It is killed, and what it said is told."""
    child = Child(SLEEPER, tmp_path / "one.log")
    child.start()

    with pytest.raises(ChaosFailed, match="did not end"):
        child.wait(0.01)
    assert not child.is_alive


def test_the_memory_of_all_lives_is_remembered(tmp_path: Path) -> None:
    """The most that any of them had; a killed one is looked at before."""
    child = Child(SLEEPER, tmp_path / "one.log")
    child.start()
    wait_until(lambda: "up" in child.said)
    child.kill()
    if not Path("/proc/self/status").exists():
        pytest.skip("needs Linux: /proc")

    assert 1 << 20 < child.peak_bytes < 1 << 30
    assert peak_of(2**22 + 1) == 0


def test_waiting_for_a_port_tells_what_its_process_said(tmp_path: Path) -> None:
    """Who ended will never listen."""
    child = Child([sys.executable, "-c", "raise SystemExit('no luck')"], tmp_path / "one.log")
    child.start()

    with pytest.raises(ChaosFailed, match="no luck"):
        wait_for_port(free_port(), child)


def test_a_weakened_command_names_its_guard() -> None:
    """Everything else of it stays the same."""
    assert tasktrail("record")[1:] == ["-m", "tasktrail", "record"]
    assert python("x", "y", without="g")[3:] == ["g", "x", "y"]
