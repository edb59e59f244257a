"""The stages of a task: begun, ended, nested, counted."""

from pathlib import Path
from typing import Any

import pytest

from tests.query.histories import reader_of, said, staged
from tests.support.make_trails import Trails


@pytest.mark.parametrize("is_indexed", [True, False])
def test_stages_come_in_the_order_in_which_they_appeared(tmp_path: Path, is_indexed: bool) -> None:  # noqa: FBT001
    """One that starts again is one of its own; one that only entries name has no status."""
    with staged(tmp_path, is_indexed=is_indexed) as trails:
        stages = reader_of(trails).stages("gh-1")["stages"]

    told = [(one["stage"], one["number"], one["status"], one["entries"]) for one in stages]
    assert told == [
        ("plan", 1, "failed", 3),
        ("sub", 1, "completed", 2),
        ("plan", 2, "active", 2),
        ("named", 1, None, 1),
    ]


def test_a_stage_knows_its_times_its_error_and_what_lies_around_it(tmp_path: Path) -> None:
    """Seconds between its events; the stage that was open when it started."""
    with staged(tmp_path) as trails:
        plan, sub, again, _ = reader_of(trails).stages("gh-1")["stages"]

    assert (plan["duration_seconds"], plan["error"], plan["errors"]) == (4.0, "bad", 2)
    assert (sub["parent"], sub["depth"]) == ({"stage": "plan", "number": 1}, 1)
    assert (plan["first_seq"], plan["last_seq"], again["first_seq"]) == (2, 6, 7)
    assert again["completed_at"] is None
    assert again["duration_seconds"] is None


def test_workers_do_not_nest_in_each_other(tmp_path: Path) -> None:
    """Stages of two workers at a time stand beside each other."""
    with Trails(tmp_path) as trails:
        trails.record(
            said("stage:started", stage="a", worker_id="w-1"),
            said("stage:started", stage="b", worker_id="w-2"),
            said("stage:completed", stage="a", worker_id="w-1", data={"duration_ms": 9}),
        )
        stages = reader_of(trails).stages("gh-1")["stages"]

    assert [(one["stage"], one["depth"], one["status"]) for one in stages] == [
        ("a", 0, "completed"),
        ("b", 0, "active"),
    ]


def test_an_end_without_a_beginning_says_what_it_knows(tmp_path: Path) -> None:
    """Its duration as reported; when it began nobody said."""
    with Trails(tmp_path) as trails:
        trails.record(said("stage:completed", stage="a", data={"duration_ms": 1500}))
        (stage,) = reader_of(trails).stages("gh-1")["stages"]

    assert (stage["started_at"], stage["duration_seconds"]) == (None, 1.5)


def test_a_task_without_stages_has_none(tmp_path: Path) -> None:
    """An empty list, not an absent one."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("x"))

        assert reader_of(trails).stages("gh-1") == {"task_id": "gh-1", "stages": []}


@pytest.mark.parametrize("lines", [3, 2_500])
def test_a_stage_that_starts_again_has_what_was_said_since(tmp_path: Path, lines: int) -> None:
    """Whether its entries are read in one go, or each stretch is asked about."""
    with Trails(tmp_path) as trails:
        for _ in range(2):
            said_within = (trails.log(f"{at}", stage="a", level="error") for at in range(lines))
            trails.record(said("stage:started", stage="a"), *said_within, trails.log("elsewhere"))
        trails.index_all()
        first, again = reader_of(trails).stages("gh-1")["stages"]

    assert (first["entries"], first["errors"]) == (again["entries"], again["errors"])
    assert (first["entries"], first["errors"], first["warnings"]) == (lines + 1, lines, 0)
    assert (first["first_seq"], first["last_seq"]) == (1, lines + 1)
    assert (again["first_seq"], again["last_seq"]) == (lines + 3, 2 * lines + 3)
    assert first["first_at"] < first["last_at"] < again["first_at"] < again["last_at"]


def test_stages_that_never_end_lie_within_each_other(tmp_path: Path) -> None:
    """However deep, and however many."""
    deep = 1_200
    with Trails(tmp_path) as trails:
        trails.record(*(said("stage:started", stage=f"s{at}") for at in range(deep)))
        stages = reader_of(trails).stages("gh-1")["stages"]

    assert (len(stages), stages[-1]["depth"]) == (deep, deep - 1)
    assert stages[-1]["parent"] == {"stage": f"s{deep - 2}", "number": 1}


@pytest.mark.parametrize(
    "told",
    [
        {"stage": "a", "worker_id": "w", "attempt": 2},
        {"data": {"stage": "a", "worker_id": "w", "attempt": "2"}},
        {"stage": "a", "worker_id": "w", "data": {"attempt": 2, "more": {"x": []}}},
    ],
)
def test_names_and_attempts_may_stand_beside_the_data_or_in_it(
    tmp_path: Path, told: dict[str, Any]
) -> None:
    """A stage of that name, worker and attempt, which its end finds again."""
    end = said("stage:failed", stage="a", worker_id="w", data={"error": {"deep": [1]}})
    with Trails(tmp_path) as trails:
        trails.record(said("stage:started", **told), end)
        (stage,) = reader_of(trails).stages("gh-1")["stages"]

    assert (stage["stage"], stage["attempt"], stage["status"]) == ("a", 2, "failed")
    assert stage["error"] == '{"deep":[1]}'


def test_a_stage_that_nobody_names_is_unknown(tmp_path: Path) -> None:
    """It has no entries of its own, as none names it."""
    with Trails(tmp_path) as trails:
        trails.record(said("stage:started"), said("stage:failed", data={"message": "no"}))
        (stage,) = reader_of(trails).stages("gh-1")["stages"]

    assert (stage["stage"], stage["error"], stage["entries"]) == ("unknown", "no", 0)


def test_a_stages_line_that_cannot_be_read_costs_that_line(tmp_path: Path) -> None:
    """A beginning that was overwritten on disk: the end tells what it knows."""
    with Trails(tmp_path) as trails:
        trails.record(said("stage:started", stage="a"), said("stage:completed", stage="a"))
        trails.index_all()
        path = trails.layout.tasks / "gh-1" / "10-events.jsonl"
        begun, ended = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"x" * (len(begun) - 1) + b"\n" + ended)
        (stage,) = reader_of(trails).stages("gh-1")["stages"]

    assert (stage["status"], stage["started_at"]) == ("completed", None)
