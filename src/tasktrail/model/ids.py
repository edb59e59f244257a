"""Legal ids, safe directory names and the partition of a key.

An id comes from outside and never becomes a path unchecked: a legal id is its own directory name,
any other id lives under `~` and a hash of it.
"""

import hashlib
import re
from typing import Final, NamedTuple
from zlib import crc32

LEGAL_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
HASHED_NAME: Final = re.compile(r"~[0-9a-f]{32}")
OWN_SESSION: Final = "tasktrail"  # the session in which Tasktrail itself records gaps
UNASSIGNED_SESSION: Final = "unassigned"  # where a worker nobody has introduced is heard


class TrailKey(NamedTuple):
    """Which trail: `tasks` or `sessions`, and the true id."""

    family: str
    id: str

    @property
    def directory(self) -> str:
        """The trail's directory below its family; never a path with a separator."""
        return directory_name(self.id)

    @property
    def name(self) -> str:
        """`family/directory`, as journals and the index know the trail."""
        return f"{self.family}/{self.directory}"


def directory_name(trail_id: str) -> str:
    """The safe directory name of an id: the id itself, or `~` and 32 hex digits."""
    if LEGAL_ID.fullmatch(trail_id):
        return trail_id
    return "~" + hashlib.sha256(trail_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def is_directory_name(name: str) -> bool:
    """Whether a directory of that name can be a trail of ours."""
    return bool(LEGAL_ID.fullmatch(name) or HASHED_NAME.fullmatch(name))


def partition_of(key: str, partitions: int) -> int:
    """The partition in which everything with that key is recorded."""
    return crc32(key.encode("utf-8", "surrogatepass")) % partitions
