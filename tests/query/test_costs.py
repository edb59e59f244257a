"""What was spent, as it is answered everywhere."""

from pathlib import Path
from typing import Any

from tasktrail.index.cost_sums import NOTHING, Sums
from tasktrail.query.costs import figures_of, total_of
from tests.support.make_trails import Trails
from tests.support.money import call, coordinated, ledger_of, reader_of, told


def test_a_cost_that_nobody_knows_is_null() -> None:
    """Nobody told a call, or no price of any is known; a time in which nothing was spent is 0."""
    assert figures_of(NOTHING)["cost_micro_usd"] is None
    assert total_of(NOTHING)["cost_micro_usd"] == 0
    assert total_of(Sums(parts=1, unpriced=1))["cost_micro_usd"] is None
    unpriced = figures_of(Sums(parts=2, calls=2, unpriced=2))
    assert (unpriced["cost_micro_usd"], unpriced["cost_usd"]) == (None, None)
    assert figures_of(Sums(parts=2, calls=2, unpriced=1, cost=5))["cost_micro_usd"] == 5


def test_an_answer_has_total_rows_and_what_has_no_price(tmp_path: Path) -> None:
    """The dearest first, each with the title and status of its task."""
    with Trails(tmp_path) as trails:
        trails.record(*coordinated(), call("gh-2"), call("gh-3", model="nobody-knows"))
        answer = ledger_of(trails).costs({"by": ["task"]})

    assert (answer["total"]["calls"], answer["total"]["cost_micro_usd"]) == (4, 16_500)
    assert [(row["task_id"], row["cost_micro_usd"]) for row in answer["rows"]] == [
        ("gh-450", 12_000),
        ("gh-2", 4_500),
        ("gh-3", None),
    ]
    assert (answer["rows"][0]["title"], answer["rows"][0]["status"]) == ("Fix login", "completed")
    assert answer["unpriced_models"] == [{"model": "nobody-knows", "calls": 1, "tokens": 1_100}]
    assert answer["price_version"].startswith("genai-prices ")


def test_failed_work_is_told_apart(tmp_path: Path) -> None:
    """What tasks spent that failed or were cancelled."""
    with Trails(tmp_path) as trails:
        trails.record(call("bad"), told("task:failed", task_id="bad"), call("good"))
        answer = ledger_of(trails).costs()

    assert answer["failed_work"]["cost_micro_usd"] == 4_500
    assert (answer["by"], answer["rows"]) == (None, [])


def test_rows_tell_what_the_dearest_models_cost_in_them(tmp_path: Path) -> None:
    """As many models as are asked for; each part is that of the same question for the model."""
    other = "claude-haiku-4-5"
    with Trails(tmp_path) as trails:
        days = [f"2026-01-{day}T10:00:00Z" for day in (15, 16)]
        trails.record(*(call(at=day) for day in days), call(at=days[0], model=other))
        trails.record(call(at=days[0], model="nobody-knows"))
        ledger, asked = ledger_of(trails), {"by": ["day"], "zone": ["UTC"]}
        plain, parted, one = (
            ledger.costs(asked | more) for more in ({}, {"parts": ["4"]}, {"parts": ["1"]})
        )
        alone = ledger.costs(asked | {"model": [other]})["rows"]

    first, second = [row["parts"] for row in parted["rows"]]
    sonnet = {"model": "claude-sonnet-4-5", "cost_micro_usd": 4_500}
    assert first == [sonnet, {"model": other, "cost_micro_usd": alone[0]["cost_micro_usd"]}]
    assert (second, [row["parts"] for row in one["rows"]]) == ([sonnet], [[sonnet], [sonnet]])
    without = [
        {key: value for key, value in row.items() if key != "parts"} for row in parted["rows"]
    ]
    assert parted | {"rows": without} == plain


