"""The cost conformance corpus: a folder of cases that any tool can be run on.

A case is a JSON file: `source` (where the mistake was documented), `why` (what it was), its input
(`events` as they are sent to Tasktrail, or `files` as agents write them), perhaps `prices` (a price
file) and `ask` (the parameters of /api/costs), the `arithmetic` by which a person arrives at the
figure, and what is `expected`: of what is not named there, nothing is expected.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from tasktrail.ingest.import_files import find_files
from tasktrail.ingest.importing import Importer
from tasktrail.model.codec import encode
from tasktrail.query.ledger import Ledger
from tasktrail.query.reader import Reader
from tasktrail.store.import_memory import ImportMemory
from tests.support.importing import KeptSink, lines_of
from tests.support.make_trails import Trails

CASES = Path(__file__).parent / "cases"

Row = dict[str, Any]


class Case(Struct, kw_only=True, forbid_unknown_fields=True):
    """One case of the corpus."""

    name: str
    source: list[str]
    why: str
    arithmetic: str
    expected: Row
    events: list[Row] | None = None
    files: dict[str, Any] | None = None
    prices: str | None = None
    ask: dict[str, list[str]] = {}


def events_of(case: Case, folder: Path) -> Iterator[bytes]:
    """What comes into the spool: the case's events, or those that its files are imported as."""
    if case.events is not None:
        yield from (encode(event) for event in case.events)
        return
    for name, content in (case.files or {}).items():
        path = folder / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        is_lines = isinstance(content, list)
        path.write_bytes(lines_of(*content) if is_lines else json.dumps(content).encode())
    sink = KeptSink()
    Importer(sink, ImportMemory(folder / "memory")).run(find_files([folder / "files"]))
    yield from sink.blobs.values()


def record(trails: Trails, case: Case, folder: Path) -> None:
    """The case's events are in trails, and its prices in the root."""
    if case.prices is not None:
        trails.layout.prices.write_text(case.prices, encoding="utf-8")
    for blob in events_of(case, folder):
        trails.record(blob)


def ledger_of(trails: Trails) -> Ledger:
    """Who answers about the trails, indexed as they are."""
    trails.index_all()
    return Ledger(Reader(trails.layout, trails.root, trails.index))


def found(answer: Row, expected: Row) -> Row:
    """Of the answer what the case expects something of, in the case's form."""
    total = answer["total"]
    figures = {name: total[name] for name in expected if name in total and name != "tokens"}
    figures["tokens"] = {name: total["tokens"][name] for name in expected["tokens"]}
    if "failed_work_micro_usd" in expected:
        figures["failed_work_micro_usd"] = answer["failed_work"]["cost_micro_usd"]
    if "rows" in expected:
        figures["rows"] = {_key_of(row): row["cost_micro_usd"] for row in answer["rows"]}
    return figures


def _key_of(row: Row) -> str:
    names = ("model", "task_id", "session_id", "worker_id", "day")
    return next(str(row[name]) for name in names if name in row)
