"""The names under which producers tell tokens."""

from typing import Any

import pytest
from msgspec import Raw

from tasktrail.model.codec import decode_fields, encode
from tasktrail.model.token_names import MOST_TOKENS, is_spelling, read_tokens, tokens_of


def raw(value: object) -> Raw:
    """The value as it is sent."""
    return Raw(encode(value))


def read(**said: Any) -> tuple[dict[str, int], str | None]:  # noqa: ANN401 - JSON
    """What these fields tell."""
    return read_tokens(decode_fields(encode(said)))


@pytest.mark.parametrize("nonsense", [-1, MOST_TOKENS + 1, 1.5, "many", None, True, [1], 2**70])
def test_what_is_no_amount_is_not_told(nonsense: object) -> None:
    """Unknown is not zero, and no sum is broken by a number out of this world."""
    assert tokens_of(raw(nonsense)) is None


@pytest.mark.parametrize("said", [7, "7", 7.0])
def test_whole_numbers_are_read_in_any_form(said: object) -> None:
    """Some producers send numbers as text, or with a point."""
    assert tokens_of(raw(said)) == 7


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"cached_read_tokens": 9}, {"cache_read": 9}),
        ({"cacheReadInputTokens": 9}, {"cache_read": 9}),
        ({"cached_write_tokens": 9}, {"cache_write_5m": 9}),
        ({"cache_write_tokens": 9, "cache_write_1h_tokens": 2}, {"cache_write_5m": 7}),
        ({"cache_creation": {"ephemeral_1h_input_tokens": 9}}, {"cache_write_1h": 9}),
        ({"thoughts_token_count": 9, "candidates_token_count": 4}, {"reasoning": 9, "output": 4}),
    ],
)
def test_usual_names_are_understood(said: dict[str, Any], told: dict[str, int]) -> None:
    """Those of providers, and those with the words in another order."""
    found, unread = read(**said)

    assert {name: found[name] for name in told} == told
    assert unread is None


@pytest.mark.parametrize(
    "said",
    [
        {"cached_input_tokens": 80},
        {"cached_tokens": 80},
        {"prompt_tokens_details": {"cached_tokens": 80, "audio_tokens": 3}},
    ],
)
def test_names_of_parts_are_taken_out_of_the_whole(said: dict[str, Any]) -> None:
    """OpenAI and Google count cached tokens within the input, so no token is counted twice."""
    assert read(input_tokens=100, **said) == ({"input_uncached": 20, "cache_read": 80}, None)


def test_reasoning_may_be_a_part_of_the_output() -> None:
    """By the names of a provider that counts it there; by our own name it stands beside it."""
    inside = read(completion_tokens=50, completion_tokens_details={"reasoning_tokens": 30})

    assert inside == ({"output": 20, "reasoning": 30}, None)
    assert read(output_tokens=50, reasoning_tokens=30)[0] == {"output": 50, "reasoning": 30}


def test_more_than_the_whole_was_no_part_of_it() -> None:
    """Nothing becomes negative, and nothing that was told is lost."""
    found, _ = read(input_tokens=5, cached_tokens=80)

    assert found == {"input_uncached": 5, "cache_read": 80}


def test_a_bucket_that_is_told_by_its_own_name_is_told_once() -> None:
    """The other spelling of the same takes nothing off the input."""
    found, _ = read(input_tokens=100, cache_read_tokens=80, cached_tokens=80)

    assert found == {"input_uncached": 100, "cache_read": 80}


def test_unknown_names_of_tokens_are_told() -> None:
    """Never guessed at; limits, rates and prices are no tokens that were used."""
    found, unread = read(
        input_tokens=1,
        audio_tokens=12,
        toolTokens=3,
        image_tokens=0,
        max_tokens=9,
        tokens_per_second=4,
        time_to_first_token=2,
    )

    assert (found, unread) == ({"input_uncached": 1}, "audio_tokens=12 toolTokens=3")
    assert not is_spelling("audio_tokens")
    assert all(map(is_spelling, ("cached_tokens", "cache_creation", "max_tokens", "error")))
