"""The typed form of a filter: what it says, where it is wrong, and back to text."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktrail.errors import InvalidQuery
from tasktrail.model.channels import CHANNELS
from tasktrail.model.filters import EntryFilter, parse_filter
from tasktrail.model.levels import LEVELS
from tasktrail.model.query_text import KEYS, parse_query_text, render_query_text

NOW = 1_771_063_200_000_000  # 2026-02-14T10:00:00Z
CASES = json.loads((Path(__file__).parents[1] / "data" / "query_text.json").read_text())
names = st.text(min_size=1, max_size=6)


@pytest.mark.parametrize("case", [one for one in CASES if "params" in one], ids=lambda c: c["text"])
def test_a_text_says_what_parameters_say(case: dict[str, object]) -> None:
    """Each clause has its parameters."""
    wanted = parse_query_text(str(case["text"]), now=NOW)

    assert wanted == parse_filter(case["params"], now=NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("case", [one for one in CASES if "error" in one], ids=lambda c: c["text"])
def test_a_mistake_has_its_place(case: dict[str, object]) -> None:
    """The error says at which character the clause or value is wrong."""
    with pytest.raises(InvalidQuery, match="expected") as error:
        parse_query_text(str(case["text"]), now=NOW)

    assert error.value.position == case["error"]
    assert error.value.length > 0
    assert f"character {error.value.position + 1}" in str(error.value)


params = st.fixed_dictionaries(
    {},
    optional={
        "level": st.lists(st.sampled_from(LEVELS), max_size=3),
        "min_level": st.sampled_from(LEVELS).map(lambda one: [one]),
        "source": st.lists(names, max_size=2),
        "stage": st.lists(names, max_size=2),
        "channel": st.lists(st.sampled_from(CHANNELS), max_size=2),
        "event_type": st.lists(names, max_size=2),
        "worker_id": st.lists(names, max_size=2),
        "task_id": st.lists(names, max_size=1),
        "item": st.lists(names, max_size=1),
        "search": st.lists(names, max_size=2),
        "without": st.lists(names, max_size=2),
        "exclude": st.lists(names.map(lambda one: f"source:{one}"), max_size=2),
        "from_seq": st.integers(0, 50).map(lambda one: [str(one)]),
        "to_seq": st.integers(0, 50).map(lambda one: [str(one)]),
        "since": st.sampled_from(["10m", "7d", "2026-02-14T10:00:00.000001Z"]).map(lambda t: [t]),
        "until": st.sampled_from(["1h", "2026-02-15"]).map(lambda t: [t]),
    },
)


@given(params)
def test_a_filter_and_its_text_say_the_same(said: dict[str, list[str]]) -> None:
    """Whatever the filter is, its text gives it back."""
    wanted = parse_filter(said, now=NOW)

    assert parse_query_text(render_query_text(wanted), now=NOW) == wanted


@given(st.text())
def test_any_text_is_a_filter_or_has_a_mistake_with_a_place(text: str) -> None:
    """Nothing that is typed breaks the parser."""
    try:
        wanted: EntryFilter | None = parse_query_text(text, now=NOW)
    except InvalidQuery as error:
        wanted, place = None, error.position
    else:
        place = 0

    assert 0 <= place <= len(text)
    assert wanted is None or parse_query_text(render_query_text(wanted), now=NOW) == wanted


def test_a_place_stays_out_of_the_text() -> None:
    """Where a page lies is not what matches."""
    assert render_query_text(parse_filter({"after_seq": ["3"], "source": ["git"]})) == "source:git"


def test_a_relative_time_needs_a_now() -> None:
    """Without one it is refused, with its place."""
    with pytest.raises(InvalidQuery) as error:
        parse_query_text("x since:-10m")

    assert (error.value.position, error.value.length) == (8, 4)


def test_a_text_has_a_longest_form() -> None:
    """Whoever sends megabytes is refused before they are read."""
    with pytest.raises(InvalidQuery, match="characters"):
        parse_query_text("x" * 10_001)


def test_every_key_is_explained() -> None:
    """A line of help says how each key is used."""
    assert all(KEYS.values())


@pytest.mark.parametrize(
    ("text", "meant"), [("level=error", "`level:`"), ("a level!=info", "`-level:`")]
)
def test_a_comparison_of_another_language_is_no_text(text: str, meant: str) -> None:
    """It would match nothing and say nothing; in quotes it is text."""
    with pytest.raises(InvalidQuery, match=meant):
        parse_query_text(text)

    assert parse_query_text(f'"{text}"').search == (text,)
