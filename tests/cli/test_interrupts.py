"""Signals that end a service."""

import signal

import pytest

from tasktrail.cli.interrupts import Interrupts, endings

ROUNDS = 2_000
SOONEST_SECONDS, STEP_SECONDS = 1e-6, 5e-8


@pytest.fixture
def handled() -> list[int]:
    """What a service's own handler of SIGINT was told; the usual one comes back afterwards."""
    return []


def test_the_end_by_ctrl_c_is_told_apart(handled: list[int]) -> None:
    """The service's own handler still works, and the exit code says what happened."""
    usual = signal.signal(signal.SIGINT, lambda number, _: handled.append(number))
    try:
        interrupts = Interrupts()
        interrupts.note()
        before = interrupts.exit_code
        signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, usual)

    assert (before, interrupts.exit_code) == (0, 130)
    assert handled == [signal.SIGINT]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_an_ending_that_came_before_it_is_waited_for_is_not_lost(
    number: signal.Signals, code: int
) -> None:
    """The exit code tells Ctrl-C from an orderly end; the handlers before come back."""
    before = signal.getsignal(number)
    with endings() as next_ending:
        signal.raise_signal(number)
        ended = next_ending()

    assert ended == code
    assert signal.getsignal(number) is before


def test_an_ending_is_heard_at_whatever_moment_it_comes() -> None:
    """Nobody waits for ever because the signal came just when the waiting began."""
    heard = 0
    with endings() as next_ending:
        signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGTERM))
        try:
            for number in range(ROUNDS):
                signal.setitimer(signal.ITIMER_REAL, SOONEST_SECONDS + number * STEP_SECONDS)
                heard += next_ending() == 0
        finally:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)

    assert heard == ROUNDS
