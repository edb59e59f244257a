"""The names under which producers tell tokens, and what each of them counts.

Most count a bucket of their own. Some, by the habit of the provider whose names they are, count a
part of another: cached tokens within the input, reasoning within the output; these are taken out of
it. A name that promises tokens and is not known here is never guessed at: it is told as it came.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from msgspec import Raw

from tasktrail.errors import InvalidEvent
from tasktrail.model.codec import Fields, decode_fields, integer_of, number_of

MOST_TOKENS: Final = 10**10  # of one bucket of one call
PLAIN_DIGITS: Final = len(str(MOST_TOKENS))
# The names under which producers tell a bucket; the first is ours.
SPELLINGS: Final[dict[str, tuple[str, ...]]] = {
    "input_uncached": (
        "input_tokens",
        "tokens_input",
        "prompt_tokens",
        "inputTokens",
        "prompt_token_count",
        "promptTokenCount",
    ),
    "cache_read": (
        "cache_read_tokens",
        "cache_read_input_tokens",
        "tokens_cache_read",
        "cached_read_tokens",
        "tokens_cached_read",
        "cacheReadInputTokens",
    ),
    "cache_write_5m": (
        "cache_write_5m_tokens",
        "tokens_cache_write_5m",
        "cache_creation.ephemeral_5m_input_tokens",
    ),
    "cache_write_1h": (
        "cache_write_1h_tokens",
        "tokens_cache_write_1h",
        "cache_creation.ephemeral_1h_input_tokens",
    ),
    "output": (
        "output_tokens",
        "tokens_output",
        "completion_tokens",
        "outputTokens",
        "candidates_token_count",
        "candidatesTokenCount",
    ),
    "reasoning": (
        "reasoning_tokens",
        "tokens_reasoning",
        "thoughts_tokens",
        "thoughts_token_count",
        "thoughtsTokenCount",
    ),
    "unsplit": (
        "cache_creation_tokens",
        "cache_creation_input_tokens",
        "cache_write_tokens",
        "cached_write_tokens",
        "tokens_cache_write",
        "tokens_cached_write",
        "cache_write_input_tokens",
        "cacheCreationInputTokens",
    ),
    # Names of OpenAI and Google: what they count is in the input, or in the output, already.
    "cached_inside": (
        "cached_input_tokens",
        "cached_tokens",
        "tokens_cached",
        "cached_content_token_count",
        "cachedContentTokenCount",
        "prompt_tokens_details.cached_tokens",
        "input_tokens_details.cached_tokens",
    ),
    "reasoning_inside": (
        "reasoning_output_tokens",
        "completion_tokens_details.reasoning_tokens",
        "output_tokens_details.reasoning_tokens",
    ),
    "total": ("tokens_total", "total_tokens", "total_token_count", "totalTokenCount"),
    "web_searches": ("web_search_requests", "web_searches"),
}
UNSPLIT: Final = "unsplit"  # cache writes without their lifetimes
# What is told as a part of something else: the part's own bucket, and that of the whole.
INSIDE: Final = {
    "cached_inside": ("cache_read", "input_uncached"),
    "reasoning_inside": ("reasoning", "output"),
}
NESTED: Final = frozenset(
    key.partition(".")[0] for keys in SPELLINGS.values() for key in keys if "." in key
)
# Names that tell no amount that was used.
NO_AMOUNTS: Final = re.compile(
    r"max|limit|window|budget|left|remain|per_|_per|price|cost|first|usd|[Pp]ercent|avail"
)
MOST_UNREAD: Final = 20  # names of one call that are kept
# What a key means, and how far it stands behind other spellings of the same.
_MEANING: Final = {
    key: (name, rank) for name, keys in SPELLINGS.items() for rank, key in enumerate(keys)
}


def read_tokens(data: Fields) -> tuple[dict[str, int], str | None]:
    """The tokens that the keys tell, by bucket, and those under unknown names: `name=12`."""
    told: dict[str, int] = {}
    ranks: dict[str, int] = {}
    unread: list[str] = []
    for key, raw in _flat(data):
        known = _MEANING.get(key)
        if known is None and not is_amount(key):
            continue
        amount = tokens_of(raw)
        if amount is None:
            continue
        if known is None:
            unread += [f"{key}={amount}"] if amount else []
            continue
        name, rank = known
        if rank < ranks.get(name, rank + 1):
            told[name], ranks[name] = amount, rank
    return _apart(told), " ".join(unread[:MOST_UNREAD]) or None


def is_amount(key: str) -> bool:
    """Whether the name of a field promises an amount of tokens."""
    return "oken" in key and NO_AMOUNTS.search(key) is None


def is_spelling(key: str) -> bool:
    """Whether the field is one that is understood here, or no amount of tokens."""
    return key in _MEANING or key in NESTED or not is_amount(key)


def _flat(data: Fields) -> Iterator[tuple[str, Raw]]:
    """The fields, those of the few known objects by their whole names.

    What else such an object tells is a part of a whole that stands beside it.
    """
    for key, raw in data.items():
        if key not in NESTED:
            yield key, raw
            continue
        with suppress(InvalidEvent):
            for name, inner in decode_fields(raw).items():
                if f"{key}.{name}" in _MEANING:
                    yield f"{key}.{name}", inner


def _apart(told: dict[str, int]) -> dict[str, int]:
    """What was told, as buckets none of which holds another."""
    unsplit = told.pop(UNSPLIT, None)
    if unsplit is not None and "cache_write_5m" not in told:
        told["cache_write_5m"] = max(0, unsplit - told.get("cache_write_1h", 0))
    for inside, (part, whole) in INSIDE.items():
        amount = told.pop(inside, None)
        if amount is not None and part not in told:
            told[part] = amount
            if amount <= told.get(whole, 0):  # more than the whole was never a part of it
                told[whole] -= amount
    return told


def tokens_of(raw: Raw | None) -> int | None:
    """An amount of tokens; `None` for what is no such amount."""
    blob = b"" if raw is None else bytes(raw)
    if blob.isdigit() and len(blob) < PLAIN_DIGITS:  # as nearly all are sent
        return int(blob)
    amount = integer_of(raw)
    if amount is None:
        number = number_of(raw)
        amount = int(number) if number is not None and number.is_integer() else None
    return amount if amount is not None and 0 <= amount <= MOST_TOKENS else None
