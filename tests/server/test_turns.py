"""Turns: few search at once, few wait, and nobody is held up by who does not read."""

from threading import Event, Thread

import pytest

from tasktrail.errors import Overloaded
from tasktrail.server.turns import Turns
from tests.support.waiting import PATIENCE_SECONDS


def test_only_so_many_have_a_turn_at_once() -> None:
    """The next one begins when one before it ends."""
    turns, began, end = Turns(at_once=1, wait_seconds=PATIENCE_SECONDS), Event(), Event()

    def search() -> None:
        with turns.one():
            began.set()
            end.wait(PATIENCE_SECONDS)

    other = Thread(target=search)
    with turns.one():
        other.start()
        assert not began.wait(0.05)
    assert began.wait(PATIENCE_SECONDS)
    end.set()
    other.join()


def test_whoever_waits_too_long_is_told_to_come_back() -> None:
    """An overloaded server says so, and when to try again."""
    turns = Turns(at_once=1, wait_seconds=0)

    with turns.one(), pytest.raises(Overloaded, match="within 0 s"), turns.one():
        pass


def test_where_many_wait_nobody_else_does() -> None:
    """Threads that wait are missing elsewhere; afterwards everything is as before."""
    turns = Turns(at_once=1, most_waiting=0)

    with turns.one(), pytest.raises(Overloaded, match="many others"), turns.one():
        pass
    with turns.one():
        pass


def test_each_step_has_a_turn_of_its_own() -> None:
    """Between two steps it is somebody else's."""
    turns = Turns(at_once=1, wait_seconds=0)
    steps = turns.each([1, 2])

    assert next(steps) == 1
    with turns.one():
        pass
    assert list(steps) == [2]
