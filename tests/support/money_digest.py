"""All that the index says of money and workers, without numbers that depend on how it was made."""

import sqlite3

from tests.support.make_trails import Trails

WITH_TRAIL = (
    "calls",
    "trail_costs",
    "call_rollups",
    "cost_totals",
    "run_totals",
    "task_times",
    "facts",
    "session_tasks",
    "undated_ends",
    "tellings",
)
PLAIN = ("known_sessions", "known_workers", "price_book", "quarter_costs")
OWN_NUMBERS = {"call"}


def money_digest(trails: Trails) -> dict[str, list[tuple[object, ...]]]:
    """Every table's rows, trails by their names."""
    connection = sqlite3.connect(trails.layout.index)
    try:
        names = {
            number: f"{family}/{name}"
            for number, family, name in connection.execute("SELECT trail, family, id FROM trails")
        }
        tables = (*WITH_TRAIL, *PLAIN, "coordinator_events")
        return {table: _rows(connection, table, names) for table in tables}
    finally:
        connection.close()


def _rows(
    connection: sqlite3.Connection, table: str, names: dict[int, str]
) -> list[tuple[object, ...]]:
    found = connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - a name of our own
    columns = [column[0] for column in found.description]
    rows = [
        tuple(
            names.get(value, value) if column == "trail" else value
            for column, value in zip(columns, row, strict=True)
            if column not in OWN_NUMBERS
        )
        for row in found
    ]
    return sorted(rows, key=repr)
