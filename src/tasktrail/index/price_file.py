"""The user's own prices: `prices.toml` in the data root, asked before any other price.

    [[price]]
    model = "glm-4.6"        # as calls name it, in any case; `*` at the end: whatever follows
    provider = "zhipu"       # optional: only for calls that name this provider
    from = 2026-01-01        # optional: for calls since that day (UTC); the latest day wins
    input = 0.60             # dollars per million tokens, as all of the next
    cache_read = 0.11        # optional: as input, unless said
    cache_write_5m = 0.60    # optional: as input, unless said
    cache_write_1h = 0.60    # optional: as cache_write_5m, unless said
    output = 2.20
    reasoning = 2.20         # optional: as output, unless said
    request = 0.001          # optional: dollars for each call
    web_search = 0.01        # optional: dollars for each web search

A file that cannot be read as this costs nobody the index: it counts as empty, and `trouble` tells.
"""

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from msgspec import Struct

from tasktrail.model.times import MICROSECONDS
from tasktrail.model.usage import BUCKETS, MICRO_USD

NAMES: Final[dict[str, str]] = {name: name for name in BUCKETS} | {"input_uncached": "input"}
INSTEAD: Final = {
    "cache_read": "input_uncached",
    "cache_write_5m": "input_uncached",
    "cache_write_1h": "cache_write_5m",
    "reasoning": "output",
}
OTHER_KEYS: Final = frozenset({"model", "provider", "from", "request", "web_search"})
PIECES: Final = ("request", "web_search")  # dollars each, not per million
MOST_DOLLARS: Final = 1_000_000


class Tier(Struct, frozen=True):
    """A price that holds for the whole call once more tokens than `above` went in."""

    above: int
    micro_usd: Decimal


class Rate(Struct, frozen=True):
    """Micro-dollars per token, which is dollars per million."""

    micro_usd: Decimal
    tiers: tuple[Tier, ...] = ()

    def at(self, input_tokens: int) -> Decimal:
        """The price where so many tokens went in."""
        price = self.micro_usd
        for tier in self.tiers:
            if input_tokens > tier.above:
                price = tier.micro_usd
        return price


class Price(Struct, frozen=True):
    """What a model's tokens cost, and where that is written."""

    source: str  # genai-prices | prices.toml
    model: str  # as the source names it
    provider: str | None
    rates: dict[str, Rate]  # by bucket; every bucket is there
    per_call: Decimal = Decimal(0)  # micro-dollars
    per_search: Decimal = Decimal(0)  # micro-dollars for each web search


class UserPrice(Struct, frozen=True):
    """One price of the file, and which calls it is for."""

    pattern: str
    provider: str | None
    since: date | None
    price: Price

    def fits(self, model: str, provider: str | None, day: date) -> bool:
        """Whether it is the price of such a call on that day."""
        if self.provider is not None and self.provider != (provider or "").lower():
            return False
        if self.since is not None and day < self.since:
            return False
        if self.pattern.endswith("*"):
            return model.startswith(self.pattern[:-1])
        return model == self.pattern


class PriceFile(Struct, frozen=True):
    """The prices of the file, and what is wrong with it."""

    prices: tuple[UserPrice, ...] = ()
    trouble: str | None = None

    def find(self, model: str, provider: str | None, at: int) -> Price | None:
        """The price of a call at that time; of several that fit, the most exact and the latest."""
        day = datetime.fromtimestamp(at / MICROSECONDS, UTC).date()
        found = [one for one in self.prices if one.fits(model.lower(), provider, day)]
        return max(found, key=_rank).price if found else None


def parse_price_file(text: str | None) -> PriceFile:
    """The prices in the text of the file; `None` and a file without mistakes have no trouble."""
    if text is None:
        return PriceFile()
    try:
        return PriceFile(tuple(_user_price(row) for row in _rows(text)))
    except (ValueError, TypeError, ArithmeticError) as error:
        return PriceFile(trouble=f"prices.toml is not used: {error}")


def _rows(text: str) -> list[Mapping[str, object]]:
    table = tomllib.loads(text, parse_float=Decimal)
    rows = table.pop("price", [])
    if table or not isinstance(rows, list):
        raise ValueError(f"expected [[price]] and nothing else, found {sorted(table)}")
    return rows


def _rank(one: UserPrice) -> tuple[bool, int, bool, date]:
    """Whole names before patterns, longer patterns before shorter, a provider before none."""
    is_exact = not one.pattern.endswith("*")
    return is_exact, len(one.pattern), one.provider is not None, one.since or date.min


def _user_price(row: Mapping[str, object]) -> UserPrice:
    unknown = sorted(set(row) - OTHER_KEYS - set(NAMES.values()))
    model, provider, since = row.get("model"), row.get("provider"), row.get("from")
    if not isinstance(model, str) or not model:
        raise ValueError("expected the `model` of each price")
    if unknown:
        known = ", ".join(sorted(OTHER_KEYS | set(NAMES.values())))
        raise ValueError(f"{model}: expected keys out of {known}, found {unknown}")
    if isinstance(since, datetime) or not (since is None or isinstance(since, date)):
        raise ValueError(f"{model}: expected a day as `from`, found {since!r}")
    name = None if provider is None else str(provider)
    pieces = (_dollars(row, one, model) for one in PIECES)
    price = Price("prices.toml", model, name, _rates(model, row), *pieces)
    lower = None if name is None else name.lower()
    return UserPrice(model.lower(), lower, since, price)


def _rates(model: str, row: Mapping[str, object]) -> dict[str, Rate]:
    said = {
        bucket: Rate(_dollars(row, name, model)) for bucket, name in NAMES.items() if name in row
    }
    if not {"input_uncached", "output"} & said.keys():
        raise ValueError(f"{model}: expected the price of `input` or `output`")
    return complete(said)


def complete(said: Mapping[str, Rate]) -> dict[str, Rate]:
    """A rate for every bucket: what has no price of its own costs what it is a part of."""
    rates = dict(said)
    for bucket in ("input_uncached", "output"):
        rates.setdefault(bucket, Rate(Decimal(0)))
    for bucket, instead in INSTEAD.items():
        rates.setdefault(bucket, rates[instead])
    return rates


def _dollars(row: Mapping[str, object], name: str, model: str) -> Decimal:
    amount = row.get(name, 0)
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
        raise TypeError(f"{model}: expected a number of dollars as `{name}`, found {amount!r}")
    dollars = Decimal(amount)
    if not dollars.is_finite() or not 0 <= dollars <= MOST_DOLLARS:
        raise ValueError(f"{model}: expected 0 to {MOST_DOLLARS:,} as `{name}`, found {amount}")
    return dollars * MICRO_USD if name in PIECES else dollars
