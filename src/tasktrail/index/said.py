"""Functions for SQL: what an entry says, read from its trail, and days as the user counts them."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from tasktrail.errors import TasktrailError
from tasktrail.model.channels import EVENTS
from tasktrail.model.entry import parse_line
from tasktrail.model.ids import TrailKey
from tasktrail.model.times import READABLE_YEARS
from tasktrail.model.view import message_of
from tasktrail.store.layout import Layout
from tasktrail.store.scan import Range, read_ranges

DAY_LENGTH: Final = len("2026-02-14")

SaidBy = Callable[[str, str, int, int, str], str | None]


def said_by(layout: Layout) -> SaidBy:
    """The SQL function `said_by(family, id, place, length, what)`.

    It gives the `message` or the `details` of an entry of the channel `events`; NULL for one that
    cannot be read.
    """

    def say(family: str, trail_id: str, place: int, length: int, what: str) -> str | None:
        key = TrailKey(family, trail_id)
        (line,) = read_ranges(layout, key, [Range(EVENTS, place, length)])
        try:
            event = parse_line(line or b"", EVENTS, key).event
        except TasktrailError:
            return None
        if what == "message":
            return message_of(event)
        raw = event.data.get(what)
        return None if raw is None else bytes(raw).decode(errors="replace")

    return say


def local_date(*said: object) -> str | None:
    """The SQL function `date(…)` for `now` and for moments: the day that it is for the user then.

    Takes the place of SQLite's own only for one argument; a day alone is that day, and what is no
    time is NULL.
    """
    text = str(said[0]) if said and said[0] is not None else ""
    if text == "now":
        return datetime.now().astimezone().strftime("%Y-%m-%d")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) == DAY_LENGTH or moment.tzinfo is None or moment.year not in READABLE_YEARS:
        return moment.strftime("%Y-%m-%d")
    return moment.astimezone().strftime("%Y-%m-%d")
