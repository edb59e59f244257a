"""Pages and cursors."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktrail.errors import InvalidCursor, InvalidFilter
from tasktrail.model.page import Paging, decode_cursor, encode_cursor, parse_paging

places = st.tuples(st.integers(0, 1 << 62), st.text(max_size=200))


@given(places, st.text())
def test_a_cursor_leads_back_to_its_place(place: tuple[int, str], fingerprint: str) -> None:
    """What was encoded is decoded, and every character can stand in a query string."""
    cursor = encode_cursor(fingerprint, place)

    assert decode_cursor(fingerprint, cursor) == place
    assert re.fullmatch(r"[A-Za-z0-9_-]+", cursor)


def test_a_cursor_belongs_to_its_filters() -> None:
    """With other filters the same cursor is refused."""
    cursor = encode_cursor("a", (7,))

    with pytest.raises(InvalidCursor):
        decode_cursor("b", cursor)


@pytest.mark.parametrize("text", ["", "a", "AAAA", "x" * 40, "ä", "no cursor!", "🙂"])
def test_a_text_that_is_no_cursor_is_refused(text: str) -> None:
    """Whatever a client invents, the answer is the same error."""
    with pytest.raises(InvalidCursor):
        decode_cursor("a", text)


@given(st.data())
def test_a_changed_cursor_is_refused(data: st.DataObject) -> None:
    """No character can be replaced by another one."""
    cursor = encode_cursor("a", (123_456, "gh-1"))
    at = data.draw(st.integers(0, len(cursor) - 2))  # the last digit carries unused bits
    digit = data.draw(st.sampled_from("ABab01_-").filter(lambda one: one != cursor[at]))

    with pytest.raises(InvalidCursor):
        decode_cursor("a", cursor[:at] + digit + cursor[at + 1 :])


def test_a_page_is_read_from_parameters() -> None:
    """Every key of a page is read, keys of filters are left alone."""
    params = {"limit": ["5"], "offset": ["2"], "order": ["desc"], "preview": ["80"], "level": ["x"]}

    assert parse_paging(params) == Paging(limit=5, offset=2, order="desc", preview=80)
    assert parse_paging({}) == Paging(limit=200, offset=0, order="asc")
    assert parse_paging({"cursor": ["abc"]}).cursor == "abc"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("limit", "0"),
        ("limit", "10001"),
        ("limit", "many"),
        ("limit", "1_0"),
        ("offset", "-1"),
        ("preview", "0"),
        ("order", "up"),
    ],
)
def test_a_page_out_of_bounds_is_refused_by_name(name: str, text: str) -> None:
    """The error names the key."""
    with pytest.raises(InvalidFilter, match=f"{name}: expected"):
        parse_paging({name: [text]})
