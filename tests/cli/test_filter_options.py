"""The options that say which entries are meant."""

from typing import Any

import pytest

from tasktrail.cli.filter_options import OPTIONS, filter_options, wanted_of
from tasktrail.cli.invocation import Invocation
from tasktrail.errors import InvalidFilter, InvalidQuery


def wanted(**said: Any) -> Any:  # noqa: ANN401 - a filter
    """The filter that the options say."""
    call = Invocation(data=None, server=None, as_json=False, color=None, raw=False)
    return wanted_of(call, said)


def test_options_are_alternatives_and_hold_together() -> None:
    """Several of one kind: any of them; of several kinds: all."""
    found = wanted(level=("warn", "error"), source=("git", "tool:*"), search=("a", "b"))

    assert found.level == ("error", "warning")
    assert found.source == ("git", "tool:*")
    assert found.search == ("a", "b")


def test_a_typed_filter_goes_with_the_others() -> None:
    """`-q` says all in one text."""
    found = wanted(q='level>=warning "exact words" -noise', stage=("plan",))

    assert (found.min_level, found.stage) == ("warning", ("plan",))
    assert (found.search, found.without) == (("exact words",), ("noise",))


def test_what_was_not_said_lets_everything_through() -> None:
    """Empty options are no filter."""
    assert wanted(level=(), q=None, since=None) == wanted()


def test_a_mistake_in_a_typed_filter_says_where() -> None:
    """By the place of the character."""
    with pytest.raises(InvalidQuery, match="at character 7"):
        wanted(q="level:loud")
    with pytest.raises(InvalidFilter, match="since"):
        wanted(since="soon")


def test_a_command_has_all_of_them() -> None:
    """The same options everywhere."""

    @filter_options
    def command() -> None:
        """Nothing."""

    assert len(command.__click_params__) == len(OPTIONS)  # type: ignore[attr-defined]
