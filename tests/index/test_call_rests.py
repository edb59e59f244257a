"""Rests: what a reported total has beyond the calls that are known."""

from pathlib import Path
from typing import Any

from tasktrail.index.call_rows import REST_OF_RUN, REST_OF_TASK
from tests.index.test_calls import calls_in
from tests.support.make_trails import Trails
from tests.support.money import SONNET, Row, call, ledger_of, told

LATER = "2026-01-15T12:30:00Z"


def usage(uncached: int, output: int, read: int = 0, written: int = 0) -> dict[str, int]:
    """What a run's end tells of a model."""
    return {
        "inputTokens": uncached,
        "outputTokens": output,
        "cacheReadInputTokens": read,
        "cacheCreationInputTokens": written,
    }


def ended(**models: dict[str, int]) -> bytes:
    """The end of the run s-1, which was the task gh-1."""
    told_models = {name.replace("_", "-"): fields for name, fields in models.items()}
    return told("task:completed", task_id="gh-1", session_id="s-1", model_usage=told_models)


def test_the_rest_of_a_run_is_what_its_calls_leave_over(tmp_path: Path) -> None:
    """Bucket by bucket, with the price of its model."""
    with Trails(tmp_path) as trails:
        trails.record(call("gh-1", session_id="s-1", output_tokens=10, cache_write_1h_tokens=30))
        trails.record(ended(**{SONNET: usage(1_500, 400, written=100)}))
        trails.index_all()
        rest = calls_in(trails)[f"run:s-1:{SONNET}"]

    assert rest.kind == REST_OF_RUN
    assert rest.telling.usage.known == [500, 0, 70, 390]
    assert rest.computed == 7_612  # 500 x 3 + 70 x 3.75 + 390 x 15 = 7,612.5, to even


def test_figures_of_a_recorded_run_are_totals_as_its_end_would_be(tmp_path: Path) -> None:
    """A command's end tells a cost; told again by an import, the run counts once."""
    run: Row = {"session_id": "s-1", "model_usage": {SONNET: usage(1_500, 400)}}
    called = {"session_id": "s-1", "call_id": "c-1"}
    with Trails(tmp_path) as trails:
        trails.record(call("gh-1", **called), told("task:metrics", task_id="gh-1", **run))
        trails.record(told("task:completed", task_id="gh-1", cost_usd=0.0105))
        trails.index_all()
        once = calls_in(trails)
        trails.record(call("s-1", **called))
        trails.record(told("task:completed", task_id="s-1", cost_usd=0.0105, **run))
        trails.index_all()
        again = calls_in(trails)

    assert sum(one.cost or 0 for one in once.values()) == 10_500
    assert {name: one.cost for name, one in again.items()} == {
        name: one.cost for name, one in once.items()
    }


def test_a_run_whose_calls_account_for_all_has_no_rest(tmp_path: Path) -> None:
    """Whichever came first, the calls or the total; and a late call takes its part away."""
    with Trails(tmp_path) as trails:
        trails.record(ended(**{SONNET: usage(1_000, 100)}))
        trails.index_all()
        before = calls_in(trails)
        trails.record(call("gh-1", session_id="s-1"))
        trails.index_all()

        assert list(before) == [f"run:s-1:{SONNET}"]
        assert list(calls_in(trails)) == ["at:tasks/gh-1:2"]


def test_totals_of_a_run_are_running(tmp_path: Path) -> None:
    """Of several the largest holds, in each bucket; a zero after a crash erases nothing."""
    with Trails(tmp_path) as trails:
        trails.record(ended(**{SONNET: usage(10, 1)}), ended(**{SONNET: usage(30, 3)}))
        trails.record(ended(**{SONNET: usage(0, 0)}))
        trails.index_all()

        assert calls_in(trails)[f"run:s-1:{SONNET}"].telling.usage.known == [30, 0, 0, 3]


def test_totals_that_are_none_are_passed_over(tmp_path: Path) -> None:
    """What a producer sends there is up to the producer."""
    with Trails(tmp_path) as trails:
        for odd in ("text", [1], {SONNET: 3}, {SONNET: {"inputTokens": "many"}}):
            trails.record(told("task:completed", task_id="gh-1", session_id="s-1", model_usage=odd))
        trails.index_all()

        assert calls_in(trails) == {}


def test_a_task_that_tells_only_a_cost_has_a_rest_that_is_all_of_it(tmp_path: Path) -> None:
    """With the tokens that its end told, at the time of its end."""
    with Trails(tmp_path) as trails:
        trails.record(
            told("task:completed", task_id="gh-1", cost_usd=0.42, input_tokens=7, output_tokens=2)
        )
        trails.index_all()
        rest = calls_in(trails)["task:tasks/gh-1"]

    assert (rest.kind, rest.cost, rest.telling.usage.known) == (REST_OF_TASK, 420_000, [7, 2])
    assert rest.telling.at == 1_768_478_400_000_000


