"""Ctrl-C in a service that ends cleanly by itself."""

import signal

import pytest

from tasktrail.cli.interrupts import Interrupts


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
