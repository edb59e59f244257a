"""Costs in the index are those of the prices that hold now."""

from pathlib import Path

import pytest

from tasktrail.index.prices import library_version
from tasktrail.index.pricing import MOST_BYTES, PriceMark, keep_prices, prices_now
from tests.index.test_calls import calls_in
from tests.support.make_trails import Trails
from tests.support.money import call, ledger_of

MINE = '[[price]]\nmodel = "mine"\ninput = 1\noutput = 1\n'


def test_a_new_price_file_prices_every_call_anew(tmp_path: Path) -> None:
    """Nothing new has to be recorded, and no trail is read again."""
    with Trails(tmp_path) as trails:
        trails.record(call("gh-1", model="mine"))
        trails.index_all()
        before = calls_in(trails)["at:tasks/gh-1:1"].computed
        trails.layout.prices.write_text(MINE, encoding="utf-8")
        progress = trails.index_all()
        after = calls_in(trails)["at:tasks/gh-1:1"].computed

    assert (before, after, progress.entries) == (None, 1_100, 0)


def test_prices_that_are_the_same_are_left_alone(tmp_path: Path) -> None:
    """An indexer that has nothing to do does nothing."""
    with Trails(tmp_path) as trails:
        trails.index_all()
        trails.layout.prices.write_text(MINE, encoding="utf-8")

        assert keep_prices(trails.database, trails.layout)
        assert not keep_prices(trails.database, trails.layout)
        trails.layout.prices.unlink()
        assert keep_prices(trails.database, trails.layout)


def test_a_rebuilt_index_has_the_prices_of_now(tmp_path: Path) -> None:
    """From its first call on."""
    with Trails(tmp_path) as trails:
        trails.layout.prices.write_text(MINE, encoding="utf-8")
        trails.record(call("gh-1", model="mine"))
        trails.indexer.rebuild()

        assert calls_in(trails)["at:tasks/gh-1:1"].computed == 1_100


def test_a_price_file_that_cannot_be_read_costs_nobody_the_index(tmp_path: Path) -> None:
    """The library's prices hold; a directory, bad UTF-8 and a mistake are no prices."""
    with Trails(tmp_path) as trails:
        trails.record(call("gh-1"))
        trails.layout.prices.write_bytes(b"\xff\xfe[[price]]")
        trails.index_all()
        found = calls_in(trails)["at:tasks/gh-1:1"].computed
        trails.layout.prices.unlink()
        trails.layout.prices.mkdir()

        assert found == 4_500
        assert prices_now(trails.layout).trouble == "prices.toml is not used: Is a directory"


def test_a_mark_names_the_prices(tmp_path: Path) -> None:
    """The library's version, and the user's file where it is used."""
    name = f"genai-prices {library_version()}"
    with Trails(tmp_path) as trails:
        plain = prices_now(trails.layout)
        trails.layout.prices.write_text(MINE, encoding="utf-8")
        mine = prices_now(trails.layout)

    assert plain == PriceMark(name, None)
    assert mine.version.startswith(f"{name} + prices.toml ")
    assert (mine.user_text, mine.trouble) == (MINE, None)


@pytest.mark.parametrize("text", ["[[price]]\n", "#" * (MOST_BYTES + 5)], ids=["wrong", "long"])
def test_a_refused_file_is_no_part_of_the_prices(tmp_path: Path, text: str) -> None:
    """No figure names it; why it is not used stands beside the figures."""
    with Trails(tmp_path) as trails:
        trails.layout.prices.write_text(text, encoding="utf-8")
        trails.record(call("gh-1"))
        answer = ledger_of(trails).costs({})

    assert answer["price_version"] == f"genai-prices {library_version()}"
    assert answer["price_trouble"].startswith("prices.toml is not used: ")
    assert answer["total"]["cost_micro_usd"] == 4_500
