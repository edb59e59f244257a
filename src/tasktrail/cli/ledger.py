"""What commands that list something share: lists gathered from pages, figures, zones."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar

from tasktrail.cli.connect import Answer, Params
from tasktrail.cli.figures import UNKNOWN, cost_text, count_text
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.output import Output
from tasktrail.cli.render import Cell, Column, Row, write_table
from tasktrail.errors import InvalidFilter
from tasktrail.model.days import parse_zone
from tasktrail.model.page import MAX_LIMIT

MICRO: Final = 1_000_000
ZONES: Final = "zoneinfo/"
STYLES: Final = {"?": "yellow", UNKNOWN: "dim"}


Found = TypeVar("Found")


class Listing(NamedTuple):
    """The first rows of a list, how many there are, and whether the newest may be missing."""

    rows: list[Answer]
    total: int
    behind: bool


def gather(
    ask: Callable[[Params], Answer], name: str, params: Mapping[str, Sequence[str]], limit: int
) -> Listing:
    """The first rows of a list, page by page."""
    rows: list[Answer] = []
    said = dict(params)
    while True:
        page = ask(said | {"limit": [str(min(limit - len(rows), MAX_LIMIT))]})
        rows += page[name]
        cursor = page["next_cursor"]
        if cursor is None or len(rows) >= limit:
            return Listing(rows, page["total_count"], bool(page.get("behind")))
        said["cursor"] = [cursor]


def show_list(
    invocation: Invocation,
    found: Listing,
    *,
    columns: Sequence[Column],
    row: Callable[[Answer], Row],
    noun: str,
) -> None:
    """The list as a table or as JSON lines; on stderr, how much of it that is."""
    told = f"{len(found.rows):,} of {counted(found.total, noun)}"
    show_rows(invocation, found.rows, columns=columns, row=row, told=told)
    if not invocation.as_json:
        say_if_behind(invocation, behind=found.behind)


def show_rows(
    invocation: Invocation,
    found: Sequence[Found],
    *,
    columns: Sequence[Column],
    row: Callable[[Found], Row],
    told: str,
) -> None:
    """All that was found as a table, and a word about it on stderr; or as JSON lines."""
    output = invocation.output
    if invocation.as_json:
        for one in found:
            output.write_json(one)
        return
    if found:
        write_table(output, columns, [row(one) for one in found])
    output.say(told)


def show_facts(output: Output, head: str, answer: Answer, names: Sequence[str]) -> None:
    """What is known of one thing, then what it cost; on a terminal in local time."""
    output.write_line(head)
    said = {name: answer[name] for name in names if answer[name] is not None}
    if output.terminal.is_terminal:
        said |= {name: time_text(said[name]) for name in said if name.endswith("_at")}
    titles = {name.removesuffix("_id").replace("_", " "): text for name, text in said.items()}
    titles |= {"cost": cost_cell(answer).text, "model calls": count_text(answer["calls"])}
    width = max(map(len, titles))
    for title, text in titles.items():
        output.write_line(f"  {title:<{width}}  {text}")


def say_if_behind(invocation: Invocation, *, behind: bool) -> None:
    """That the newest may be missing, where it is so."""
    if behind:
        invocation.output.say("the index is behind: the newest may be missing")


def cost_cell(figures: Answer) -> Cell:
    """What was spent; a `+` says that some of it has no price."""
    text = cost_text(figures)
    return Cell(text, STYLES.get(text, ""))


def time_text(text: str | None) -> str:
    """A time as this machine's clock showed it, to the second."""
    if text is None:
        return UNKNOWN
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def counted(number: int, noun: str) -> str:
    """The number with its noun: `1 call`, `2,000 calls`."""
    return f"{count_text(number)} {noun}{'' if number == 1 else 's'}"


def exact_usd(micro_usd: float | str) -> str:
    """Dollars to the last digit that is there."""
    from decimal import Decimal  # noqa: PLC0415 - only explanations need it

    amount = Decimal(str(micro_usd)) / MICRO
    text = f"{amount:f}"
    if "." in text:
        text = text.rstrip("0")
    whole, _, digits = text.partition(".")
    return f"${int(whole):,}.{digits:0<2}"


def zone_of_user(environ: Mapping[str, str]) -> str | None:
    """The IANA name of this machine's zone, where it can be told; a server has its own."""
    named = environ.get("TZ", "").removeprefix(":")
    if not named or named.startswith("/"):
        path = os.path.realpath(named or "/etc/localtime")
        _, _, named = path.rpartition(ZONES)
    with suppress(InvalidFilter):
        if parse_zone(named) is not None:
            return named
    return None


def texts(said: Mapping[str, Any]) -> dict[str, list[str]]:
    """Options as the keys of a query; what was not said is absent."""
    return {name: [str(value)] for name, value in said.items() if value}
