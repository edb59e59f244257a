"""The index is disposable: for every history, a rebuilt one answers as the live one did."""

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tasktrail.errors import TasktrailError
from tasktrail.index.indexer import Indexer
from tasktrail.index.sqlite import SqliteDatabase
from tests.support.event_strategies import any_ids, event_blobs
from tests.support.index_digest import digest_of
from tests.support.make_trails import Trails

REPOSITORY = Path(__file__).resolve().parents[2]

histories = st.lists(
    st.tuples(st.lists(event_blobs(any_ids), min_size=1, max_size=6), st.booleans()), max_size=6
)


# Each example makes a root on disk: shrinking a failure would take minutes and tell little more.
@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(histories, st.sampled_from([1, 3]))
def test_a_rebuilt_index_is_the_live_one(
    history: list[tuple[list[bytes], bool]], partitions: int
) -> None:
    """Indexed batch by batch, all at once or from nothing: the same answers."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Trails(Path(folder), partitions=partitions) as one,
    ):
        for events, is_indexed in history:
            one.record(*events)
            if is_indexed:
                one.index_all()
        one.index_all()
        live = digest_of(one)
        one.indexer.rebuild()

        assert digest_of(one) == live


class FragileDatabase(SqliteDatabase):
    """Ends at a given step of SQLite's machine, as a process that is killed does."""

    def __init__(self, path: Path, steps: int, end: Callable[[], int]) -> None:
        super().__init__(path)
        self.left = steps
        self._end = end

    def _write_connection(self) -> sqlite3.Connection:
        connection = super()._write_connection()
        connection.set_progress_handler(self._step, 50)
        return connection

    def _step(self) -> int:
        self.left -= 1
        return self._end() if self.left < 0 else 0


def die(folder: str, steps: str) -> None:
    """What the process that is killed runs."""
    trails = Trails(Path(folder), partitions=2)
    fragile = FragileDatabase(trails.layout.index, int(steps), lambda: os._exit(9))
    indexer_of(trails, fragile).catch_up()


def indexer_of(trails: Trails, database: SqliteDatabase) -> Indexer:
    """An indexer that needs several transactions for a pass."""
    return Indexer(trails.layout, trails.root, database, entries_per_transaction=7)


def recorded(folder: Path) -> Trails:
    """Sixty entries of three tasks in two partitions."""
    trails = Trails(folder, partitions=2)
    for n in range(6):
        trails.record(*(trails.log(f"{n} {m}", task_id=f"gh-{m % 3}") for m in range(10)))
    return trails


def expect_made_good(trails: Trails) -> None:
    """The next indexer has everything once, and a rebuild finds nothing else."""
    trails.record(trails.log("after"))
    trails.index_all()
    made_good = digest_of(trails)
    assert trails.index.status().entries == 61
    trails.indexer.rebuild()
    assert digest_of(trails) == made_good


@pytest.mark.parametrize("steps", [*range(0, 40, 5), 60, 100])
def test_an_indexer_that_fails_anywhere_is_made_good_by_the_next(
    tmp_path: Path, steps: int
) -> None:
    """Rows and places are one transaction: wherever it ends, nothing is missing or doubled."""
    with recorded(tmp_path) as trails:
        fragile = FragileDatabase(trails.layout.index, steps, lambda: 1)
        with suppress(TasktrailError):
            indexer_of(trails, fragile).catch_up()
        fragile.close()

        expect_made_good(trails)


@pytest.mark.parametrize("steps", [3, 20, 30])
def test_an_indexer_that_is_killed_is_made_good_by_the_next(tmp_path: Path, steps: int) -> None:
    """The same when the process is gone at once, with its lock and its transaction."""
    with recorded(tmp_path) as trails:
        program = f"from {__name__} import die; die({str(tmp_path)!r}, {str(steps)!r})"
        killed = subprocess.run([sys.executable, "-c", program], check=False, cwd=REPOSITORY)

        assert killed.returncode == 9
        expect_made_good(trails)
