"""Which trails there are, told by their directories alone.

A legal id is its own directory name; the id behind a `~` name stands in the trail's first entry, or
in its metadata.json. No link is followed: a linked directory is no trail.
"""

import os
import stat
from collections.abc import Iterator
from typing import Final

from tasktrail.errors import InvalidEvent, StorageFailed
from tasktrail.model.channels import DOCUMENT_FILES, METADATA
from tasktrail.model.codec import decode_fields, text_of
from tasktrail.model.ids import HASHED_NAME, LEGAL_ID, TrailKey, directory_name, is_directory_name
from tasktrail.store.files import explained, read_all
from tasktrail.store.heads import read_head
from tasktrail.store.layout import FAMILIES, Layout
from tasktrail.store.lines import iter_lines_of
from tasktrail.store.trail_directory import find_directory, reading

OWN_ID: Final = {"tasks": "task_id", "sessions": "session_id"}


def iter_trails(layout: Layout) -> Iterator[TrailKey]:
    """Every trail of the root, by family and directory name; true ids, whatever the name."""
    for family in FAMILIES:
        for name in _names(layout, family):
            key = _key_of(layout, family, name)
            if key is not None:
                yield key


def find_trail(layout: Layout, family: str, trail_id: str) -> TrailKey | None:
    """The trail of that id, `None` when there is none; a `~` directory name is an id too."""
    key = TrailKey(family, trail_id)
    if _is_trail(layout, family, key.directory):
        return key
    if HASHED_NAME.fullmatch(trail_id) and _is_trail(layout, family, trail_id):
        return _key_of(layout, family, trail_id)
    return None


def _names(layout: Layout, family: str) -> list[str]:
    try:
        with explained("list", layout.family(family)), os.scandir(layout.family(family)) as entries:
            return sorted(
                entry.name
                for entry in entries
                if is_directory_name(entry.name) and entry.is_dir(follow_symlinks=False)
            )
    except FileNotFoundError:
        return []


def _is_trail(layout: Layout, family: str, name: str) -> bool:
    path = layout.family(family) / name
    try:
        with explained("look up", path):
            return stat.S_ISDIR(path.stat(follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def _key_of(layout: Layout, family: str, name: str) -> TrailKey | None:
    if LEGAL_ID.fullmatch(name):
        return TrailKey(family, name)
    try:
        true_id = _id_in_first_entry(layout, family, name) or _id_in_metadata(layout, family, name)
    except StorageFailed:
        return None
    if true_id is None or directory_name(true_id) != name:
        return None  # nothing proves whose trail it is
    return TrailKey(family, true_id)


def _id_in_first_entry(layout: Layout, family: str, name: str) -> str | None:
    with reading(layout, family, name) as channels:
        for fd in channels.values():
            first = next((line for _, line in iter_lines_of(fd) if read_head(line)), None)
            head = read_head(first) if first else None
            if first and head and head.seq == 1:
                return _own_id(first, family)
    return None


def _own_id(line: bytes, family: str) -> str | None:
    try:
        event = decode_fields(decode_fields(line)["event"])
        return text_of(event.get(OWN_ID[family]))
    except (KeyError, InvalidEvent):
        return None


def _id_in_metadata(layout: Layout, family: str, name: str) -> str | None:
    directory = find_directory(layout, family, name)
    if directory is None:
        return None
    try:
        blob = read_all(DOCUMENT_FILES[METADATA], dir_fd=directory)
        return text_of(decode_fields(blob).get(OWN_ID[family]))
    except (FileNotFoundError, InvalidEvent):
        return None
    finally:
        os.close(directory)