def test_a_bounded_answer_says_its_bounds(tmp_path: Path) -> None:
    """And whose days it counts."""
    with Trails(tmp_path) as trails:
        trails.record(call("t"))
        asked = {"since": ["2026-01-15"], "until": ["2026-01-16"], "zone": ["UTC"], "by": ["day"]}
        answer = ledger_of(trails).costs(asked)

    assert (answer["since"], answer["until"]) == (
        "2026-01-15T00:00:00.000000Z",
        "2026-01-16T00:00:00.000000Z",
    )
    assert (answer["zone"], [row["day"] for row in answer["rows"]]) == ("UTC", ["2026-01-15"])


def test_an_explanation_adds_up(tmp_path: Path) -> None:
    """Every bucket times its price is the call's cost, and the calls' costs are the task's."""
    with Trails(tmp_path) as trails:
        trails.record(*coordinated(), call("gh-450", cache_read_tokens=7, web_search_requests=2))
        answer = ledger_of(trails).explain("gh-450")

    for one in answer["calls"]:
        assert (
            round(sum(float(part["micro_usd"]) for part in one["parts"]))
            == (one["computed_cost_micro_usd"])
        )
    assert sum(one["cost_micro_usd"] for one in answer["calls"]) == 12_000 + 24_502
    assert answer["total"]["cost_micro_usd"] == 36_502
    assert [one["trail"] for one in answer["calls"]][-1] == "sessions/unassigned"


def test_an_explanation_says_why_there_is_no_price(tmp_path: Path) -> None:
    """No model, no tokens, no price; and which calls are counted in another trail."""
    with Trails(tmp_path) as trails:
        trails.record(call("first", call_id="m"))
        trails.record(call("t", model=None), call("t", model="x"), call("t", call_id="m"))
        trails.record(call("t", input_tokens=None, output_tokens=None))
        answer = ledger_of(trails).explain("t")

    assert [one["unpriced"] for one in answer["calls"]] == [
        "no model was told",
        "no price of x is known",
        "no tokens were told",
    ]
    assert answer["counted_elsewhere"] == [
        {"call_id": "m", "seq": 3, "counted_in": "tasks/first"},
    ]


def test_a_task_has_the_cost_of_its_calls(tmp_path: Path) -> None:
    """What its end told stands beside it; where nothing is told, nothing is known."""
    with Trails(tmp_path) as trails:
        trails.record(
            call("t"), call("t", model="x"), told("task:completed", task_id="t", cost_usd=1)
        )
        trails.record(trails.log("silent", task_id="silent"))
        reader = reader_of(trails)
        spent, silent = reader.task("t"), reader.task("silent")
        listed = {row["task_id"]: row["cost_micro_usd"] for row in reader.tasks()["tasks"]}

    assert (spent["cost_micro_usd"], spent["cost_usd"]) == (1_000_000, 1.0)
    assert (spent["reported_cost_micro_usd"], spent["calls"], spent["unpriced_calls"]) == (
        1_000_000,
        2,
        1,
    )
    assert (spent["input_tokens"], spent["output_tokens"]) == (2_000, 200)
    assert (silent["cost_micro_usd"], silent["calls"]) == (None, 0)
    assert listed == {"t": 1_000_000, "silent": None}


def test_a_tasks_tokens_are_those_of_its_calls(tmp_path: Path) -> None:
    """Not what its end says of its last turn; that stands where no call told tokens."""
    with Trails(tmp_path) as trails:
        trails.record(call("both", cache_read_tokens=500))
        for task_id in ("both", "told"):
            end: dict[str, Any] = {"input_tokens": 6, "output_tokens": 161, "cost_usd": 0.1}
            trails.record(told("task:completed", task_id=task_id, **end))
        trails.index_all()
        both, only = (reader_of(trails).task(task_id) for task_id in ("both", "told"))

    assert (both["input_tokens"], both["output_tokens"]) == (1_500, 100)
    assert (only["input_tokens"], only["output_tokens"]) == (6, 161)
