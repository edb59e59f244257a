"""Entries as lines for people: one entry per line, a long text on indented lines below it.

    <seq> <time> <LEVEL> <who>  [<stage>] <message> <percent> <details>

A line of content never starts at the left edge, so no content can pass for an entry. In a pipe
nothing is cut or folded and times are UTC in full; a terminal shows local times and, unless
everything is asked for, the beginning of an entry that would fill the screen, with what was left
out said.
"""

from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from tasktrail.cli.figures import UNKNOWN
from tasktrail.cli.folding import folded
from tasktrail.cli.summaries import Row, details_of, message_of, who_of
from tasktrail.cli.terminal import Terminal, safe_line, safe_text, with_colors, without_ansi
from tasktrail.model.channels import LOG

MAX_LINES: Final = 12  # of one entry on a terminal: half of the smallest usual screen
MAX_CHARACTERS: Final = 2_000
BAR_CELLS: Final = 10
WIDE_ENOUGH: Final = 100  # cells, for a bar beside a percentage
LABELS: Final = {
    "debug": "DEBUG",
    "info": "INFO ",
    "warning": "WARN ",
    "error": "ERROR",
    "critical": "CRIT ",
}
COLORS: Final = {
    "debug": "\x1b[2m",
    "info": "\x1b[34m",
    "warning": "\x1b[33m",
    "error": "\x1b[31m",
    "critical": "\x1b[1;31m",
}
DIM: Final = "\x1b[2m"
PLAIN: Final = "\x1b[0m"
CLEANED: Final = {"show": safe_text, "strip": without_ansi, "pass": with_colors}
TROUBLE: Final = frozenset({"error", "critical"})
WHO_WIDTH: Final = 15  # the longest kind of event that stands there by itself
EDGE_CELLS: Final = 8  # what stands before a further line of an entry


class LineStyle(NamedTuple):
    """How entries are written."""

    has_color: bool
    has_unicode: bool
    local_times: bool
    is_whole: bool
    is_raw: bool
    width: int | None  # where lines are folded; `None`: nowhere
    ansi: str = "show"  # escape sequences in content: show, strip or pass

    @property
    def edge(self) -> str:
        """What a further line of an entry begins with."""
        return "      │ " if self.has_unicode else "      | "


def line_style(terminal: Terminal, *, raw: bool, full: bool) -> LineStyle:
    """The style that suits the terminal."""
    return LineStyle(
        has_color=terminal.has_color,
        has_unicode=terminal.has_unicode,
        local_times=terminal.is_terminal,
        is_whole=full or raw or not terminal.is_terminal,
        is_raw=raw,
        width=terminal.width if terminal.is_terminal and not raw else None,
    )


def entry_text(row: Row, style: LineStyle, *, today: str) -> str:
    """The entry as text that ends with a line end; `today` is the local day, YYYY-MM-DD."""
    level = row["level"]
    stamp = row["timestamp"] or UNKNOWN
    when = _local_time(stamp, today) if style.local_times and stamp != UNKNOWN else stamp
    seq_and_when, label = f"{row['seq']:>5} {when}", LABELS.get(level, "INFO ")
    who = _who_text(who_of(row))
    if row["channel"] == LOG and style.width is None and not style.has_color:
        message = message_of(row)
        if message.isprintable() and row["percent"] is None and not style.is_raw:
            details = details_of(row)
            said = _staged(row["stage"], " ".join((message, *details)) if details else message)
            return f"{seq_and_when} {label} {who} {said}".rstrip(" ") + "\n"
    before = len(seq_and_when) + 1 + len(label) + 1 + len(who) + 1
    lines = _body(row, style, before)
    if style.has_color:
        color = COLORS.get(level, "")
        lines = _colored(lines, level, details_of(row))
        seq_and_when, label = f"{DIM}{seq_and_when}{PLAIN}", f"{color}{label}{PLAIN}"
    rest = "".join(f"{style.edge}{line}\n" for line in lines[1:])
    return f"{seq_and_when} {label} {who} {lines[0]}".rstrip(" ") + "\n" + rest


def _local_time(stamp: str, today: str) -> str:
    """Local time to the millisecond, with the day where it is not today's."""
    day, clock = _local_second(stamp[:19])
    clock = f"{clock}.{stamp[20:23]}"
    if day == today:
        return clock
    return f"{day[5:]} {clock}" if day[:4] == today[:4] else f"{day} {clock}"


@lru_cache(maxsize=1024)
def _local_second(second: str) -> tuple[str, str]:
    moment = datetime.fromisoformat(f"{second}+00:00").astimezone()
    return moment.strftime("%Y-%m-%d"), moment.strftime("%H:%M:%S")


def _body(row: Row, style: LineStyle, before: int) -> list[str]:
    """What the entry says, in lines; `before` is what stands before the first one."""
    message = message_of(row)
    if style.is_raw:
        return [message]
    lines = CLEANED[style.ansi](message).rstrip("\n").split("\n")
    left_out = ""
    if not style.is_whole:
        lines, left_out = _beginning(lines)
    lines[0] = _staged(row["stage"], lines[0])
    lines[-1] = " ".join(
        part for part in (lines[-1], _percent(row, style), *details_of(row)) if part
    )
    lines += [left_out] if left_out else []
    return lines if style.width is None else _folded(lines, style.width, before)


def _staged(stage: str | None, text: str) -> str:
    if not stage:
        return text
    return f"[{safe_line(stage)}] {text}" if text else f"[{safe_line(stage)}]"


@lru_cache(maxsize=256)
def _who_text(who: str) -> str:
    return safe_line(who).ljust(WHO_WIDTH)


def _folded(lines: list[str], width: int, before: int) -> list[str]:
    further = width - EDGE_CELLS
    first = folded(lines[0], width - before, further)
    return [*first, *(piece for line in lines[1:] for piece in folded(line, further, further))]


def _beginning(lines: list[str]) -> tuple[list[str], str]:
    """As many lines as a terminal should take, and what to say of the others."""
    kept: list[str] = []
    characters = 0
    for line in lines[:MAX_LINES]:
        kept.append(line[: MAX_CHARACTERS - characters])
        characters += len(line)
        if characters >= MAX_CHARACTERS:
            break
    hidden = sum(map(len, lines)) - sum(map(len, kept))
    if not hidden and len(kept) == len(lines):
        return lines, ""
    more = len(lines) - len(kept)
    said = f"{more:,} more lines, " if more else ""
    return kept, f"… {said}{hidden:,} more characters (--full shows them)"


def _percent(row: Row, style: LineStyle) -> str:
    percent = row.get("percent")
    if percent is None:
        return ""
    has_room = style.width is not None and style.width >= WIDE_ENOUGH
    bar = f"{progress_bar(percent, has_unicode=style.has_unicode)} " if has_room else ""
    return f"{bar}{percent:.0f}%"


def progress_bar(percent: float, *, has_unicode: bool) -> str:
    """Ten cells, filled as far as the work is."""
    full, empty = ("▓", "░") if has_unicode else ("#", ".")
    cells = round(percent / 100 * BAR_CELLS)
    return full * cells + empty * (BAR_CELLS - cells)


def _colored(lines: list[str], level: str, details: list[str]) -> list[str]:
    """Trouble in its colour; else details dimmed, where they stand on one line."""
    if level in TROUBLE:
        return [f"{COLORS[level]}{line}{PLAIN}" for line in lines]
    tail = " ".join(details)
    if tail and lines[-1].endswith(tail):
        head = lines[-1].removesuffix(tail)
        return [*lines[:-1], f"{head}{DIM}{tail}{PLAIN}"]
    return lines
