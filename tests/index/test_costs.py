"""What was spent, by model, task, session, worker, status or day."""

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tasktrail.index.cost_sums import QUARTER_MICROS
from tasktrail.index.costs import (
    Span,
    calls_of_task,
    costs_by,
    costs_of_statuses,
    span_of,
    sums_of_tasks,
)
from tasktrail.model.days import parse_zone
from tasktrail.model.ids import TrailKey
from tasktrail.model.ledger_filters import CostFilter
from tasktrail.model.times import parse_time
from tests.index.test_calls import read_on
from tests.support.make_trails import Trails
from tests.support.money import call, coordinated, told

Q = QUARTER_MICROS


def at(text: str) -> int:
    """The time in microseconds."""
    return parse_time(text) or 0


def costs(trails: Trails, by: str, **wanted: object) -> dict[str | None, int]:
    """The cost of each group."""
    with trails.index.snapshot() as queries:
        found = costs_by(queries, CostFilter(**wanted), by)  # type: ignore[arg-type]
    return {group: sums.cost for group, sums in found.items()}


@pytest.mark.parametrize(
    ("since", "until", "span"),
    [
        (None, None, (-(1 << 40), 1 << 40, ())),
        (Q, 3 * Q, (1, 3, ())),
        (Q + 1, 3 * Q + 5, (2, 3, ((Q + 1, 2 * Q), (3 * Q, 3 * Q + 5)))),
        (Q + 1, Q + 9, (0, 0, ((Q + 1, Q + 9),))),
        (Q + 1, 2 * Q + 1, (2, 2, ((Q + 1, 2 * Q), (2 * Q, 2 * Q + 1)))),
    ],
)
def test_a_stretch_is_made_of_quarters_and_edges(
    since: int | None, until: int | None, span: tuple[object, ...]
) -> None:
    """Every moment of it is in one of them, and none in two."""
    assert span_of(since, until) == Span(*span)  # type: ignore[arg-type]


def test_groups_are_what_calls_belong_to(tmp_path: Path) -> None:
    """A worker that named no task has its own; a second worker took over."""
    with Trails(tmp_path) as trails:
        trails.record(*coordinated(), call("other", model="nobody-knows"))
        trails.index_all()

        assert costs(trails, "task") == {"gh-450": 4_500 + 7_500, "other": 0}
        assert costs(trails, "worker") == {"w-1": 4_500, "w-2": 7_500, None: 0}
        assert costs(trails, "session") == {"s-1": 12_000, None: 0}
        assert costs(trails, "status") == {"completed": 12_000, "active": 0}
        assert costs(trails, "task", model="nobody-knows") == {"other": 0}
        assert costs(trails, "model", worker_id="w-2") == {"claude-sonnet-4-5": 7_500}


def test_edges_are_summed_call_by_call(tmp_path: Path) -> None:
    """To the microsecond, in every grouping."""
    times = ["12:00:00", "12:07:30", "12:15:00", "12:31:00"]
    with Trails(tmp_path) as trails:
        trails.record(*(call("gh-1", session_id="s", at=f"2026-01-15T{one}Z") for one in times))
        trails.index_all()
        since, until = at("2026-01-15T12:07:30Z"), at("2026-01-15T12:31:00Z")

        for by, group in (
            ("task", "gh-1"),
            ("session", "s"),
            ("worker", None),
            ("status", "active"),
        ):
            assert costs(trails, by, since=since, until=until) == {group: 9_000}
        assert costs(trails, "model", since=since + 1, until=since + 2) == {}


def test_days_are_those_of_the_zone(tmp_path: Path) -> None:
    """Also where a stretch begins in the middle of a quarter."""
    with Trails(tmp_path) as trails:
        trails.record(call(at="2026-01-15T23:50:00Z"), call(at="2026-01-16T00:10:00Z"))
        trails.index_all()
        tokyo, since = parse_zone("Asia/Tokyo"), at("2026-01-15T23:49:00Z")

        assert costs(trails, "day", zone=parse_zone("UTC")) == {
            "2026-01-15": 4_500,
            "2026-01-16": 4_500,
        }
        assert costs(trails, "day", zone=tokyo, since=since) == {"2026-01-16": 9_000}