def test_the_rest_of_a_task_is_its_total_without_its_calls(tmp_path: Path) -> None:
    """Both attempts told a cost; the tokens are the calls' own."""
    with Trails(tmp_path) as trails:
        trails.record(call("gh-1"), told("task:failed", task_id="gh-1", cost_usd=0.01))
        trails.record(told("task:completed", task_id="gh-1", cost_usd=0.02, attempt=2))
        trails.index_all()
        rest = calls_in(trails)["task:tasks/gh-1"]

    assert (rest.cost, rest.telling.usage.known) == (30_000 - 4_500, [])


def test_a_total_that_differs_by_rounding_is_no_rest(tmp_path: Path) -> None:
    """Each call was rounded to a micro-dollar."""
    with Trails(tmp_path) as trails:
        trails.record(call("gh-1"), told("task:completed", task_id="gh-1", cost_usd=0.004501))
        trails.index_all()

        assert list(calls_in(trails)) == ["at:tasks/gh-1:1"]


def test_a_total_below_its_calls_takes_nothing_away(tmp_path: Path) -> None:
    """The calls are what can be checked."""
    with Trails(tmp_path) as trails:
        trails.record(call("gh-1"), told("task:completed", task_id="gh-1", cost_usd=0.001))
        trails.index_all()

        assert list(calls_in(trails)) == ["at:tasks/gh-1:1"]


def test_a_call_that_comes_late_makes_the_rest_smaller(tmp_path: Path) -> None:
    """And nothing counts twice in between."""
    with Trails(tmp_path) as trails:
        trails.record(told("task:completed", task_id="gh-1", cost_usd=0.01))
        trails.index_all()
        trails.record(call("gh-1"))
        trails.index_all()

        assert calls_in(trails)["task:tasks/gh-1"].cost == 10_000 - 4_500


def shared(task: str, **fields: Any) -> bytes:  # noqa: ANN401 - JSON
    """One telling of a call that several tasks tell of."""
    return call(task, call_id="m1", **fields)


def test_a_call_that_is_counted_elsewhere_makes_the_rest_smaller(tmp_path: Path) -> None:
    """Also when somebody else tells that it cost more: whoever tells of it looks again."""
    with Trails(tmp_path) as trails:
        trails.record(shared("gh-1"), shared("gh-2"))
        trails.record(told("task:completed", task_id="gh-2", cost_usd=0.01))
        trails.index_all()
        before = calls_in(trails)["task:tasks/gh-2"].cost
        trails.record(shared("gh-3", cost_usd=0.006))
        trails.index_all()
        after = calls_in(trails)["task:tasks/gh-2"].cost
        trails.indexer.rebuild()

        assert (before, after) == (10_000 - 4_500, 10_000 - 6_000)
        assert calls_in(trails)["task:tasks/gh-2"].cost == after


def test_a_rest_of_a_run_that_is_counted_elsewhere_makes_the_rest_of_a_task_smaller(
    tmp_path: Path,
) -> None:
    """Every task that tells of the run counts its rest, which is the latest one's."""
    run: Row = {"session_id": "s-1", "model_usage": {SONNET: usage(1_000, 100)}}
    more = run | {"model_usage": {SONNET: usage(2_000, 100)}}
    with Trails(tmp_path) as trails:
        trails.record(told("task:completed", task_id="gh-1", cost_usd=0.01, **run))
        trails.record(told("task:completed", task_id="gh-2", at=LATER, **run))
        trails.index_all()
        before = calls_in(trails)["task:tasks/gh-1"].cost
        trails.record(told("task:completed", task_id="gh-3", at=LATER, **more))
        trails.index_all()

        assert (before, calls_in(trails)["task:tasks/gh-1"].cost) == (5_500, 2_500)


def test_other_prices_of_a_call_that_is_counted_elsewhere_make_another_rest(
    tmp_path: Path,
) -> None:
    """Of every task that tells of it."""
    with Trails(tmp_path) as trails:
        trails.record(shared("gh-1", model="mine"), shared("gh-2", model="mine"))
        trails.record(told("task:completed", task_id="gh-2", cost_usd=0.01))
        trails.index_all()
        text = '[[price]]\nmodel = "mine"\ninput = 1\noutput = 1\n'
        trails.layout.prices.write_text(text, encoding="utf-8")
        trails.index_all()

        assert calls_in(trails)["task:tasks/gh-2"].cost == 10_000 - 1_100


def test_a_rest_of_an_end_without_a_time_is_undated(tmp_path: Path) -> None:
    """Its day is a guess, as that of the end is; one that is gone takes its guess along."""
    ids = {"task_id": "gh-1", "session_id": "s-1"}
    models = {SONNET: usage(10, 1)}
    untimed = told(
        "task:completed", **ids, timestamp_is_estimated=True, cost_usd=0.5, model_usage=models
    )
    with Trails(tmp_path) as trails:
        trails.record(untimed, told("task:completed", task_id="gh-2", cost_usd=0.5))
        trails.index_all()
        calls = calls_in(trails)
        found = {name: one.telling.is_undated for name, one in calls.items()}
        total = ledger_of(trails).costs({})["total"]

    assert found == {
        f"run:s-1:{SONNET}": 1,
        "task:tasks/gh-1": 1,
        "task:tasks/gh-2": 0,
    }
    assert total["undated_calls"] == 2
