"""What commands about money and workers share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tasktrail.cli.connect import Params
from tasktrail.cli.ledger import (
    cost_cell,
    counted,
    exact_usd,
    gather,
    texts,
    time_text,
    zone_of_user,
)
from tests.cli.commands import json_lines, tasktrail
from tests.cli.coordinators import worked
from tests.cli.services import serving


class Service(NamedTuple):
    """A running service of a root in which a coordinator worked."""

    root: Path
    url: str


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One for all tests of this file."""
    root = worked(tmp_path_factory.mktemp("ledger"))
    with serving(root) as url:
        yield Service(root, url)


def test_pages_are_gathered_to_a_list() -> None:
    """As many as are wanted, with the cursor of the page before."""
    asked: list[Params] = []

    def ask(params: Params) -> dict[str, Any]:
        asked.append(dict(params))
        following = None if "cursor" in params else "c"
        return {"rows": [1, 2], "total_count": 4, "next_cursor": following, "behind": True}

    rows, total, behind = gather(ask, "rows", {"a": ["b"]}, 3)

    assert ([*map(str, rows)], total, behind) == (["1", "2", "1", "2"], 4, True)
    assert asked == [
        {"a": ["b"], "limit": ["3"]},
        {"a": ["b"], "limit": ["1"], "cursor": ["c"]},
    ]


@pytest.mark.parametrize(
    ("figures", "text"),
    [
        ({"cost_micro_usd": 12_340_000, "unpriced_calls": 0}, "$12.34"),
        ({"cost_micro_usd": 12_340_000, "unpriced_calls": 1}, "$12.34+"),
        ({"cost_micro_usd": None, "unpriced_calls": 1}, "?"),
        ({"cost_micro_usd": None}, "-"),
    ],
)
def test_a_cost_says_how_sure_it_is(figures: dict[str, int | None], text: str) -> None:
    """A plus: and something without a price."""
    assert cost_cell(figures).text == text


@pytest.mark.parametrize(
    ("micro", "text"),
    [(0, "$0.00"), (45_000, "$0.045"), ("0.5", "$0.0000005"), (1_234_500_000, "$1,234.50")],
)
def test_exact_dollars_keep_every_digit(micro: int | str, text: str) -> None:
    """And have two at least."""
    assert exact_usd(micro) == text


def test_a_noun_follows_its_number() -> None:
    """One call, two calls."""
    assert (counted(1, "call"), counted(2_000, "call")) == ("1 call", "2,000 calls")


def test_the_users_zone_is_found_by_name(tmp_path: Path) -> None:
    """By TZ, else by what the machine's clock is set to; what is no name is left alone."""
    folder = tmp_path / "zoneinfo" / "Europe"
    folder.mkdir(parents=True)
    (folder / "Berlin").touch()
    (tmp_path / "localtime").symlink_to(folder / "Berlin")

    assert zone_of_user({"TZ": "Asia/Tokyo"}) == "Asia/Tokyo"
    assert zone_of_user({"TZ": f":{tmp_path / 'localtime'}"}) == "Europe/Berlin"
    assert zone_of_user({"TZ": "Mars/Olympus"}) is None
    assert zone_of_user({"TZ": str(folder)}) in {None, "Europe"}


def test_options_become_the_keys_of_a_query() -> None:
    """What was not said is absent."""
    assert texts({"a": "b", "c": None, "d": ""}) == {"a": ["b"]}


def test_times_are_shown_to_the_second() -> None:
    """A time that nobody told is a dash."""
    assert time_text(None) == "-"
    assert len(time_text("2026-01-15T12:00:00.000000Z")) == len("2026-01-15 12:00:00")


@pytest.mark.parametrize("command", [("sessions",), ("workers", "--task", "gh-450"), ("events",)])
def test_a_server_answers_what_the_files_do(service: Service, command: tuple[str, ...]) -> None:
    """The same rows in the same order."""
    local = tasktrail(*command, "--json", "--data", service.root)
    remote = tasktrail(*command, "--json", "--server", service.url)

    assert json_lines(local.stdout)
    assert remote.stdout == local.stdout
