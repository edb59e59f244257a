"""What the doctor finds: one thing each, where, and what to do about it."""

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct

Severity = Literal["error", "warning", "note"]

AREAS: Final = (
    "files",
    "disk",
    "clock",
    "recorders",
    "spool",
    "index",
    "gaps",
    "tasks",
    "dead letters",
    "holds",
    "redis",
)
# Areas that only a whole index tells of, and the findings that say that there is none.
TOLD_BY_INDEX: Final = frozenset({"gaps", "tasks"})
NO_INDEX: Final = frozenset({"index_missing", "index_damaged", "index_behind"})


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that somebody should know; a note alone is no reason to act."""

    area: str
    severity: Severity
    code: str  # stable, for scripts
    message: str
    advice: str


def is_trouble(finding: Finding) -> bool:
    """Whether somebody should act."""
    return finding.severity != "note"


def sound_areas(looked_at: Sequence[str], found: Sequence[Finding]) -> list[str]:
    """Areas that were looked at and of which there is nothing to say."""
    told = {one.area for one in found}
    if any(one.code in NO_INDEX for one in found):
        told |= TOLD_BY_INDEX
    return [area for area in looked_at if area not in told]
