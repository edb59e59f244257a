"""Figures as people read them: durations, money, counts; what is not known is a dash, never 0."""

from collections.abc import Mapping
from typing import Any, Final

from tasktrail.model.times import MICROSECONDS, parse_time

UNKNOWN: Final = "-"
MINUTE: Final = 60
HOUR: Final = 3_600
DAY: Final = 86_400
TEN_SECONDS: Final = 10
DOLLAR: Final = 1_000_000  # micro-dollars
CENT: Final = 10_000

Fields = Mapping[str, Any]


def duration_text(seconds: float | None) -> str:
    """`0.4s`, `12s`, `3m05s`, `2h07m`, `3d04h`."""
    if seconds is None:
        return UNKNOWN
    if seconds < TEN_SECONDS:
        return f"{max(0.0, seconds):.1f}s"
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole}s"
    if whole < HOUR:
        return f"{whole // MINUTE}m{whole % MINUTE:02d}s"
    if whole < DAY:
        return f"{whole // HOUR}h{whole % HOUR // MINUTE:02d}m"
    return f"{whole // DAY}d{whole % DAY // HOUR:02d}h"


def money_text(micro_usd: int | None) -> str:
    """Dollars with cents; below a cent, as many digits as say something."""
    if micro_usd is None:
        return UNKNOWN
    if 0 < micro_usd < CENT:
        return f"${micro_usd / DOLLAR:.4f}"
    return f"${micro_usd / DOLLAR:,.2f}"


def count_text(number: int | None) -> str:
    """The number with commas."""
    return UNKNOWN if number is None else f"{number:,}"


def elapsed_seconds(times: Fields, *, now: int | None) -> float | None:
    """From start to end; from start to `now` for what runs, `None` where one of them is missing.

    `times` are those of a task, an attempt or a stage: `started_at` and `completed_at`.
    """
    started = parse_time(str(times.get("started_at")))
    ended = times.get("completed_at")
    end = parse_time(str(ended)) if ended else now
    if started is None or end is None:
        return None
    return max(0, end - started) / MICROSECONDS
