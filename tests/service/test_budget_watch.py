"""A crossed budget is told once, in the trail of what crossed it."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tasktrail.service.budget_watch import BudgetWatch
from tests.support.make_trails import Trails
from tests.support.money import call, reader_of

NOW = 1_768_478_400_000_000  # when the calls were made
BUDGET = '[[budget]]\nper = "task"\nusd = 0.001\n'


class Door:
    """Takes events, and says how many came."""

    def __init__(self) -> None:
        self.events: list[bytes] = []

    def accept(self, events: Sequence[bytes]) -> None:
        """Keeps them."""
        self.events += events


def test_a_crossing_is_told_once(tmp_path: Path) -> None:
    """However often is looked; by another process it is told with the same identity."""
    door = Door()
    with Trails(tmp_path) as trails:
        trails.record(call("dear"))
        trails.layout.budgets.write_text(BUDGET, encoding="utf-8")
        watch = BudgetWatch(reader_of(trails), door.accept, lambda: NOW)
        told = [len(watch.look()), len(watch.look())]
        other = BudgetWatch(reader_of(trails), door.accept, lambda: NOW)
        other.look()

    assert told == [1, 0]
    assert door.events[:1] == door.events[1:]


def test_without_budgets_nothing_is_looked_at(tmp_path: Path) -> None:
    """No file, or one with a mistake, which is said once."""
    door = Door()
    with Trails(tmp_path) as trails:
        trails.record(call("dear"))
        watch = BudgetWatch(reader_of(trails), door.accept, lambda: NOW)

        assert watch.look() == []
        assert door.events == []


def test_a_mistake_in_the_file_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not at every look."""
    with Trails(tmp_path) as trails:
        trails.layout.budgets.write_text("no toml", encoding="utf-8")
        watch = BudgetWatch(reader_of(trails), Door().accept, lambda: NOW)
        watch.look()
        watch.look()

    assert caplog.text.count("budgets.toml is not used") == 1
