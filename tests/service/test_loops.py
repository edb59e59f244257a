"""Loops survive what goes wrong in them, and end when told."""

import threading

import pytest

from tasktrail.service import loops
from tasktrail.service.loops import Loop
from tests.support.waiting import PATIENCE_SECONDS, wait_until


def test_a_loop_runs_until_told_to_stop() -> None:
    """Stopping ends the thread, and it was well until then."""
    running = threading.Event()

    def run(stop: threading.Event) -> None:
        running.set()
        stop.wait()

    loop = Loop("waiting", run)
    loop.start()
    assert running.wait(PATIENCE_SECONDS)
    was_well = loop.is_well
    loop.tell_to_stop()
    loop.join()

    assert was_well
    assert not loop.is_well


def test_a_loop_that_fails_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception is told and got over; also a loop that sets its own stop goes on."""
    monkeypatch.setattr(loops, "FIRST_PAUSE_SECONDS", 0.01)
    attempts: list[str | None] = []
    recovered = threading.Event()

    def run(stop: threading.Event) -> None:
        attempts.append(loop.trouble)
        if len(attempts) < 3:
            stop.set()
            raise OSError("the disk said no")
        recovered.set()
        stop.wait()

    loop = Loop("failing", run)
    loop.start()
    assert recovered.wait(PATIENCE_SECONDS)
    is_well = loop.is_well
    loop.tell_to_stop()
    loop.join()

    assert is_well
    assert attempts == [None, None, None]


def test_a_failing_loop_says_why() -> None:
    """Its trouble is there to be shown while it waits for its next try."""
    failed = threading.Event()

    def run(stop: threading.Event) -> None:
        del stop
        failed.set()
        raise ValueError("odd")

    loop = Loop("failing", run)
    loop.start()
    assert failed.wait(PATIENCE_SECONDS)
    wait_until(lambda: loop.trouble)
    trouble, is_well = loop.trouble, loop.is_well
    loop.tell_to_stop()
    loop.join()

    assert trouble == "ValueError: odd"
    assert not is_well


def test_a_loop_that_was_never_started_can_be_ended() -> None:
    """A start that failed half way is cleaned up like any other."""
    loop = Loop("never", lambda _: None)
    loop.tell_to_stop()
    loop.join()

    assert not loop.is_well
