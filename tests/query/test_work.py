"""Work, counted: answers cost what they hold, not what the trail holds."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tasktrail.index.database import Queries, Row
from tasktrail.index.sqlite import SqliteDatabase
from tasktrail.index.state import Index
from tasktrail.model.filters import EntryFilter, TaskFilter
from tasktrail.model.page import Paging
from tasktrail.query.reader import Reader
from tasktrail.query.task_pages import Ahead, task_page
from tests.query.histories import said
from tests.support.make_trails import Trails, log_lines

SHORT, LONG = 200, 4_000


class CountingDatabase(SqliteDatabase):
    """Counts the queries and the rows that they gave."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.asked = Counter[str]()

    @contextmanager
    def snapshot(self) -> Iterator[Queries]:  # type: ignore[override]
        """A snapshot whose queries are counted."""
        with super().snapshot() as queries:
            yield CountingQueries(queries, self.asked)


class CountingQueries:
    """Passes queries on."""

    def __init__(self, queries: Queries, asked: Counter[str]) -> None:
        self._queries = queries
        self._asked = asked

    def query(self, name: str, /, **values: object) -> list[Row]:
        """The rows that the query gives."""
        rows = self._queries.query(name, **values)
        self._asked[name] += 1
        self._asked["rows"] += len(rows)
        return rows


def cost(folder: Path, count: int, wanted: EntryFilter, **paging: object) -> Counter[str]:
    """What a page of a task with so many entries asks of the index."""
    with Trails(folder) as trails:
        trails.record(*log_lines(trails, count), trails.log("bad", level="error"))
        trails.index_all()
        database = CountingDatabase(trails.layout.index)
        reader = Reader(trails.layout, trails.root, Index(database, trails.root))
        reader.logs("gh-1", wanted, **paging)  # type: ignore[arg-type]
        database.close()
        return database.asked


@pytest.mark.parametrize(
    ("wanted", "paging"),
    [
        (EntryFilter(), {"limit": 100}),
        (EntryFilter(), {"limit": 100, "order": "desc"}),
        (EntryFilter(before_seq=150), {"limit": 100}),
        (EntryFilter(min_level="error"), {"limit": 100}),
    ],
)
def test_a_page_costs_the_same_however_long_the_task_is(
    tmp_path: Path, wanted: EntryFilter, paging: dict[str, object]
) -> None:
    """One query for the page, none that reads what the page does not hold."""
    short = cost(tmp_path / "short", SHORT, wanted, **paging)
    long = cost(tmp_path / "long", LONG, wanted, **paging)

    assert short == long
    assert sum(n for name, n in long.items() if name.startswith(("pointers", "trouble"))) == 1
    assert long["rows"] <= 100 + 10


def test_a_page_of_many_tasks_asks_the_index_as_often_as_one_of_few(tmp_path: Path) -> None:
    """What a page says beside its tasks is asked for all of them together."""
    with Trails(tmp_path) as trails:
        trails.record(*(trails.log("a", task_id=f"gh-{n}") for n in range(20)))
        trails.index_all()
        asked = Counter[str]()
        with trails.index.snapshot() as queries:
            counted = CountingQueries(queries, asked)
            pages = [
                task_page(trails.layout, counted, TaskFilter(), Paging(limit=limit), Ahead())
                for limit in (20, 2)
            ]
        del asked["rows"]

        assert [len(page["tasks"]) for page in pages] == [20, 2]
        assert {row["last_message"] for page in pages for row in page["tasks"]} == {"a"}
        assert set(asked.values()) == {len(pages)}


def test_an_indexer_that_starts_over_idle_trails_opens_none(tmp_path: Path) -> None:
    """With nothing recorded since, it looks at checkpoints alone: the trails could be away."""
    with Trails(tmp_path) as trails:
        trails.record(*(trails.log("a", task_id=f"gh-{n}") for n in range(20)))
        trails.index_all()
        trails.layout.tasks.rename(tmp_path / "away")
        again = trails.index_all()
        (tmp_path / "away").rename(trails.layout.tasks)
        trails.record(trails.log("b", task_id="gh-7"))

        assert (again.entries, again.trails) == (0, 0)
        assert trails.index_all().trails == 1


def test_stages_that_start_again_and_again_cost_a_few_questions(tmp_path: Path) -> None:
    """As many questions for a hundred stages as for ten."""
    asked = [asked_for_stages(tmp_path / str(times), times) for times in (10, 100)]

    assert asked[0] == asked[1] < 20


def asked_for_stages(folder: Path, times: int) -> int:
    """How many questions the stages of a task take that has so many of one name."""
    with Trails(folder) as trails:
        for kind in ("stage:started", "stage:completed"):
            trails.record(*(said(kind, stage="again") for _ in range(times)))
        trails.index_all()
        database = CountingDatabase(trails.layout.index)
        reader = Reader(trails.layout, trails.root, Index(database, trails.root))
        found = reader.stages("gh-1")["stages"]
        database.close()
        assert len(found) == times
        return sum(count for name, count in database.asked.items() if name != "rows")
