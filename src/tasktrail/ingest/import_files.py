"""Which files there are to import: below the paths that were named, or at home with each agent.

Nothing is opened here. Files come in the order of their sessions' last change, a session before its
sub-agents, so that a list of tasks by arrival is a list by age.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from tasktrail.store.import_memory import Stamp

PASSED_OVER: Final = frozenset({".git", "node_modules", "__pycache__", ".venv", "tool-results"})
SUBAGENTS: Final = "subagents"
AGENT_FILE: Final = "agent-"
METADATA: Final = "metadata.json"
NUMBERED: Final = re.compile(r"[0-9][0-9]-.+\.jsonl?$")
SIDECARS: Final = (".meta.json",)  # read with the file they belong to
# What is looked for: a variable that moves it, the usual place below home, and what is in there.
HOMES: Final = (
    ("CLAUDE_CONFIG_DIR", ".claude", "projects"),
    (None, ".config/claude", "projects"),
    ("CODEX_HOME", ".codex", "sessions"),
    ("CODEX_HOME", ".codex", "archived_sessions"),
    (None, ".gemini", "tmp"),
    (None, ".openhands", "sessions"),
    (None, ".aider", "analytics.jsonl"),
    (None, ".aider.chat.history.md", ""),
)


class FoundFile(NamedTuple):
    """A file, as it was when it was found."""

    path: str
    stamp: Stamp


def usual_homes(environ: Mapping[str, str], home: Path) -> list[Path]:
    """The places where agents keep their history on this machine, as far as they exist."""
    places: dict[Path, None] = {}
    for variable, below, part in HOMES:
        said = environ.get(variable, "") if variable else ""
        bases = [Path(one).expanduser() for one in said.split(",") if one.strip()]
        for base in bases or [home / below]:
            place = base / part if part else base
            if place.exists():
                places[place] = None
    return list(places)


def find_files(paths: Iterable[Path]) -> list[FoundFile]:
    """Every regular file at or below the paths, in the order of import; links are not followed."""
    found: dict[str, FoundFile] = {}
    for path in paths:
        for one in _walk(os.path.abspath(path)):  # noqa: PTH100 - a link that was named stays
            found.setdefault(one.path, one)
    times = {one.path: one.stamp.mtime_ns for one in found.values()}

    def place(one: FoundFile) -> tuple[int, str, bool, str]:
        group = _group_of(one.path)
        return (times.get(group, one.stamp.mtime_ns), group, one.path != group, one.path)

    return sorted(found.values(), key=place)


def _group_of(path: str) -> str:
    """The session's own file, for a sub-agent's."""
    before, separator, _ = path.partition(f"{os.sep}{SUBAGENTS}{os.sep}")
    return f"{before}.jsonl" if separator else path


def _walk(path: str) -> Iterator[FoundFile]:
    try:
        stat = os.stat(path)  # noqa: PTH116 - a path that was named may be a link
    except OSError:
        return
    if not os.path.isdir(path):  # noqa: PTH112 - strings all the way: there may be many
        yield FoundFile(path, Stamp.of(stat))
        return
    folders = [path]
    while folders:
        yield from _scan(folders.pop(), folders)


def _scan(folder: str, folders: list[str]) -> list[FoundFile]:
    """The files of a folder; folders in it are put on the list."""
    found: dict[str, FoundFile] = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in PASSED_OVER:
                        folders.append(entry.path)
                elif entry.is_file(follow_symlinks=False) and not entry.name.endswith(SIDECARS):
                    stamp = Stamp.of(entry.stat(follow_symlinks=False))
                    found[entry.name] = FoundFile(entry.path, stamp)
    except OSError:  # gone, or not ours to read
        return list(found.values())
    if METADATA in found:
        _join_parts(found)
    return list(found.values())


def _join_parts(found: dict[str, FoundFile]) -> None:
    """A task directory's numbered files are one with its metadata."""
    whole = found[METADATA]
    for name in [name for name in found if NUMBERED.match(name)]:
        whole = whole._replace(stamp=whole.stamp.joined(found.pop(name).stamp))
    found[METADATA] = whole
