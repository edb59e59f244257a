"""Single values of a filter, read from text: levels, channels, statuses, numbers and times.

Each raises InvalidFilter with the key, what was expected and what was found.
"""

import re
from typing import Final

from tasktrail.errors import InvalidFilter
from tasktrail.model.channels import CHANNELS
from tasktrail.model.levels import LEVELS, parse_level
from tasktrail.model.statuses import STATUSES, parse_status
from tasktrail.model.times import MICROSECONDS, parse_time

SECONDS_OF: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
AGO: Final = re.compile(r"-?((\d{1,9})([smhdw]))")
MAX_SEQ: Final = (1 << 63) - 1


def read_level(text: str, name: str = "level") -> str:
    """The level's own name."""
    level = parse_level(text)
    if level is None:
        raise InvalidFilter(f"{name}: expected one of {', '.join(LEVELS)}, found {text!r}")
    return level


def read_channel(text: str) -> str:
    """The channel."""
    if text not in CHANNELS:
        raise InvalidFilter(f"channel: expected one of {', '.join(CHANNELS)}, found {text!r}")
    return text


def read_status(text: str) -> str:
    """The status's own name."""
    status = parse_status(text)
    if status is None:
        known = ", ".join(STATUSES)
        raise InvalidFilter(f"status: expected one of {known} or running, found {text!r}")
    return status


def read_seq(text: str, name: str = "seq") -> int:
    """The number of an entry."""
    if not (text.isascii() and text.isdigit()) or int(text[:20]) > MAX_SEQ:
        raise InvalidFilter(f"{name}: expected a whole number, 0 or more, found {text!r}")
    return int(text)


def read_moment(text: str, name: str, now: int | None) -> int:
    """The time in µs since the epoch; `10m` and `-10m` are counted back from `now`."""
    relative = AGO.fullmatch(text)
    if relative and now is not None:
        return max(0, now - int(relative[2]) * SECONDS_OF[relative[3]] * MICROSECONDS)
    moment = None if relative else parse_time(text)
    if moment is None:
        raise InvalidFilter(f"{name}: expected a time like 10m, 24h, 7d or ISO, found {text!r}")
    return moment


def ago_in(text: str) -> str | None:
    """How long ago, as said, for a time that was said relative to now."""
    relative = AGO.fullmatch(text)
    return relative[1] if relative else None
