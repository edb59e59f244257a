"""Whatever a job logs becomes JSON."""

import datetime as dt
import json
import uuid
from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tasktrail.sdk.encoding import encode_any, text_of_any


class Broken:
    """An object that cannot even be shown."""

    def __repr__(self) -> str:
        """Raises, as classes of jobs do."""
        raise ValueError


def encoded(value: object) -> object:
    """The value as it comes back from JSON."""
    return json.loads(encode_any({"value": value}))["value"]


def test_plain_values_stay_what_they_are() -> None:
    """Numbers, texts, lists and mappings are JSON already."""
    value = {"a": [1, 2.5, None, True, "ü"], "b": {}}

    assert encoded(value) == value


def test_usual_objects_are_written_as_expected() -> None:
    """Times, ids, decimals and paths have their usual text."""
    moment = dt.datetime(2026, 2, 14, 10, 0, tzinfo=dt.UTC)
    one = uuid.UUID(int=7)

    assert encoded([moment, one, Decimal("1.50"), Path("some/file")]) == [
        "2026-02-14T10:00:00Z",
        str(one),
        "1.50",
        "some/file",
    ]


def test_an_error_is_written_with_its_kind() -> None:
    """An exception's text alone often says nothing."""
    assert encoded(KeyError("id")) == "KeyError('id')"


def test_a_broken_object_costs_only_itself() -> None:
    """A class that raises in its repr is named, everything beside it is kept."""
    assert encoded({"good": 1, "bad": Broken()}) == {"good": 1, "bad": "<unprintable Broken>"}


def test_cycles_end() -> None:
    """A value that holds itself does not end the job."""
    value: list[object] = [1]
    value.append(value)

    assert str(encode_any({"value": value})).count("1") > 1


def test_keys_that_are_no_text_become_text() -> None:
    """JSON has only texts as keys."""
    assert encoded({(1, 2): "a", 3: "b"}) == {"(1, 2)": "a", "3": "b"}


def test_large_numbers_are_exact() -> None:
    """Also beside a value that needs the slow way."""
    assert encoded([10**30, "\ud800"]) == [10**30, "\\ud800"]


def test_half_characters_are_visible() -> None:
    """Text that is no Unicode is written with what it lacks escaped."""
    assert encoded("a\ud800b") == "a\\ud800b"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=9))
def test_any_value_becomes_one_line(value: object) -> None:
    """No value raises, no line end gets in."""
    blob = encode_any({"value": value})

    assert b"\n" not in blob
    assert json.loads(blob)


def test_text_of_a_text_is_itself() -> None:
    """Messages are not quoted."""
    assert text_of_any("it's") == "it's"
    assert text_of_any(7) == "7"
