"""What a call costs by the price tables."""

import random
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal

import genai_prices
import pytest
from genai_prices.data import providers

from tasktrail.index.prices import (
    PriceBook,
    book_of,
    cost_parts,
    library_version,
    version_of,
)
from tasktrail.model.times import parse_time
from tasktrail.model.usage import ApiCall, Usage

AT = parse_time("2026-01-15T12:00:00Z") or 0
MINE = '[[price]]\nmodel = "claude-sonnet-4-5"\ninput = 1\noutput = 1\nrequest = 0.5\n'


def call(model: str | None, *tokens: int, provider: str | None = None, **more: object) -> ApiCall:
    """A call of today with these buckets."""
    return ApiCall(None, model, provider, AT, Usage(*tokens), **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def book() -> PriceBook:
    """The library's prices alone."""
    return PriceBook(None, library_version())


def test_a_call_costs_what_its_buckets_do(book: PriceBook) -> None:
    """5,000 x 3 + 2,000 x 15 = 45,000 micro-dollars."""
    assert book.cost_of(call("claude-sonnet-4-5", 5_000, 0, 0, 0, 2_000)) == (
        45_000,
        "genai-prices",
    )


def test_the_arithmetic_is_the_librarys(book: PriceBook) -> None:
    """For models of every maker, on any day, with any mix of buckets: the same amount."""
    chance = random.Random(7)
    models = [(p.id, m.id) for p in providers for m in p.models]
    for provider, model in chance.sample(models, 150):
        at = int(chance.uniform(1.7e9, 1.79e9)) * 1_000_000
        tokens = [
            chance.choice([0, chance.randrange(1_000), chance.randrange(300_000)]) for _ in "6b"
        ]
        tokens += [0, chance.randrange(1_000), chance.randrange(300_000), 0]
        mine = book.cost_of(ApiCall(None, model, provider, at, Usage(*tokens)))[0]

        assert mine == library_cost(provider, model, at, tokens), (provider, model, at, tokens)


def library_cost(provider: str, model: str, at: int, tokens: list[int]) -> int | None:
    """What the library itself says; nothing for what it prices by other things than tokens."""
    usage = genai_prices.Usage(
        input_tokens=sum(tokens[:4]),
        cache_read_tokens=tokens[1],
        cache_write_tokens=tokens[2] + tokens[3],
        cache_write_1h_tokens=tokens[3],
        output_tokens=tokens[4] + tokens[5],
    )
    moment = datetime.fromtimestamp(at / 1_000_000, UTC)
    try:
        found = genai_prices.calc_price(
            usage, model, provider_id=provider, genai_request_timestamp=moment
        )
    except LookupError:
        return None
    named = ("input_mtok", "output_mtok", "cache_read_mtok")
    if all(getattr(found.model_price, name) is None for name in named):
        return None
    return round(found.total_price * 1_000_000)


@pytest.mark.parametrize("model", ["<synthetic>", "codex-auto-review", "glm-4.6", "", None])
def test_nobody_guesses_a_price(book: PriceBook, model: str | None) -> None:
    """An unknown model has no cost, which is not a cost of 0."""
    assert book.cost_of(call(model, 10, 0, 0, 0, 10)) == (None, None)


def test_no_tokens_no_cost(book: PriceBook) -> None:
    """A sum, or nothing at all, cannot be priced."""
    assert book.cost_of(call("claude-sonnet-4-5")) == (None, None)
    summed = ApiCall(None, "claude-sonnet-4-5", None, AT, Usage(total=500))
    assert book.cost_of(summed) == (None, None)


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("claude-sonnet-4-5[1m]", None),
        ("anthropic/claude-sonnet-4-5", None),
        ("anthropic/claude-sonnet-4.5", "openrouter"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", None),
        ("claude-sonnet-4-5", "a gateway nobody knows"),
    ],
)
def test_names_of_resellers_are_found(book: PriceBook, model: str, provider: str | None) -> None:
    """A model has many names."""
    assert book.price_of(call(model, 1, provider=provider)) is not None


def test_another_providers_price_is_no_price(book: PriceBook) -> None:
    """Who names a provider that is known means its price; another's would be a guess."""
    assert book.price_of(call("claude-sonnet-4-5", 1, provider="groq")) is None


def test_a_price_is_that_of_the_day_and_the_hour(book: PriceBook) -> None:
    """Prices fall, and some are lower at night."""
    days = [parse_time(f"{day}T12:00:00Z") or 0 for day in ("2025-06-01", "2025-07-01")]
    o3 = [book.cost_of(ApiCall(None, "o3", None, at, Usage(1_000)))[0] for at in days]
    hours = [parse_time(f"2025-03-01T{hour}:00:00Z") or 0 for hour in ("12", "20", "12")]
    deep = [book.cost_of(ApiCall(None, "deepseek-chat", None, at, Usage(1_000)))[0] for at in hours]

    assert o3 == [10_000, 2_000]
    assert deep == [270, 135, 270]


def test_a_batch_and_a_search_have_their_prices(book: PriceBook) -> None:
    """Half of everything; $10 for a thousand searches."""
    later = parse_time("2026-11-01T00:00:00Z") or 0
    batch = ApiCall(None, "claude-opus-4-5", None, later, Usage(1_000), tier="processing=batch")
    search = call("claude-sonnet-4-5", 0, 0, 0, 0, 0)
    searched = ApiCall(None, search.model, None, AT, Usage(0, output=0, web_searches=3))

    assert book.cost_of(batch)[0] == 2_500
    assert book.cost_of(searched)[0] == 30_000


def test_the_users_price_comes_first() -> None:
    """With what it asks for each call."""
    book = PriceBook(MINE, library_version())

    assert book.cost_of(call("claude-sonnet-4-5", 10, 0, 0, 0, 5)) == (500_015, "prices.toml")
    assert book.cost_of(call("claude-haiku-4-5", 1_000))[1] == "genai-prices"


def test_without_the_library_only_the_users_prices_hold() -> None:
    """It is an optional part."""
    book = PriceBook(MINE, None)

    assert book.cost_of(call("claude-sonnet-4-5", 10))[1] == "prices.toml"
    assert book.cost_of(call("claude-haiku-4-5", 10)) == (None, None)


def test_a_book_is_known_by_its_version() -> None:
    """Another file or another library is another name; the same ones share what they found."""
    version = library_version()

    assert version is not None
    assert version_of(None, version) == f"genai-prices {version}"
    assert version_of(MINE, version) != version_of(f"{MINE}\n", version)
    assert version_of(None, None) == "no prices"
    assert book_of(MINE, version) is book_of(MINE, version)


def test_a_cost_is_the_sum_of_its_parts(book: PriceBook) -> None:
    """Each bucket that was told, with its rate in the tier of the whole call."""
    price = book.price_of(call("claude-sonnet-4-5", 1))
    assert price is not None
    parts = list(cost_parts(price, Usage(150_000, 60_000, output=10)))

    assert parts == [
        ("input_uncached", 150_000, Decimal(6), Decimal(900_000)),
        ("cache_read", 60_000, Decimal("0.6"), Decimal(36_000)),
        ("output", 10, Decimal("22.5"), Decimal(225)),
    ]


def test_reading_an_index_does_not_load_the_library() -> None:
    """Its import costs more than a whole short command."""
    program = (
        "import sys; from tasktrail.index.prices import library_version as v; v();"
        "sys.exit('genai_prices' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
