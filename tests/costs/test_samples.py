"""Real transcripts, imported: the totals are those of a count that knows nothing of Tasktrail."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tasktrail.ingest.import_files import find_files
from tasktrail.ingest.importing import Importer
from tasktrail.store.import_memory import ImportMemory
from tests.costs.corpus import ledger_of
from tests.support.importing import KeptSink
from tests.support.make_trails import Trails

FIELDS = {
    "input_uncached": "input_tokens",
    "cache_read": "cache_read_input_tokens",
    "writes": "cache_creation_input_tokens",
    "output": "output_tokens",
}


def records_in(path: Path) -> Iterator[dict[str, Any]]:
    """Every JSON object of the file, also where two stand on a line."""
    decoder = json.JSONDecoder()
    for line in path.read_text(encoding="utf-8").splitlines():
        rest = line.strip()
        while rest:
            record, end = decoder.raw_decode(rest)
            rest = rest[end:].strip()
            if isinstance(record, dict):
                yield record


def messages_in(folder: Path) -> Iterator[dict[str, Any]]:
    """Every assistant message, also those that stand in another agent's transcript."""
    for path in sorted(folder.rglob("*.jsonl")):
        for record in records_in(path):
            inner = (
                (record.get("data") or {}).get("message") if record["type"] == "progress" else None
            )
            for one in (record, inner):
                if isinstance(one, dict) and one.get("type") == "assistant":
                    yield one["message"]


def counted(folder: Path) -> tuple[int, dict[str, int]]:
    """How many messages there are, and their tokens: the maximum of each figure per message id."""
    most: dict[str, dict[str, int]] = {}
    for message in messages_in(folder):
        if message.get("model") == "<synthetic>" or "usage" not in message:
            continue
        known = most.setdefault(message["id"], dict.fromkeys(FIELDS, 0))
        for name, key in FIELDS.items():
            known[name] = max(known[name], message["usage"].get(key) or 0)
    return len(most), {name: sum(one[name] for one in most.values()) for name in FIELDS}


@pytest.mark.slow
def test_real_transcripts_come_to_what_a_plain_count_says(samples: Path, tmp_path: Path) -> None:
    """Calls, input, cache and output, over all files and sub-agents."""
    folder = samples / "claude_code"
    sink = KeptSink()
    Importer(sink, ImportMemory(tmp_path / "memory")).run(find_files([folder]))
    with Trails(tmp_path) as trails:
        trails.record(*sink.blobs.values())
        total = ledger_of(trails).costs()["total"]
    tokens = total["tokens"]
    found = {name: tokens.get(name) for name in ("input_uncached", "cache_read", "output")}
    found["writes"] = tokens["cache_write_5m"] + tokens["cache_write_1h"]

    assert (total["calls"], found) == counted(folder)
    assert (total["calls"], tokens["input"], tokens["output"]) == (666, 42_386_630, 90_748)