def test_a_task_has_its_own_calls_and_its_workers(tmp_path: Path) -> None:
    """In the order of their times, each with the trail that tells it."""
    with Trails(tmp_path) as trails:
        trails.record(*coordinated())
        trails.index_all()
        with trails.index.snapshot() as queries:
            sums = sums_of_tasks(queries, ["gh-450", "nobody"])
            calls = [
                (row.cost, family, name) for row, family, name in calls_of_task(queries, "gh-450")
            ]

    own = sums["gh-450"]
    assert (own.calls, own.cost, sums["nobody"].parts) == (2, 12_000, 0)
    assert calls == [(4_500, "tasks", "gh-450"), (7_500, "sessions", "unassigned")]


def test_a_task_renamed_by_nobody_keeps_its_rest(tmp_path: Path) -> None:
    """Money that only the end told belongs to the task, its session and its day."""
    with Trails(tmp_path) as trails:
        trails.record(told("task:completed", task_id="gh-1", session_id="s-1", cost_usd=1))
        trails.index_all()

        assert costs(trails, "session") == {"s-1": 1_000_000}
        assert costs(trails, "day", zone=parse_zone("UTC")) == {"2026-01-15": 1_000_000}


def test_days_are_summed_from_one_call_to_the_next(tmp_path: Path) -> None:
    """Years without a call cost nothing, however many there are."""
    days = {"1999-12-31T23:30:00Z": "2000-01-01", "2026-01-15T22:59:00Z": "2026-01-15"}
    last = "9998-12-31T10:00:00Z"
    with Trails(tmp_path) as trails:
        trails.record(*(call("gh-1", at=time) for time in (*days, last)))
        trails.index_all()
        found = costs(trails, "day", zone=parse_zone("Europe/Berlin"))

        assert found == dict.fromkeys([*days.values(), "9998-12-31"], 4_500)
        assert costs(trails, "day", model="another") == {}


def test_all_of_time_is_summed_once_more_by_whose_it_is(tmp_path: Path) -> None:
    """A year of quarters of one task is one row there, and gone with its calls."""
    with Trails(tmp_path) as trails:
        trails.record(*(call("gh-1", at=f"2026-01-{day:02d}T12:00:00Z") for day in range(1, 29)))
        trails.index_all()
        rows = table_sizes(trails)
        shutil.rmtree(trails.layout.trail(TrailKey("tasks", "gh-1")))
        read_on(trails, "gh-1")

        assert rows == {"call_rollups": 28, "quarter_costs": 28, "cost_totals": 1, "trail_costs": 1}
        assert table_sizes(trails) == dict.fromkeys(rows, 0)


def test_days_and_models_look_at_no_row_per_worker(tmp_path: Path) -> None:
    """A hundred workers who call a model in one quarter of an hour are one row of what is read."""
    with Trails(tmp_path) as trails:
        trails.record(*(call("gh-1", worker_id=f"w-{number}") for number in range(100)))
        trails.index_all()
        with sqlite3.connect(trails.layout.index) as connection:
            connection.execute("DELETE FROM call_rollups")
        bounds = {"since": at("2026-01-01"), "until": at("2026-02-01")}

        assert table_sizes(trails)["quarter_costs"] == 1
        assert costs(trails, "day", zone=parse_zone("UTC")) == {"2026-01-15": 450_000}
        assert costs(trails, "model", **bounds) == {"claude-sonnet-4-5": 450_000}


def test_what_failed_is_summed_alike_with_and_without_bounds(tmp_path: Path) -> None:
    """By the task's own status, and for a worker that named no task by that of its task."""
    with Trails(tmp_path) as trails:
        failed = told("task:failed", task_id="bad")
        trails.record(*coordinated(), call("bad"), call("bad", model="nobody-knows"), failed)
        trails.index_all()
        bounds: dict[str, Any] = {"since": at("2026-01-15"), "until": at("2026-01-16")}
        edges: dict[str, Any] = {"since": at("2026-01-15T00:00:01Z")}
        nothing: dict[str, Any] = {}
        for wanted in (nothing, bounds, edges):
            for statuses in (["failed"], ["failed", "completed"], ["blocked"]):
                with trails.index.snapshot() as queries:
                    found = costs_of_statuses(queries, CostFilter(**wanted), statuses)
                groups = costs(trails, "status", **wanted)
                assert found.cost == sum(groups.get(one, 0) for one in statuses)
        with trails.index.snapshot() as queries:
            of_model = CostFilter(**bounds, model="nobody-knows")
            assert costs_of_statuses(queries, of_model, ["failed"]).calls == 1


def table_sizes(trails: Trails) -> dict[str, int]:
    """How many rows each of the tables of sums has."""
    with sqlite3.connect(trails.layout.index) as connection:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in ("call_rollups", "quarter_costs", "cost_totals", "trail_costs")
        }
