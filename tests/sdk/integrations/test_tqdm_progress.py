"""tqdm's bars are told to the task, shown or not."""

import io
from typing import Any

import pytest

from tasktrail.sdk.integrations.tqdm_progress import tqdm
from tests.support.outboxes import Told


def figures(told: Told) -> list[dict[str, Any]]:
    """What was told of progress."""
    return [one["data"] for one in told.events if one["type"] == "task:progress"]


@pytest.mark.parametrize("disable", [False, True])
def test_a_loop_is_told(told: Told, disable: bool) -> None:  # noqa: FBT001 - tqdm's own word
    """Every item passes, and the end is a hundred percent."""
    with told.task():
        items = list(tqdm(range(50), desc="reading", disable=disable, file=io.StringIO()))

    assert items == list(range(50))
    assert figures(told)[-1] == {
        "message": "reading",
        "percent": 100.0,
        "metadata": {"done": 50.0, "total": 50},
    }


def test_steps_are_counted_as_tqdm_counts_them(told: Told) -> None:
    """In lumps, and without a known end."""
    with told.task(), tqdm(desc="guessing", file=io.StringIO()) as bar:
        bar.update(3)
        bar.update(4)

    assert figures(told)[-1]["metadata"] == {"done": 7.0, "total": None}
