"""Rows, whole and as previews."""

import msgspec
import pytest

from tasktrail.errors import TornEntry
from tasktrail.model.codec import encode
from tasktrail.model.view import row_of
from tasktrail.query.rows import preview_of, row_at
from tests.support.make import TRAIL, entry, line_of


def stored(message: str, **fields: object) -> tuple[str, bytes]:
    """Channel and line of a log entry."""
    return line_of(entry(1, "task:log", data={"message": message} | fields))


def test_a_row_is_what_the_view_says() -> None:
    """Nothing is added and nothing cut."""
    channel, line = stored("a" * 10_000)

    assert encode(row_at(line, channel, TRAIL)) == encode(row_of(line, channel, TRAIL))


@pytest.mark.parametrize("line", [b"", b"{}", b'{"seq":1', b"\0\0\0"])
def test_what_is_no_entry_has_no_row(line: bytes) -> None:
    """Whoever asks is told, and can go on with the next."""
    with pytest.raises(TornEntry):
        row_at(line, "log", TRAIL)


def test_bytes_that_are_no_utf8_have_no_row() -> None:
    """An answer must stay UTF-8 also where a value is spliced in as it stands."""
    channel, line = stored("a", metadata={"deep": ["X"]})

    with pytest.raises(TornEntry):
        row_at(line.replace(b"X", b"\xff"), channel, TRAIL)


def test_a_preview_says_how_long_the_message_is() -> None:
    """Sizes are bytes of UTF-8, and no character is cut in half."""
    channel, line = stored("é" * 10)
    shown = preview_of(row_at(line, channel, TRAIL), 5)

    assert (shown["message"], shown["size"]) == ("éé", 20)
    assert shown["shortened"] == ["message"]


def test_a_preview_leaves_out_what_is_as_long_as_the_message() -> None:
    """A shortened entry is short as a whole."""
    channel, line = stored("a" * 5_000, metadata={"b": "c" * 5_000}, o="d" * 5_000)
    shown = preview_of(row_at(line, channel, TRAIL), 100)

    assert len(msgspec.json.encode(shown)) < 1_000
    assert shown["shortened"] == ["message", "metadata", "event", "fields"]


def test_a_short_entry_is_previewed_whole() -> None:
    """Only its size is added."""
    channel, line = stored("short", metadata={"a": 1})
    row = row_at(line, channel, TRAIL)

    assert preview_of(row, 1_000) == row | {"size": 5, "shortened": []}
