"""What a model call used: how it is read, and what several tellings come to."""

import pytest
from msgspec import Raw

from tasktrail.model.codec import encode
from tasktrail.model.usage import (
    ApiCall,
    Usage,
    merge_calls,
    merge_usages,
    micro_usd_of,
    read_call,
    rest_of,
    tier_of,
)
from tests.support.make import entry


def raw(value: object) -> Raw:
    """The value as it would have been sent."""
    return Raw(encode(value))


def call(**said: object) -> ApiCall:
    """The call that an event with this data tells of."""
    return read_call(entry(1, "task:api_call", data=said))


def test_a_call_is_read_into_disjoint_buckets() -> None:
    """Each name fills its own bucket; what is not told is not known."""
    usage = call(
        input_tokens=5,
        cache_read_tokens=100,
        cache_write_5m_tokens=20,
        cache_write_1h_tokens=30,
        output_tokens=7,
    ).usage

    assert usage == Usage(5, 100, 20, 30, 7, None)
    assert (usage.input, usage.tokens) == (155, 162)


@pytest.mark.parametrize(
    "names",
    [
        ("tokens_input", "tokens_output"),
        ("prompt_tokens", "completion_tokens"),
        ("input_tokens", "output_tokens"),
    ],
)
def test_other_spellings_are_read(names: tuple[str, str]) -> None:
    """Coordinators and older logs have names of their own."""
    usage = call(**dict.fromkeys(names, 9)).usage

    assert (usage.input_uncached, usage.output) == (9, 9)


def test_writes_without_lifetimes_are_of_five_minutes() -> None:
    """What the sum of writes has beyond the one-hour part was written for five minutes."""
    usage = call(cache_creation_tokens=100, cache_write_1h_tokens=30).usage

    assert (usage.cache_write_5m, usage.cache_write_1h) == (70, 30)


@pytest.mark.parametrize(
    ("dollars", "micro"),
    [
        (0.045, 45_000),
        ("0.045", 45_000),
        (0, 0),
        (0.00007406, 74),
        (0.0000005, 0),
        (-1, None),
        (1e9, None),
        ("1e999999", None),
        ("NaN", None),
        ("free", None),
        (None, None),
    ],
)
def test_dollars_become_whole_micro_dollars(dollars: object, micro: int | None) -> None:
    """Rounded once, half to even; what is no amount of money is not told."""
    assert micro_usd_of(raw(dollars)) == micro


def test_what_chooses_a_price_besides_the_model_is_read() -> None:
    """The usual tier says nothing."""
    assert tier_of({"service_tier": raw("standard"), "speed": raw("standard")}) is None
    assert tier_of({"service_tier": raw("batch")}) == "processing=batch"
    assert tier_of({"service_tier": raw("flex"), "speed": raw("fast")}) == (
        "service_tier=flex,speed=fast"
    )


def test_tellings_merge_by_the_maximum_of_each_figure() -> None:
    """In whatever order they come, and unknown stays unknown."""
    some = [Usage(5, None, 3, None, 1), Usage(5, 9, None, None, 700), Usage(4, 2, 3, None, 8)]

    assert merge_usages(some) == merge_usages(reversed(some)) == Usage(5, 9, 3, None, 700)
    assert merge_usages([]) == Usage()


def test_a_merged_call_is_the_firsts_with_the_largest_figures() -> None:
    """Model and time are the first's; it succeeded when any telling says so."""
    first = ApiCall("m", None, None, 10, Usage(1, output=1), success=False, is_estimated=True)
    second = ApiCall("m", "x", "p", 20, Usage(1, output=9), reported_micro_usd=7, success=True)
    whole = merge_calls([first, second])

    assert (whole.at, whole.model, whole.provider, whole.usage.output) == (10, "x", "p", 9)
    assert (whole.reported_micro_usd, whole.success, whole.is_estimated) == (7, True, False)
    assert merge_calls([first]) is first


def test_a_call_with_half_its_figures_is_a_floor() -> None:
    """Output that nobody told is not zero; a call without any figure has nothing to be a floor."""
    assert call(input_tokens=5).is_floor
    assert call(input_tokens=5, output_tokens=0, is_estimated=True).is_floor
    assert not call(input_tokens=5, output_tokens=0).is_floor
    assert not call().is_floor


def test_the_rest_of_a_total_is_never_negative() -> None:
    """Writes of both lifetimes are taken off the one sum that totals tell, reasoning off output."""
    parts = Usage(10, 500, 30, 40, 5, 6)

    assert rest_of(Usage(15, 400, 100, None, 20), parts) == Usage(5, 0, 30, None, 9)
    assert rest_of(Usage(), parts).known == []


def test_tokens_are_the_larger_of_buckets_and_told_sum() -> None:
    """A sum that is told may hold what no bucket does."""
    assert Usage(5, output=5, total=30).tokens == 30
    assert Usage(5, output=5, total=3).tokens == 10
    assert Usage(total=4).tokens == 4
    assert Usage().tokens is None
