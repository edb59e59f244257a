"""Answers keep what was stored as it was stored."""

from collections.abc import Iterator

from msgspec import Raw

from tasktrail.model.page import Paging
from tasktrail.server.rendering import cut_page, json_answer


def test_raw_values_are_sent_as_stored() -> None:
    """Nothing between the trail and the client rewrites a number or an escape."""
    answer = json_answer({"metadata": Raw(b'{"a": 1.0, "b":"\\u00e9"}')})

    assert answer.content == b'{"metadata":{"a": 1.0, "b":"\\u00e9"}}'


def test_a_page_is_cut_out_of_a_stream() -> None:
    """The page and the total come of one pass."""

    def rows() -> Iterator[object]:
        yield from "abcdef"

    assert cut_page(rows(), Paging(limit=2, offset=3)) == (["d", "e"], 6)
    assert cut_page(iter(()), Paging()) == ([], 0)
