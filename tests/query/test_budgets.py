"""Which budgets were crossed, by what the index knows."""

from pathlib import Path

from tasktrail.model.budgets import Budget
from tasktrail.model.days import parse_zone
from tasktrail.query.budgets import RECENT_MICROS, budgets_answer, find_crossings, read_budgets
from tests.support.make_trails import Trails
from tests.support.money import call, reader_of, told

NOON = 1_768_478_400_000_000


def crossed(trails: Trails, per: str, micro_usd: int, *, now: int) -> list[tuple[str, int, bool]]:
    """Name, cost and whether it is above, of every crossing of that budget."""
    found = reader_of(trails).ask(
        lambda queries: find_crossings(
            queries, [Budget(per, micro_usd)], now=now, zone=parse_zone("UTC")
        )
    )
    return sorted((one.name, one.spent, one.is_exceeded) for one in found)


def test_tasks_and_sessions_cross_their_budgets(tmp_path: Path) -> None:
    """Those that cost too much, and no others."""
    with Trails(tmp_path) as trails:
        trails.record(call("dear", session_id="s-1"), call("dear", session_id="s-1"))
        trails.record(call("cheap", session_id="s-2"))

        assert crossed(trails, "task", 8_000, now=NOON) == [
            ("dear", 9_000, True),
        ]
        assert crossed(trails, "session", 5_000, now=NOON) == [
            ("s-1", 9_000, True),
            ("s-2", 4_500, False),
        ]


def test_a_crossing_knows_the_session_that_had_the_task_last(tmp_path: Path) -> None:
    """The one that may still spend more."""
    with Trails(tmp_path) as trails:
        for session in ("s-1", "s-2"):
            trails.record(told("worker:spawned", task_id="t", session_id=session, worker_id="w"))
        trails.record(call("t", session_id="s-1"))
        found = reader_of(trails).ask(
            lambda queries: find_crossings(queries, [Budget("task", 1)], now=NOON)
        )

    assert {one.session_id for one in found} == {"s-2"}


def test_what_rests_crosses_nothing_any_more(tmp_path: Path) -> None:
    """A budget that is set today is not told of last year's tasks."""
    with Trails(tmp_path) as trails:
        trails.record(call("dear", session_id="s-1"))
        later = NOON + RECENT_MICROS + 3_600_000_000

        assert crossed(trails, "task", 1, now=later) == []
        assert crossed(trails, "session", 1, now=later) == []


def test_a_day_is_what_was_called_on_it(tmp_path: Path) -> None:
    """In the user's zone."""
    with Trails(tmp_path) as trails:
        trails.record(call("a"), call("b"), call("c", at="2026-01-14T12:00:00Z"))

        assert crossed(trails, "day", 10_000, now=NOON) == [("2026-01-15", 9_000, False)]
        assert crossed(trails, "day", 10_000, now=NOON + RECENT_MICROS) == []


def nearest(trails: Trails, *, now: int = NOON) -> list[tuple[object, ...]]:
    """Of each of the root's budgets: per what, what came nearest to it, and how near."""
    found = read_budgets(trails.layout)
    answer = reader_of(trails).ask(
        lambda queries: budgets_answer(queries, found, now=now, zone=parse_zone("UTC"))
    )
    return [(one["per"], one["nearest"], one["spent_micro_usd"]) for one in answer["budgets"]]


def test_each_budget_says_what_came_nearest_to_it(tmp_path: Path) -> None:
    """The dearest task and session of late, and today; of what rests nobody speaks."""
    with Trails(tmp_path) as trails:
        text = "".join(
            f'[[budget]]\nper = "{per}"\nusd = 5\n' for per in ("task", "session", "day")
        )
        trails.layout.budgets.write_text(text, encoding="utf-8")
        trails.record(call("dear", session_id="s-1"), call("dear", session_id="s-1"))
        trails.record(call("cheap", session_id="s-2"))
        later = NOON + RECENT_MICROS + 3_600_000_000

        assert nearest(trails) == [
            ("task", "dear", 9_000),
            ("session", "s-1", 9_000),
            ("day", "2026-01-15", 13_500),
        ]
        assert [near for _, *near in nearest(trails, now=later)[:2]] == [[None, 0], [None, 0]]


def test_a_root_without_budgets_has_none(tmp_path: Path) -> None:
    """And a file with a mistake says which."""
    with Trails(tmp_path) as trails:
        none = read_budgets(trails.layout)
        trails.layout.budgets.write_text("no toml", encoding="utf-8")
        wrong = read_budgets(trails.layout)

    assert (none.budgets, none.trouble) == ((), None)
    assert (wrong.budgets, "budgets.toml is not used" in str(wrong.trouble)) == ((), True)
