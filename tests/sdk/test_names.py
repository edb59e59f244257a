"""Ids made for work that nobody named."""

import pytest

from tasktrail.model.ids import LEGAL_ID
from tasktrail.sdk.names import new_task_id


@pytest.mark.parametrize("name", ["backup", "../../etc", "", "日本語", "-x", "a b\nc", "x" * 500])
def test_an_id_is_legal_whatever_the_work_is_called(name: str) -> None:
    """It never needs another directory than its own name."""
    assert LEGAL_ID.fullmatch(new_task_id(name))


def test_an_id_says_which_work_it_was() -> None:
    """And is no other one's."""
    one, other = new_task_id("my backup"), new_task_id("my backup")

    assert one.startswith("my-backup-")
    assert one != other
