"""Levels of log entries: five names, compared by rank, read in any case."""

from functools import lru_cache
from typing import Final

RANKS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
ALIASES: Final = {"warn": "warning", "fatal": "critical"}
LEVELS: Final = tuple(RANKS)


@lru_cache(maxsize=256)
def parse_level(text: str | None) -> str | None:
    """The level's name in lower case, `None` when it is none of the five or their aliases."""
    if text is None:
        return None
    name = text.strip().lower()
    name = ALIASES.get(name, name)
    return name if name in RANKS else None


def level_said(level: object) -> str | None:
    """The level that a job means: a name, or a number as `logging` counts them."""
    if isinstance(level, int) and not isinstance(level, bool):
        return next((name for name in reversed(LEVELS) if level >= RANKS[name]), LEVELS[0])
    return parse_level(level) if isinstance(level, str) else None


def at_least(level: str) -> tuple[str, ...]:
    """The levels of that rank and above, lowest first."""
    return tuple(name for name, rank in RANKS.items() if rank >= RANKS[level])
