"""The files of one session, as one stream: what sub-agents said stands where they said it.

A session and its sub-agents are files of their own. Each is read in its own order; of those that
are next, the earliest comes first. What has a time that goes back, or none, comes right behind what
stands before it in its file, so no file waits for ever. Nothing is held but a chunk of each.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Final, NamedTuple

from tasktrail.formats.translator import Translated
from tasktrail.ingest.import_files import AGENT_FILE, SUBAGENTS, FoundFile
from tasktrail.model.times import parse_time

MOST_OPEN: Final = 64  # files of a session that are read side by side; more follow after them
HEAD_BYTES: Final = 4_096
SESSION: Final = re.compile(rb'"sessionId"\s*:\s*"([^"\\]{1,128})"')


class Timed(NamedTuple):
    """Events of one time; `None` is as early as what came before."""

    at: int | None
    events: list[Translated]


def merged(streams: Sequence[Iterator[Timed]]) -> Iterator[list[Translated]]:
    """The events of all streams, each in its own order, the earliest of those that are next."""
    heads: list[tuple[int, int, Timed]] = []
    for number, stream in enumerate(streams):
        first = next(stream, None)
        if first is not None:
            heads.append((first.at or 0, number, first))
    while heads:
        _, number, timed = heads.pop(heads.index(min(heads)))
        yield timed.events
        more = next(streams[number], None)
        if more is not None:
            heads.append((more.at or 0, number, more))


def timed(parts: Iterator[list[Translated]]) -> Iterator[Timed]:
    """The events in runs of one time; a part is asked for only when those before it are taken."""
    for part in parts:
        for at, run in groupby(part, key=attrgetter("at")):
            yield Timed(parse_time(at) if at else None, list(run))


def sessions(files: Iterable[FoundFile]) -> Iterator[list[FoundFile]]:
    """The files in their order, those of one session together, at most MOST_OPEN at once."""
    groups: dict[str, list[FoundFile]] = {}
    for file in files:
        groups.setdefault(session_file(file.path), []).append(file)
    for group in groups.values():
        for start in range(0, len(group), MOST_OPEN):
            yield group[start : start + MOST_OPEN]


def session_file(path: str) -> str:
    """The file of the session whose sub-agent's file it is; any other file itself."""
    before, separator, _ = path.partition(f"{os.sep}{SUBAGENTS}{os.sep}")
    if separator:
        return f"{before}.jsonl"
    folder, name = os.path.split(path)
    if not name.startswith(AGENT_FILE) or not name.endswith(".jsonl"):
        return path
    said = _session_in(Path(path))  # the old layout: beside the session's own file
    return os.path.join(folder, f"{said}.jsonl") if said else path  # noqa: PTH118 - texts all the way


def _session_in(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            found = SESSION.search(file.read(HEAD_BYTES))
    except OSError:
        return None
    return found[1].decode("utf-8", "replace") if found else None
