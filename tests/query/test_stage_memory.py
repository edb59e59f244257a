"""Stages are folded once for each state of a trail."""

from pathlib import Path

import pytest

from tasktrail.query import stage_memory, stages
from tests.query.histories import reader_of, said
from tests.support.make_trails import Trails


@pytest.fixture
def folded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the tasks whose stages were folded, in order."""
    seen: list[str] = []
    fold = stages.stages_of

    def spy(layout: object, view: object) -> object:
        seen.append(view.key.id)  # type: ignore[attr-defined]
        return fold(layout, view)  # type: ignore[arg-type]

    monkeypatch.setattr(stage_memory, "stages_of", spy)
    return seen


def test_a_trail_that_has_not_grown_is_not_folded_again(tmp_path: Path, folded: list[str]) -> None:
    """Whether its stages are asked for alone or with all that a page begins with."""
    with Trails(tmp_path) as trails:
        trails.record(said("stage:started", stage="a"))
        reader = reader_of(trails)
        first = reader.stages("gh-1")["stages"]
        trails.index_all()

        assert reader.stages("gh-1")["stages"] == reader.open("gh-1")["stages"] == first
    assert folded == ["gh-1"]


def test_a_trail_that_has_grown_is_folded_again(tmp_path: Path, folded: list[str]) -> None:
    """Any entry may be one of the stage's."""
    with Trails(tmp_path) as trails:
        trails.record(said("stage:started", stage="a"))
        reader = reader_of(trails)
        (before,) = reader.stages("gh-1")["stages"]
        trails.record(trails.log("more", stage="a"))
        (after,) = reader.stages("gh-1")["stages"]

    assert (before["entries"], after["entries"]) == (1, 2)
    assert folded == ["gh-1", "gh-1"]


def test_what_is_kept_is_bounded(
    tmp_path: Path, folded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those asked for longest ago go first; a task with more stages than that is not kept."""
    monkeypatch.setattr(stage_memory, "MOST_ROWS", 4)
    with Trails(tmp_path) as trails:
        for task in ("t-1", "t-2", "t-3"):
            trails.record(said("stage:started", task=task, stage="a"))
        trails.record(*(said("stage:started", task="huge", stage=f"{at}") for at in range(5)))
        reader = reader_of(trails)
        for task in ("t-1", "t-2", "t-1", "t-3", "t-1", "t-2", "huge", "huge"):
            reader.stages(task)

    assert folded == ["t-1", "t-2", "t-3", "t-2", "huge", "huge"]
