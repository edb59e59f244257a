"""Sums of calls: what a change of calls changes in them."""

from pathlib import Path
from typing import Any

from tasktrail.index.call_rows import CallRow
from tasktrail.index.cost_sums import NOTHING, QUARTER_MICROS, CostChanges, sums_of
from tests.index.test_call_rows import telling
from tests.support.make_trails import Trails
from tests.support.money_digest import money_digest


def row(**more: Any) -> CallRow:  # noqa: ANN401 - columns of a telling
    """A call that cost 45 micro-dollars by the tables."""
    return CallRow(0, 1, 45, "genai-prices", telling(input_uncached=10, output=2, **more))


def test_a_call_adds_its_figures() -> None:
    """Each to its own sum."""
    sums = sums_of(row(reported=50, success=0, total=20, is_estimated=1))

    assert (sums.parts, sums.calls, sums.failed, sums.estimated) == (1, 1, 1, 1)
    assert (sums.input, sums.output, sums.unsorted, sums.tokens) == (10, 2, 8, 20)
    assert (sums.cost, sums.reported, sums.computed) == (50, 50, 45)
    assert (sums.compared, sums.compared_reported, sums.compared_computed) == (1, 50, 45)


def test_a_rest_is_no_call() -> None:
    """Its money and tokens count, it does not."""
    sums = sums_of(row()._replace(kind=2))

    assert (sums.parts, sums.calls, sums.cost) == (1, 0, 45)


def test_what_is_taken_away_again_leaves_nothing() -> None:
    """Sums are exact in both directions."""
    assert sums_of(row()).plus(sums_of(row(), -1)) == NOTHING


def test_changes_are_written_once_and_empty_sums_go(tmp_path: Path) -> None:
    """A call that moved to another quarter is in one only."""
    with Trails(tmp_path) as trails:
        trails.indexer.rebuild()
        with trails.database.writing() as writing:
            changes = CostChanges()
            changes.replace(None, row(at=5))
            changes.write(writing)
            changes.replace(row(at=5), row(at=QUARTER_MICROS))
            changes.write(writing)
            changes.write(writing)
        digest = money_digest(trails)

    assert [one[0] for one in digest["call_rollups"]] == [1]
    assert [one[1:] for one in digest["trail_costs"]] == [tuple(sums_of(row()))]
