"""Addresses become ids, filters and pages."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktrail.errors import InvalidFilter
from tasktrail.model.filters import ENTRY_KEYS, TASK_KEYS
from tasktrail.model.query_text import SHORT_NAMES
from tasktrail.server.params import (
    ENTRY_PARAMETERS,
    TASK_PARAMETERS,
    escaped_path,
    id_of,
    parse_query,
    parse_seq,
)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_id_survives_the_path(task_id: str) -> None:
    """Whatever an id holds, it stays one segment and comes out as it went in."""
    path = escaped_path(f"/api/tasks/{quote(task_id, safe='')}/logs".encode())
    segments = path.split("/")

    assert segments[:3] == ["", "api", "tasks"]
    assert [id_of(segment) for segment in segments[3:]] == [task_id, "logs"]


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"/api/tasks", "/api/tasks"),
        (b"//api///tasks/", "/api/tasks"),
        (b"/%61pi/tasks", "/api/tasks"),
        (b"/api%2Ftasks", "/api%2Ftasks"),
        (b"/a%252Fb", "/a%252Fb"),
        (b"/%ff", "/\ufffd"),
        (b"/", "/"),
        (b"", "/"),
    ],
)
def test_a_path_is_cut_as_the_router_will(raw: bytes, path: str) -> None:
    """One spelling for the gate and for the router."""
    assert escaped_path(raw) == path


def test_the_documented_parameters_are_the_filters() -> None:
    """What OpenAPI lists is what is understood."""
    assert {one.name for one in ENTRY_PARAMETERS} == set(ENTRY_KEYS) - set(SHORT_NAMES)
    assert {one.name for one in TASK_PARAMETERS} == set(TASK_KEYS)


def test_a_repeated_key_has_all_its_values() -> None:
    """Order is kept, plus means space, an empty value is a value."""
    assert parse_query("a=1&b=x+y&a=2&c=") == {"a": ["1", "2"], "b": ["x y"], "c": [""]}


def test_too_many_keys_are_refused() -> None:
    """A query string is bounded."""
    with pytest.raises(InvalidFilter):
        parse_query("&".join(["a=1"] * 201))


@pytest.mark.parametrize("text", ["", "-1", "1.0", "one", "٣", " 1"])
def test_a_seq_is_digits(text: str) -> None:
    """Nothing else."""
    with pytest.raises(InvalidFilter):
        parse_seq(text)
