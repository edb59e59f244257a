"""Reading values of any shape."""

import pytest

from tasktrail.errors import InvalidEvent
from tasktrail.formats.documents import (
    check_fields,
    fields_of,
    flat,
    is_document,
    list_of,
    number,
    read_document,
    text,
    whole,
)


def test_a_value_of_another_type_is_not_known() -> None:
    """No format's oddity becomes an error of ours."""
    assert (fields_of([1]), list_of({"a": 1}), text(5), whole("3"), number("5")) == (
        {},
        [],
        None,
        None,
        None,
    )
    assert (text(""), whole(3), number(2.5)) == (None, 3, 2.5)


def test_contents_of_every_shape_become_text() -> None:
    """Parts are joined, objects give their text, other objects stay JSON."""
    assert flat(["a", {"text": "b"}, {"content": ["c"]}, None]) == "a\nb\nc"
    assert flat({"x": 1}) == '{"x":1}'
    assert flat(None) == ""


def test_what_is_no_document_is_refused() -> None:
    """With what was expected."""
    with pytest.raises(InvalidEvent, match="expected JSON"):
        read_document(b"{")
    with pytest.raises(InvalidEvent, match="expected a chat, found list"):
        check_fields([], "a chat")


def test_a_document_is_known_by_its_words() -> None:
    """Looked for in its beginning, without reading it."""
    assert is_document(b' {"a":1,"b"', b'"a"', b'"b"')
    assert not is_document(b'["a"]', b'"a"')
