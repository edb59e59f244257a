"""`tasktrail cost`."""

from pathlib import Path

import pytest
from msgspec import json

from tests.cli.commands import tasktrail
from tests.cli.services import begin, record, serving
from tests.support.money import call, coordinated, told


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with a coordinator's session, a failed task, and a model without a price."""
    folder = tmp_path_factory.mktemp("cost")
    events = [
        *coordinated(),
        call("gh-9", model="nobody-knows"),
        told("task:failed", task_id="gh-9"),
    ]
    events += [call("gh-8", cost_usd=0.02, is_estimated=True), told("task:failed", task_id="gh-8")]
    record(folder, [json.decode(event) for event in events])
    return folder


def test_costs_are_a_table_by_model(root: Path) -> None:
    """With a total, and on stderr what the figures do not say by themselves."""
    done = tasktrail("cost", "--data", root)
    lines = done.stdout.splitlines()

    assert (lines[0].split()[0], lines[-1].split()) == (
        "MODEL",
        ["total", "4", "5,000", "0", "0", "400", "$0.032+"],
    )
    assert "no price is known of nobody-knows: 1 call, 1,100 tokens" in done.stderr
    assert "a floor: 1 call may have used more than was told" in done.stderr
    assert "both costs are known of 1 call: $0.02 reported, $0.0045 by list prices" in done.stderr
    assert "$0.02 of it went into tasks that failed or were cancelled" in done.stderr


@pytest.mark.parametrize(
    ("by", "first"),
    [("task", "gh-8"), ("session", "(not told)"), ("worker", "(not told)"), ("day", "2026-01-15")],
)
def test_costs_are_grouped_as_asked(root: Path, by: str, first: str) -> None:
    """The dearest first, days in their order."""
    done = tasktrail("cost", "--by", by, "--zone", "UTC", "--data", root)

    assert done.stdout.splitlines()[1].startswith(first)


def test_only_what_is_asked_for_is_summed(root: Path) -> None:
    """A day by its name, a task, a worker; today there was nothing."""
    day = ("--since", "2026-01-15", "--until", "2026-01-16", "--zone", "UTC")
    one = tasktrail("cost", *day, "--task", "gh-450", "--json", "--data", root)
    today = tasktrail("cost", "--today", "--json", "--data", root)

    assert json.decode(one.stdout)["total"]["cost_micro_usd"] == 12_000
    assert json.decode(today.stdout)["total"]["calls"] == 0


def test_a_server_answers_the_same(root: Path) -> None:
    """As JSON, and as a page for people."""
    asked = ("cost", "--by", "day", "--zone", "Asia/Tokyo")
    with serving(root) as url:
        remote = tasktrail(*asked, "--json", "--server", url)
        page = tasktrail(*asked, "--server", url)
        explained = tasktrail("cost", "--explain", "gh-450", "--server", url)

    assert remote.stdout == tasktrail(*asked, "--json", "--data", root).stdout
    assert page.stdout == tasktrail(*asked, "--data", root).stdout
    assert explained.stdout == tasktrail("cost", "--explain", "gh-450", "--data", root).stdout


def test_an_explanation_shows_every_bucket_and_price(root: Path) -> None:
    """So that anybody can check the figure with a pencil."""
    done = tasktrail("cost", "--explain", "gh-450", "--data", root)

    assert done.stdout.startswith("gh-450: $0.012, 2 calls; prices: genai-prices ")
    assert "    input                      1,000 x $3/M          = $0.003\n" in done.stdout
    assert "    = $0.0045 by genai-prices, claude-sonnet-4-5 of anthropic\n" in done.stdout


@pytest.mark.parametrize(
    ("budget", "code", "said"),
    [
        ("0.01", 1, "over budget: $0.032 of $0.01; no price of 1 call"),
        ("0.04", 0, "near the budget: $0.032 of $0.04; no price of 1 call"),
        ("1000", 0, ""),
    ],
)
def test_a_budget_is_an_exit_code(root: Path, budget: str, code: int, said: str) -> None:
    """1 above it; close to it a word on stderr."""
    done = tasktrail("cost", "--budget", budget, "--json", "--data", root)

    assert (done.returncode, done.stderr.strip()) == (code, said)


def test_a_budget_holds_for_one_task_too(root: Path) -> None:
    """Beside its explanation."""
    done = tasktrail("cost", "--explain", "gh-450", "--budget", "0.001", "--data", root)

    assert done.returncode == 1


def test_mistakes_are_usage(root: Path) -> None:
    """2 for what cannot be meant, 3 for a task that is not there."""
    both = tasktrail("cost", "--today", "--since", "1h", "--data", root)
    zone = tasktrail("cost", "--zone", "Mars", "--data", root)
    nobody = tasktrail("cost", "--explain", "nobody", "--data", root)

    assert (both.returncode, zone.returncode, nobody.returncode) == (2, 2, 3)


@pytest.mark.parametrize("name", ["task", "session", "worker", "model"])
def test_a_name_that_nothing_has_is_not_found(root: Path, name: str) -> None:
    """No budget is kept by a mistyped name."""
    done = tasktrail("cost", f"--{name}", "typo", "--budget", "1", "--data", root)

    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"tasktrail: expected a {name} 'typo', there is none\n"


def test_a_name_that_called_nothing_today_is_found(root: Path) -> None:
    """It is known, and spent nothing that anybody knows."""
    done = tasktrail("cost", "--task", "gh-450", "--today", "--budget", "1", "--data", root)

    assert (done.returncode, done.stdout.split()[-1]) == (0, "-")


def test_what_must_be_known_of_figures_is_said(tmp_path: Path) -> None:
    """A price file that is not used, days that are guesses, tokens that nobody knows."""
    odd = call("t", timestamp_is_estimated=True, audio_tokens=7)
    record(tmp_path, [json.decode(odd)])
    (tmp_path / "prices.toml").write_text("[[price]]\n")
    done = tasktrail("cost", "--data", tmp_path)
    explained = tasktrail("cost", "--explain", "t", "--data", tmp_path)

    for text in (
        "prices.toml is not used: expected the `model` of each price\n",
        "the day of 1 figure is a guess: no time was told with it\n",
    ):
        assert text in done.stderr
    assert "prices.toml is not used: " in explained.stderr
    assert "2026-01-15T12:00:00.000000Z (a guess)  claude-sonnet-4-5" in explained.stdout
    assert "not counted, under names that are not known: audio_tokens=7\n" in explained.stdout


def test_an_empty_root_spent_nothing(tmp_path: Path) -> None:
    """Nothing is 0, which is not unknown."""
    done = tasktrail("cost", "--json", "--data", begin(tmp_path))

    assert json.decode(done.stdout)["total"]["cost_micro_usd"] == 0
