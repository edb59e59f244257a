"""Waiting for something that another thread or process does, without a fixed time."""

import time
from collections.abc import Callable

import pytest

LONGEST_SECONDS = 20.0  # only a failing test waits so long


def wait_until(is_true: Callable[[], object], *, what: str = "it") -> None:
    """Returns when it is so; fails after a long time."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while not is_true():
        if time.monotonic() > deadline:
            pytest.fail(f"{what} never came")
        time.sleep(0.005)
