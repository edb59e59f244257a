"""Copies a SQLite database into another, in batches: a plugin that tells how far it is.

    python examples/plugins/run.py migration '{"source": "old.db", "target": "new.db"}'

Running it again goes on where it was interrupted: what is in the target stays.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from tasktrail import TaskContext

BATCH = 500


def execute(params: Mapping[str, Any], context: TaskContext) -> dict[str, int]:
    """How many rows each table has in the target."""
    batch = int(params.get("batch", BATCH))
    database = context.logger.with_source("database")
    with (
        closing(sqlite3.connect(f"file:{params['source']}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(params["target"])) as target,
    ):
        with context.stage("schema"):
            tables = _copy_schema(source, target)
            database.info(f"{len(tables)} tables", tables=tables)
        copied = {}
        for table in tables:
            with context.stage(table):
                copied[table] = _copy_rows(source, target, table, batch, context)
        with context.stage("verify"):
            _verify(source, target, tables)
            database.info("every table has as many rows as before", **copied)
    return copied


def _copy_schema(source: sqlite3.Connection, target: sqlite3.Connection) -> list[str]:
    """The tables, which the target has now."""
    found = source.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        " ORDER BY name"
    ).fetchall()
    there = {name for (name,) in target.execute("SELECT name FROM sqlite_master")}
    for name, sql in found:
        if name not in there:
            target.execute(sql)
    target.commit()
    return [name for name, _ in found]


def _copy_rows(
    source: sqlite3.Connection,
    target: sqlite3.Connection,
    table: str,
    batch: int,
    context: TaskContext,
) -> int:
    """How many rows the target's table has; each batch is a transaction of its own."""
    total, done = _count(source, table), _count(target, table)
    if done:
        context.logger.info(f"{done} rows of {table} are there already")
    rows = source.execute(f"SELECT * FROM {_quoted(table)} LIMIT -1 OFFSET ?", (done,))  # noqa: S608
    places = ", ".join("?" for _ in rows.description)
    while some := rows.fetchmany(batch):
        with target:
            target.executemany(f"INSERT INTO {_quoted(table)} VALUES ({places})", some)  # noqa: S608
        done += len(some)
        context.logger.progress(f"{table}: {done} of {total}", percent=100 * done / total)
    return done


def _verify(source: sqlite3.Connection, target: sqlite3.Connection, tables: list[str]) -> None:
    """Raises ValueError for a table that is not complete."""
    for table in tables:
        expected, found = _count(source, table), _count(target, table)
        if expected != found:
            raise ValueError(f"{table}: expected {expected} rows, found {found}")


def _count(database: sqlite3.Connection, table: str) -> int:
    count: int = database.execute(f"SELECT COUNT(*) FROM {_quoted(table)}").fetchone()[0]  # noqa: S608
    return count


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
