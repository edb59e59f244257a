"""What the doctor finds: one thing each, where, and what to do about it."""

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
    "dead letters",
    "holds",
    "redis",
)


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
