"""How far a search is, in one shape everywhere."""

import msgspec
import pytest

from tasktrail.model.search_progress import SearchProgress


def test_progress_that_is_sent_is_the_same_where_it_arrives() -> None:
    """Whoever asks over HTTP sees what the search said."""
    told = SearchProgress(1, 2, 10, 20, 3, 4, "complete")

    assert msgspec.json.decode(msgspec.json.encode(told), type=SearchProgress) == told


def test_a_figure_that_is_missing_is_not_nothing() -> None:
    """Unknown is not zero: such a message is refused."""
    with pytest.raises(msgspec.ValidationError, match="total_trails"):
        msgspec.json.decode(
            b'{"shown":1,"found":2,"searched_bytes":1,"total_bytes":2,"searched_trails":1}',
            type=SearchProgress,
        )
