"""Figures as people read them: durations, money, counts; what is not known is a dash, never 0."""

from collections.abc import Mapping
from typing import Any, Final

from tasktrail.model import money
from tasktrail.model.times import MICROSECONDS, parse_time

UNKNOWN: Final = "-"
MINUTE: Final = 60
HOUR: Final = 3_600
DAY: Final = 86_400
TEN_SECONDS: Final = 10
LATE_MICROS: Final = HOUR * MICROSECONDS  # between an entry and its recording
SILENT_MICROS: Final = 10 * MINUTE * MICROSECONDS  # a model's answer and most tools take less

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
    """Dollars with cents; below a dollar, as many digits as say something."""
    return UNKNOWN if micro_usd is None else money.money_text(micro_usd)


def count_text(number: int | None) -> str:
    """The number with commas."""
    return UNKNOWN if number is None else f"{number:,}"


def cost_text(figures: Fields) -> str:
    """What was spent: a `+` where some of it has no price, `?` where nothing of it has."""
    cost, unpriced = figures["cost_micro_usd"], figures.get("unpriced_calls")
    if cost is None:
        return "?" if unpriced else UNKNOWN
    return f"{money_text(cost)}{'+' if unpriced else ''}"


def elapsed_seconds(times: Fields, *, now: int | None) -> float | None:
    """From start to end; from start to `now` for what runs, `None` where one of them is missing.

    `times` are those of a task, an attempt or a stage: `started_at` and `completed_at`. What was
    told long after it happened, as imports are, does not run: it lasted to its latest entry.
    """
    started = parse_time(str(times.get("started_at")))
    ended = times.get("completed_at")
    end = parse_time(str(ended)) if ended else _now_or_last(times, now)
    if started is None or end is None:
        return None
    return max(0, end - started) / MICROSECONDS


def _now_or_last(times: Fields, now: int | None) -> int | None:
    last, told = (parse_time(str(times.get(name))) for name in ("last_at", "updated_at"))
    if now is None or last is None or told is None or told - last < LATE_MICROS:
        return now
    return last


def silent_seconds(task: Fields, *, now: int) -> float | None:
    """How long nothing was recorded of a task that is active; `None` where that is not long.

    A process that died told no end: its task is active for ever.
    """
    heard = parse_time(str(task.get("updated_at")))
    if task["status"] != "active" or heard is None or now - heard < SILENT_MICROS:
        return None
    return (now - heard) / MICROSECONDS
