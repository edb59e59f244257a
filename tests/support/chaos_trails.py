"""Ledgers and trails of numbered events, written by hand: what a checker gets to see."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from tasktrail.chaos.events import filler_of, marker_of
from tasktrail.chaos.ledger import Batch, Ledger

H_DIGITS = 32


def write_ledger(folder: Path, producer: str, *accepted: tuple[int, int, str]) -> None:
    """A ledger in which these batches were tried and accepted, with these Redis ids."""
    folder.mkdir(exist_ok=True, parents=True)
    ledger = Ledger(folder / f"{producer}.ledger")
    for first, last, ids in accepted:
        ledger.note_try(Batch(first, last))
        ledger.note_accepted(Batch(first, last), ids.split(",") if ids else [])
    ledger.close()


def event_line(producer: str, number: int) -> dict[str, object]:
    """What a trail says of that event."""
    said = {"chaos": marker_of(producer, number), "filler": filler_of(producer, number)}
    return {"event": {"event_type": "chaos:note", "data": said}}


def gap_line(**said: object) -> dict[str, object]:
    """What a trail says of a gap."""
    return {"event": {"event_type": "gap", "data": said}}


def write_trail(root: Path, name: str, lines: Sequence[dict[str, object]]) -> Path:
    """The one file of a trail with these lines, numbered and chained as they should be."""
    directory = root / name
    directory.mkdir(parents=True)
    path = directory / "10-events.jsonl"
    h = hashlib.sha256(directory.name.encode()).hexdigest()[:H_DIGITS]
    blobs = []
    for seq, said in enumerate(lines, 1):
        body = json.dumps({"seq": seq, "id": f"x:{seq}", **said}, separators=(",", ":")).encode()
        h = hashlib.sha256(h.encode() + body).hexdigest()[:H_DIGITS]
        blobs.append(b'%b,"h":"%b"}\n' % (body[:-1], h.encode()))
    path.write_bytes(b"".join(blobs))
    return path
