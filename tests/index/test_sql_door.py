"""Questions in SQL: answered, read-only, and not for ever."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasktrail.errors import InvalidSql, QueryTimeout
from tasktrail.index.indexer import index_in_memory
from tasktrail.index.sql_door import ask_in_sql
from tests.support.make import event_bytes
from tests.support.make_trails import Trails


@pytest.fixture
def trails(tmp_path: Path) -> Iterator[Trails]:
    """A root with two tasks."""
    with Trails(tmp_path) as made:
        made.record(
            made.log("first", level="error", source="git", metadata={"a": 1}),
            made.log("second 100%"),
            event_bytes("task:output", data={"content": "said"}),
            made.log("other", task_id="gh-2"),
        )
        made.index_all()
        yield made


def ask(trails: Trails, text: str, *, seconds: float = 5.0) -> list[tuple[object, ...]]:
    """The rows of an answer."""
    with ask_in_sql(trails.layout, trails.index, text, seconds=seconds) as answer:
        return list(answer.rows)


def test_the_logs_are_a_view_with_the_words_of_the_trail(trails: Trails) -> None:
    """Seven columns, one row per entry; message and metadata are read from the files."""
    with ask_in_sql(
        trails.layout, trails.index, "SELECT * FROM task_logs WHERE task_id = 'gh-1'", seconds=5
    ) as answer:
        rows = list(answer.rows)

    columns = ("id", "task_id", "timestamp", "level", "source", "message", "metadata_json")
    assert answer.columns == columns
    assert [row[5] for row in rows] == ["first", "second 100%", "said"]
    assert rows[0][3:5] == ("error", "git")
    assert rows[0][6] == '{"a":1}'


def test_messages_can_be_asked_for(trails: Trails) -> None:
    """By any means of SQL."""
    asked = "SELECT task_id, count(*) FROM task_logs WHERE message LIKE '%o%' GROUP BY 1 ORDER BY 1"

    assert ask(trails, asked) == [("gh-1", 1), ("gh-2", 1)]


def test_an_entry_that_cannot_be_read_has_no_words(trails: Trails) -> None:
    """NULL, and the others have theirs."""
    path = trails.layout.tasks / "gh-1" / "08-log.jsonl"
    path.write_bytes(b"\0" + path.read_bytes()[1:])

    assert ask(trails, "SELECT message FROM task_logs WHERE task_id = 'gh-1'") == [
        (None,),
        ("second 100%",),
        ("said",),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "DELETE FROM entries",
        "UPDATE trails SET id = 'x'",
        "CREATE TEMP TABLE t (a)",
        "ATTACH '/tmp/x' AS x",
        "PRAGMA journal_mode = DELETE",
        "SELECT load_extension('x')",
        "SELECT 1; SELECT 2",
        "SELEC",
        "",
        "SELECT \ud800",
    ],
)
def test_what_is_no_question_is_refused(trails: Trails, text: str) -> None:
    """Nothing is changed, nothing else is opened."""
    with pytest.raises(InvalidSql):
        ask(trails, text)


def test_a_question_without_an_end_is_ended(trails: Trails) -> None:
    """After the time that it may take, it says so."""
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c"

    with pytest.raises(QueryTimeout):
        ask(trails, endless, seconds=0.05)


def test_an_index_in_memory_answers_too(trails: Trails) -> None:
    """That of a root that can only be read."""
    index = index_in_memory(trails.layout, trails.root)
    asked = "SELECT count(*) FROM task_logs"
    with ask_in_sql(trails.layout, index, asked, seconds=5) as answer:
        assert list(answer.rows) == [(4,)]
    index.database.close()


def test_what_becomes_of_rows_takes_of_the_time(tmp_path: Path) -> None:
    """Also where the statement itself is quick: its rows may be large, or its reader slow."""
    with Trails(tmp_path) as trails:
        trails.record(*(trails.log(f"{n}") for n in range(3)))
        trails.index_all()
        asked = "SELECT id FROM task_logs"
        with ask_in_sql(trails.layout, trails.index, asked, seconds=0.2) as answer:
            rows = iter(answer.rows)
            next(rows)
            time.sleep(0.3)

            with pytest.raises(QueryTimeout):
                next(rows)
