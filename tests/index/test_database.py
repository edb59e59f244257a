"""The named queries: documented, and none of them reads a whole table unless it says why."""

import re
import sqlite3
from collections.abc import Iterator

import pytest

from tasktrail.index.cost_sums import TABLES, Sums
from tasktrail.index.database import named_queries, schema, schema_version, statement

PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")
TABLE_SCAN = re.compile(r"^SCAN (?!json_each|CONSTANT)")
WHOLE_ROWS = re.compile(r"INSERT INTO (\w+) VALUES \{rows\}")
INSERTED = re.compile(r"INSERT[^(]*\(([^)]*)\)\s+(?:VALUES|SELECT)", re.IGNORECASE)


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """An empty index."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(schema())
    connection.create_function("holds_text", 3, lambda *_: True)
    yield connection
    connection.close()


def plan_of(connection: sqlite3.Connection, name: str) -> list[str]:
    """How SQLite would answer the query."""
    text = statement(name)
    inserted = INSERTED.search(text) if "{rows}" in text else None
    columns = inserted[1].count(",") + 1 if inserted else _width(connection, text)
    text = text.replace("{rows}", "(" + ",".join("?" * columns) + ")")
    values = dict.fromkeys(PARAMETER.findall(text)) or [1] * columns
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]


def _width(connection: sqlite3.Connection, text: str) -> int:
    """How many columns a row has of the table that takes whole rows."""
    whole = WHOLE_ROWS.search(text)
    return len(connection.execute(f"PRAGMA table_info({whole[1]})").fetchall()) if whole else 0


@pytest.mark.parametrize("name", sorted(named_queries()))
def test_no_query_scans_a_table_without_a_reason(connection: sqlite3.Connection, name: str) -> None:
    """Every query finds its rows by an index, or says why it reads all of them."""
    scans = [step for step in plan_of(connection, name) if TABLE_SCAN.match(step)]

    assert not scans or "-- scan:" in named_queries()[name], scans


@pytest.mark.parametrize("name", sorted(named_queries()))
def test_no_query_sorts(connection: sqlite3.Connection, name: str) -> None:
    """Rows come out of an index in the order in which they are wanted, or it is said why not."""
    sorts = [step for step in plan_of(connection, name) if "TEMP B-TREE" in step]

    assert not sorts or "-- sort:" in named_queries()[name], sorts


def test_a_scan_would_be_seen(connection: sqlite3.Connection) -> None:
    """The look at the plan finds a query without an index."""
    text = "SELECT seq FROM entries WHERE length = 3"
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}")]

    assert [step for step in plan if TABLE_SCAN.match(step)]


def test_the_newest_trouble_is_found_by_its_own_index(connection: sqlite3.Connection) -> None:
    """However long a trail is, its few errors are not searched for among all entries."""
    assert any("USING INDEX trouble" in step for step in plan_of(connection, "trouble_down"))


@pytest.mark.parametrize("name", sorted(named_queries()))
def test_every_query_says_what_it_answers(name: str) -> None:
    """A name is followed by a line in words."""
    assert re.match(r"-- [A-Z].+\.$", named_queries()[name].splitlines()[0])


def test_a_statement_has_no_remarks() -> None:
    """What is sent to the database is the statement alone."""
    assert statement("positions") == "SELECT p, pos FROM partitions"


def test_what_queries_have_in_common_stands_once() -> None:
    """A part that is named in braces is put in its place; rows are put in by whoever has them."""
    assert "sum(parts), sum(calls)" in statement("costs_between")
    assert "{rows}" in statement("add_to_cost_totals")
    assert "sums" not in named_queries()


def test_every_table_of_sums_has_the_columns_of_sums(connection: sqlite3.Connection) -> None:
    """Behind the key that is its own, in their order."""
    for keys, adds, _ in TABLES:
        table = WHOLE_ROWS.findall(statement(adds))[0]
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]

        assert columns == [*keys, *Sums._fields]


def test_the_version_is_a_number_that_the_database_file_can_carry() -> None:
    """SQLite keeps it in 31 bits, and 0 means a file that nobody made."""
    assert 0 < schema_version() < 1 << 31
