"""What a call costs by the price tables: the user's file first, then genai-prices, offline.

The one place that knows genai-prices. It is asked once per model, provider and day for its rates
(never for prices of today: each call has the prices of its own date) and imported when the first
rate is needed. A model that neither knows has no price; nothing here guesses one. The same book
gives the same costs for ever, and `version` names it.
"""

import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from tasktrail.index.price_file import Price, PriceFile, Rate, Tier, complete, parse_price_file
from tasktrail.model.times import MICROSECONDS
from tasktrail.model.usage import BUCKETS, ApiCall, Usage

LIBRARY: Final = "genai-prices"
NO_PROVIDER: Final = "Unable to find provider"  # how the library says that it knows none such
SECONDS_PER_DAY: Final = 86_400
MOST_KNOWN: Final = 50_000  # rates that one book remembers
LIBRARY_NAMES: Final = {
    "input_uncached": "input_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write_5m": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
    "output": "output_mtok",
    "reasoning": "output_reasoning_mtok",
}
LIBRARY_PIECES: Final = ("requests_kcount", "web_searches_kcount")
# Amazon's names of others' models: an optional region, the maker, the model.
BEDROCK: Final = re.compile(
    r"(?:arn:aws:bedrock:.*/)?(?:[a-z]+\.)?(?:ai21|amazon|anthropic|cohere|meta|mistral)\..+"
)


class PriceBook:
    """The prices by which an index counts."""

    def __init__(self, user_text: str | None, library_version: str | None) -> None:
        self.file: PriceFile = parse_price_file(user_text)
        self.library_version = library_version
        self._known: dict[tuple[str, str | None, str | None, int], Price | None] = {}

    def price_of(self, call: ApiCall) -> Price | None:
        """The price of a call's model on its day; `None` when nobody knows one."""
        if call.model is None:
            return None
        mine = self.file.find(call.model, call.provider, call.at)
        if mine is not None or self.library_version is None:
            return mine
        return self._from_library(call.model, call)

    def cost_of(self, call: ApiCall) -> tuple[int | None, str | None]:
        """The call's cost in micro-dollars by the tables, and the table; `None`: not known."""
        if not call.usage.known:
            return None, None
        price = self.price_of(call)
        return (None, None) if price is None else (cost_in(price, call.usage), price.source)

    def _from_library(self, model: str, call: ApiCall) -> Price | None:
        day = call.at // (SECONDS_PER_DAY * MICROSECONDS)
        key = (model, call.provider, call.tier, day)
        if key in self._known:
            return self._known[key]
        price, is_of_the_day = _ask_library(model, call)
        if is_of_the_day and len(self._known) < MOST_KNOWN:
            self._known[key] = price
        return price


@lru_cache(maxsize=4)
def book_of(user_text: str | None, library_version: str | None) -> PriceBook:
    """The book of these prices."""
    return PriceBook(user_text, library_version)


def version_of(user_text: str | None, library_version: str | None) -> str:
    """The name of a book: the library's version, and a check sum of the user's file, if used."""
    name = f"{LIBRARY} {library_version}" if library_version else "no prices"
    if user_text is None or book_of(user_text, library_version).file.trouble:
        return name
    return f"{name} + prices.toml {zlib.crc32(user_text.encode()):08x}"


def cost_in(price: Price, usage: Usage) -> int:
    """The cost of the tokens in micro-dollars, rounded once, half to even."""
    parts = (amount for _, _, _, amount in cost_parts(price, usage))
    return round(sum(parts, price.per_call + price.per_search * (usage.web_searches or 0)))


def cost_parts(price: Price, usage: Usage) -> Iterator[tuple[str, int, Decimal, Decimal]]:
    """Bucket, tokens, micro-dollars per token and their product, of every bucket that was told."""
    went_in = usage.input
    for bucket in BUCKETS:
        tokens = getattr(usage, bucket)
        if tokens is not None:
            rate = price.rates[bucket].at(went_in)
            yield bucket, tokens, rate, tokens * rate


@cache
def library_version() -> str | None:
    """The version of genai-prices; `None` when it is not installed.

    Read off the name of its metadata: whoever only reads an index must not pay for the import.
    """
    spec = find_spec("genai_prices")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent.parent
    names = [path.name for path in folder.glob("genai_prices-*.dist-info")]
    if len(names) == 1:
        return names[0].removeprefix("genai_prices-").removesuffix(".dist-info")
    # A tenth of a second: only for installations that keep no folder of that name.
    from importlib import metadata  # noqa: PLC0415

    return metadata.version(LIBRARY)


def _ask_library(model: str, call: ApiCall) -> tuple[Price | None, bool]:
    """The library's price at that time, and whether it holds for the whole day (UTC)."""
    # A third of a second and 40 MB: only whoever prices a call pays for it.
    from genai_prices import Usage as NoUsage  # noqa: PLC0415
    from genai_prices import calc_price  # noqa: PLC0415

    moment = datetime.fromtimestamp(call.at / MICROSECONDS, UTC)
    said = call.provider.lower() if call.provider else None
    for name, owner in _ways_to_ask(model, call.provider):
        try:
            found = calc_price(
                NoUsage(input_tokens=0),
                name,
                provider_id=owner,
                genai_request_timestamp=moment,
                price_context=_context(call.tier),
            )
        except (LookupError, ValueError) as error:
            if owner is not None and owner == said and not str(error).startswith(NO_PROVIDER):
                break  # another provider's price would be a guess
            continue
        is_of_the_day = not any(_is_by_the_hour(one) for one in _conditions(found.model.prices))
        return _price_of(found), is_of_the_day
    return None, True


def _context(tier: str | None) -> dict[str, str] | None:
    """What the library calls what else chooses a price."""
    if tier is None:
        return None
    return dict(one.split("=", 1) for one in tier.split(","))


def _ways_to_ask(model: str, provider: str | None) -> Iterator[tuple[str, str | None]]:
    """Names and providers, one of which the library may know the model by."""
    if provider is not None:
        yield model, provider.lower()
    yield model, None
    if BEDROCK.fullmatch(model):
        yield model, "aws"
    if "/" in model:
        yield model, "openrouter"
        yield model.rpartition("/")[2], None


def _conditions(prices: Any) -> list[Any]:  # noqa: ANN401 - the library's
    return [one.constraint for one in prices] if isinstance(prices, list) else []


def _is_by_the_hour(constraint: object) -> bool:
    return hasattr(constraint, "start_time")


def _price_of(found: Any) -> Price | None:  # noqa: ANN401 - the library's
    listed = found.model_price
    said = {
        bucket: _rate(amount)
        for bucket, name in LIBRARY_NAMES.items()
        if (amount := getattr(listed, name)) is not None
    }
    if not said:  # priced by the hour or the picture, of which a call of tokens says nothing
        return None
    each = (_per_piece(getattr(listed, name, None)) for name in LIBRARY_PIECES)
    return Price(LIBRARY, found.model.id, found.provider.id, complete(said), *each)


def _per_piece(per_thousand: object) -> Decimal:
    """Micro-dollars of one, by the dollars of a thousand."""
    return per_thousand * 1_000 if isinstance(per_thousand, Decimal) else Decimal(0)


def _rate(amount: Any) -> Rate:  # noqa: ANN401 - the library's
    if isinstance(amount, Decimal):
        return Rate(amount)
    return Rate(amount.base, tuple(Tier(tier.start, tier.price) for tier in amount.tiers))
