"""The tables that the index keeps beside the entries."""

from pathlib import Path

from tasktrail.index.derived_tables import DERIVED_TABLES
from tests.support.make_trails import Trails


def test_every_table_asks_for_something(tmp_path: Path) -> None:
    """A table without event types would stay empty for ever."""
    with Trails(tmp_path) as trails:
        trails.database.create()
        with trails.database.writing() as writing:
            idle = [one for one in DERIVED_TABLES if not one(writing).event_types]

    assert idle == []
