"""The token counts of an Anthropic message as the keys of `task:api_call`.

Buckets are disjoint: `input_tokens` never holds cached tokens. What the split between five minutes
and one hour leaves over was written for five minutes. A count that is not told stays away.
"""

from typing import Final

import msgspec
from msgspec import Raw, Struct

DEFAULT_TIERS: Final = frozenset({"standard", "", None})


class CacheCreation(Struct, frozen=True, gc=False):
    """How cache writes divide by lifetime."""

    ephemeral_5m_input_tokens: int | None = None
    ephemeral_1h_input_tokens: int | None = None


class ServerTools(Struct, frozen=True, gc=False):
    """Tools that the provider ran and bills by use."""

    web_search_requests: int | None = None


class Usage(Struct, frozen=True, gc=False):
    """What a message says of its tokens."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_creation: CacheCreation | None = None
    server_tool_use: ServerTools | None = None
    service_tier: str | None = None
    speed: str | None = None
    inference_geo: str | None = None


_USAGE: Final = msgspec.json.Decoder(Usage)


def parse_usage(raw: Raw) -> Usage | None:
    """The usage, `None` when the message has none that can be read."""
    blob = bytes(raw)
    if blob[:1] != b"{":
        return None
    try:
        return _USAGE.decode(blob)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def usage_fields(usage: Usage) -> dict[str, object]:
    """The buckets that are told, and what else changes a price."""
    fields: dict[str, object] = {}
    if usage.input_tokens is not None:
        fields["input_tokens"] = usage.input_tokens
    if usage.cache_read_input_tokens is not None:
        fields["cache_read_tokens"] = usage.cache_read_input_tokens
    fields.update(_writes(usage))
    if usage.output_tokens is not None:
        fields["output_tokens"] = usage.output_tokens
    if usage.service_tier not in DEFAULT_TIERS:
        fields["service_tier"] = usage.service_tier
    if usage.speed not in DEFAULT_TIERS:
        fields["speed"] = usage.speed
    if usage.inference_geo:
        fields["inference_geo"] = usage.inference_geo
    if usage.server_tool_use and usage.server_tool_use.web_search_requests:
        fields["web_search_requests"] = usage.server_tool_use.web_search_requests
    return fields


def _writes(usage: Usage) -> dict[str, object]:
    """Cache writes by lifetime."""
    split, total = usage.cache_creation, usage.cache_creation_input_tokens
    if split is None:
        if total is None:
            return {}
        fields: dict[str, object] = {"cache_write_5m_tokens": total}
        return fields | {"cache_split_unknown": True} if total else fields
    short = split.ephemeral_5m_input_tokens or 0
    long = split.ephemeral_1h_input_tokens or 0
    rest = max(0, (total or 0) - short - long)
    return {"cache_write_5m_tokens": short + rest, "cache_write_1h_tokens": long}
