"""What stands in the trails of a root, read without any code that wrote them.

A line is JSON or it is torn; the numbers of a trail run from 1 without a hole over all its files;
each line carries the hash of the one before it. Nothing else is believed.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct, field

FAMILIES: Final = ("tasks", "sessions")
MARKER: Final = re.compile(rb'"chaos": ?"([a-z]+-[0-9]+)#([0-9]+)", ?"filler": ?"([^"]*)"')
H_BYTES: Final = len(',"h":""}') + 32


class Line(Struct):
    """The fields of a line that the checker needs."""

    seq: int
    id: str
    h: str
    recorded_at: str = ""


class Gap(Struct):
    """What a gap event says."""

    after: str | int | None = None
    before: str | int | None = None
    missing: int | None = None
    door: str | None = None
    stream: str | None = None
    outbox: str | None = None
    noticed_at: str | None = None
    reason: str | None = None


class Told(Struct):
    """One event of ours, as a trail tells it, in the order of `seq`."""

    producer: str
    number: int
    filler: bytes
    at: str = ""  # when it was accepted


class Trail(Struct):
    """One trail: what it tells, and how many places of it are damaged."""

    name: str
    told: list[Told] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    entries: int = 0
    torn: int = 0  # lines that are none, or have no end
    breaks: int = 0  # numbers missing or twice, hashes that do not follow


class _Said(Struct):
    event: msgspec.Raw = msgspec.Raw(b"{}")


class _GapEvent(Struct):
    event_type: str
    data: Gap = field(default_factory=Gap)


_LINE: Final = msgspec.json.Decoder(Line)
_SAID: Final = msgspec.json.Decoder(_Said)
_GAP: Final = msgspec.json.Decoder(_GapEvent)


def iter_trails(root: Path) -> Iterator[Trail]:
    """Every trail of the root, one at a time."""
    for family in FAMILIES:
        folder = root / family
        for directory in sorted(folder.iterdir()) if folder.is_dir() else ():
            if directory.is_dir():
                yield read_trail(directory)


def read_trail(directory: Path) -> Trail:
    """The trail in that directory."""
    trail = Trail(f"{directory.parent.name}/{directory.name}")
    lines: list[tuple[Line, bytes]] = []
    for path in sorted(directory.glob("*.jsonl")):
        *whole, rest = path.read_bytes().split(b"\n")
        trail.torn += bool(rest)
        for line in whole:
            try:
                head = _LINE.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                trail.torn += 1
                continue
            lines.append((head, line))
    lines.sort(key=lambda one: one[0].seq)
    trail.entries = len(lines)
    _follow(trail, lines)
    return trail


def _follow(trail: Trail, lines: list[tuple[Line, bytes]]) -> None:
    previous = hashlib.sha256(trail.name.partition("/")[2].encode()).hexdigest()[:32]
    for expected, (head, line) in enumerate(lines, 1):
        body = line[:-H_BYTES] + b"}"
        follows = hashlib.sha256(previous.encode() + body).hexdigest()[:32]
        trail.breaks += head.seq != expected or follows != head.h
        previous = head.h
        marker = MARKER.search(line)
        if marker is not None:
            name, number, filler = marker.groups()
            trail.told.append(Told(name.decode(), int(number), filler, head.recorded_at))
        elif b'"event_type":"gap"' in line:
            trail.gaps.append(_gap(line))


def _gap(line: bytes) -> Gap:
    return _GAP.decode(_SAID.decode(line).event).data
