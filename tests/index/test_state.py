"""The index as readers see it: theirs, or an empty one."""

from pathlib import Path

from msgspec.structs import replace

from tasktrail.index.database import schema_version
from tasktrail.index.state import Index, IndexStatus, open_index
from tests.support.make import event_bytes
from tests.support.make_trails import Trails, key_of, log_lines


def test_where_there_is_no_index_an_empty_one_answers(tmp_path: Path) -> None:
    """Nobody has to ask whether there is one."""
    with Trails(tmp_path) as trails:
        status = trails.index.status()

        assert trails.index.positions() == {}
        assert status == IndexStatus(
            is_usable=False,
            schema=schema_version(),
            trails=0,
            entries=0,
            damaged_lines=0,
            positions={},
        )


def test_a_damaged_index_is_an_empty_one(tmp_path: Path) -> None:
    """Until the indexer has made it anew."""
    with Trails(tmp_path) as trails:
        trails.layout.index.write_bytes(b"what is this?" * 100)

        assert trails.index.positions() == {}


def test_the_index_of_another_root_is_an_empty_one(tmp_path: Path) -> None:
    """Also when the number of partitions was changed since."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 2))
        trails.index_all()
        others = [
            Index(trails.database, replace(trails.root, generation=2)),
            Index(trails.database, replace(trails.root, volume_id="another")),
        ]

        assert [other.positions() for other in others] == [{}, {}]
        assert trails.index.positions() == {0: 200}


def test_the_status_says_how_much_there_is(tmp_path: Path) -> None:
    """Trails, entries, lines that could not be read, and how far."""
    with Trails(tmp_path) as trails:
        trails.record(event_bytes("task:created"), trails.log("a", task_id="other"))
        path = trails.layout.channel(key_of("other"), "log")
        path.write_bytes(b"\0\0\n" + path.read_bytes())
        trails.index_all()
        opened = open_index(trails.layout, trails.root)

        expected = IndexStatus(
            is_usable=True,
            schema=schema_version(),
            trails=2,
            entries=2,
            damaged_lines=1,
            positions={0: 200},
        )
        assert opened.status() == expected
