"""The user's own prices."""

from decimal import Decimal

import pytest

from tasktrail.index.price_file import Rate, Tier, parse_price_file
from tasktrail.model.times import parse_time

AT = parse_time("2026-01-15T12:00:00Z") or 0


def source_of(text: str, model: str, provider: str | None = None, at: int = AT) -> str | None:
    """The pattern of the price that is found."""
    found = parse_price_file(text).find(model, provider, at)
    return found.model if found else None


def test_a_price_fills_every_bucket() -> None:
    """What has no price of its own costs what it is a part of."""
    text = '[[price]]\nmodel = "m"\ninput = 2\noutput = 8\ncache_write_5m = 3\nweb_search = 0.01\n'
    price = parse_price_file(text).find("M", None, AT)
    assert price is not None
    rates = {name: rate.micro_usd for name, rate in price.rates.items()}

    assert rates == {
        "input_uncached": 2,
        "cache_read": 2,
        "cache_write_5m": 3,
        "cache_write_1h": 3,
        "output": 8,
        "reasoning": 8,
    }
    assert [price.per_call, price.per_search] == [Decimal(0), Decimal(10_000)]


def test_the_most_exact_price_is_taken() -> None:
    """A name before a pattern, a long pattern before a short one, a provider before none."""
    text = "".join(
        f'[[price]]\nmodel = "{model}"\ninput = 1\n' for model in ("gl*", "glm-4*", "glm-4.6")
    )

    assert source_of(text, "glm-4.6") == "glm-4.6"
    assert source_of(text, "glm-4.7") == "glm-4*"
    assert source_of(text, "glob") == "gl*"
    assert source_of(text, "other") is None


def test_a_price_may_be_of_one_provider_only() -> None:
    """Elsewhere the model has none."""
    text = '[[price]]\nmodel = "m"\nprovider = "Mine"\ninput = 1\n'

    assert source_of(text, "m", "mine") == "m"
    assert source_of(text, "m", "theirs") is source_of(text, "m") is None


def test_the_latest_price_that_has_begun_holds() -> None:
    """Prices change; a call has that of its day."""
    text = (
        '[[price]]\nmodel = "m"\nfrom = 2026-01-01\ninput = 1\n'
        '[[price]]\nmodel = "m"\nfrom = 2026-02-01\ninput = 2\n'
    )
    file = parse_price_file(text)
    prices = [
        file.find("m", None, parse_time(f"{day}T00:00:00Z") or 0)
        for day in ("2025-12-31", "2026-01-31", "2026-02-01")
    ]

    assert [price and price.rates["input_uncached"].micro_usd for price in prices] == [None, 1, 2]


@pytest.mark.parametrize(
    "text",
    [
        "[[price]]\ninput = 1\n",
        '[[price]]\nmodel = "m"\n',
        '[[price]]\nmodel = "m"\ninput = "1"\n',
        '[[price]]\nmodel = "m"\ninput = -1\n',
        '[[price]]\nmodel = "m"\ninput = inf\n',
        '[[price]]\nmodel = "m"\ninput = true\n',
        '[[price]]\nmodel = "m"\ninput = 1\ncolour = 2\n',
        '[[price]]\nmodel = "m"\ninput = 1\nfrom = 2026-01-01T00:00:00Z\n',
        "price = 3\n",
        "other = 1\n",
        "not toml",
        "\x00",
    ],
)
def test_a_file_with_a_mistake_is_not_used_and_says_so(text: str) -> None:
    """Half of a price list would be a lie."""
    file = parse_price_file(text)

    assert file.prices == ()
    assert file.trouble is not None
    assert file.trouble.startswith("prices.toml is not used: ")


def test_no_file_is_no_trouble() -> None:
    """Neither is an empty one."""
    assert parse_price_file(None) == parse_price_file("")


def test_a_tier_holds_above_its_limit() -> None:
    """The limit itself is still at the usual price."""
    rate = Rate(Decimal(3), (Tier(200_000, Decimal(6)), Tier(500_000, Decimal(9))))

    assert [rate.at(n) for n in (0, 200_000, 200_001, 500_001)] == [3, 3, 6, 9]
