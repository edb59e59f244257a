"""Anthropic's token counts in disjoint buckets."""

import json

from msgspec import Raw

from tasktrail.formats.claude_usage import parse_usage, usage_fields


def fields(**usage: object) -> dict[str, object]:
    """The keys of a call with that usage."""
    parsed = parse_usage(Raw(json.dumps(usage).encode()))
    assert parsed is not None
    return usage_fields(parsed)


def test_what_is_not_told_stays_away() -> None:
    """Unknown is not zero."""
    assert fields(output_tokens=4) == {"output_tokens": 4}


def test_writes_without_a_split_are_short_and_say_so() -> None:
    """Some gateways tell only the sum."""
    found = fields(cache_creation_input_tokens=50)

    assert found == {"cache_write_5m_tokens": 50, "cache_split_unknown": True}


def test_what_a_split_leaves_over_is_short() -> None:
    """The parts may be less than the sum."""
    split = {"ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 2}
    found = fields(cache_creation_input_tokens=10, cache_creation=split)

    assert found == {"cache_write_5m_tokens": 8, "cache_write_1h_tokens": 2}


def test_what_changes_a_price_is_told() -> None:
    """A tier other than the standard one, and searches that are billed one by one."""
    found = fields(service_tier="batch", server_tool_use={"web_search_requests": 2})

    assert found == {"service_tier": "batch", "web_search_requests": 2}
    assert fields(service_tier="standard", server_tool_use={"web_search_requests": 0}) == {}


def test_a_usage_that_cannot_be_read_is_none() -> None:
    """A call without figures is better than a figure that is wrong."""
    assert parse_usage(Raw(b'{"input_tokens":"many"}')) is None
    assert parse_usage(Raw(b"null")) is None
