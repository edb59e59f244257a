"""One look at an index."""

from pathlib import Path

from tasktrail.index.indexer import Indexer
from tasktrail.index.state import open_index
from tasktrail.upkeep.index_look import ask_index
from tests.support.workshop import Workshop


def test_an_index_that_cannot_be_read_answers_nothing(tmp_path: Path) -> None:
    """Neither one that is missing nor one that is damaged; a good one answers."""
    workshop = Workshop(tmp_path)
    workshop.accept("task:log")
    workshop.record()
    layout, root = workshop.layout, workshop.root
    missing = ask_index(layout, root, lambda queries: len(queries.query("known_heads")))
    database = open_index(layout, root).database
    Indexer(layout, root, database).catch_up()
    database.close()
    good = ask_index(layout, root, lambda queries: len(queries.query("known_heads")))
    layout.index.write_bytes(b"no database")
    damaged = ask_index(layout, root, lambda queries: len(queries.query("known_heads")))

    assert (missing, good, damaged) == (None, 1, None)
