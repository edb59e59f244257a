"""Entries as lines for people."""

import re
from datetime import UTC, datetime

from tasktrail.cli.line_writer import MAX_LINES, LineStyle, entry_text, line_style, progress_bar
from tasktrail.cli.terminal import Terminal
from tests.cli.rows import row
from tests.support.make import START

PIPE = LineStyle(
    has_color=False,
    has_unicode=True,
    local_times=False,
    is_whole=True,
    is_raw=False,
    width=None,
)
SCREEN = PIPE._replace(has_color=True, local_times=True, is_whole=False, width=120)
TODAY = datetime.fromtimestamp(START / 1e6, UTC).astimezone().strftime("%Y-%m-%d")


def text_of(event_type: str, style: LineStyle = PIPE, **fields: object) -> str:
    """The text of the first entry of a trail."""
    return entry_text(row(1, event_type, **fields), style, today=TODAY)


def test_a_log_entry_is_one_line() -> None:
    """Seq, time, level, component, message and metadata stand beside each other."""
    said = {"message": "cloning", "metadata": {"repo": "acme/app", "try": 2}}
    text = text_of("task:log", level="warn", source="git", data=said)

    assert text == (
        "    1 2025-11-22T01:46:41.000000Z WARN  git             cloning repo=acme/app try=2\n"
    )


def test_content_cannot_pass_for_an_entry() -> None:
    """Further lines of a message are indented, and nothing in it acts on the terminal."""
    forged = "fine\n    2 2025-11-22T01:46:41.000000Z CRIT  system  \x1b[31mforged\rx"
    lines = text_of("task:log", data={"message": forged}).splitlines()

    assert len(lines) == 2
    assert lines[1].startswith("      │ ")
    assert "\\x1b[31mforged\\rx" in lines[1]


def test_names_from_outside_are_made_harmless_too() -> None:
    """Source, event type and metadata cannot break out of their places."""
    text = text_of(
        "odd\ntype\x1b[2J",
        source="who\x1b[1m\n",
        data={"message": "m", "metadata": {"a\n": "\x07"}},
    )
    plain = text_of("odd\ntype", data={"k\nk": "v\x07"})

    assert text.count("\n") == plain.count("\n") == 1
    assert not re.search("[\x1b\x07]", text + plain)


def test_raw_content_is_as_it_was_sent() -> None:
    """Who asks for raw content gets every byte of it."""
    style = PIPE._replace(is_raw=True)

    assert "\x1b[31mred\nnext" in text_of(
        "task:output", style, data={"content": "\x1b[31mred\nnext"}
    )


def test_a_pipe_gets_everything() -> None:
    """In a pipe no entry is shortened."""
    message = "\n".join(f"line {number} {'x' * 300}" for number in range(200))
    text = text_of("task:output", data={"content": message})

    assert text.count("\n") == 200
    assert text.count("x") >= 200 * 300


def test_a_terminal_gets_the_beginning_and_the_rest_in_figures() -> None:
    """A long entry does not fill the screen, and what was left out is said."""
    message = "\n".join(f"line {number:04}" for number in range(200))
    text = text_of("task:output", SCREEN, data={"content": message})

    assert text.count("\n") == MAX_LINES + 1
    assert "… 188 more lines, 1,692 more characters (--full shows them)" in text.splitlines()[-1]


def test_one_endless_line_is_shortened_on_a_terminal_too() -> None:
    """A line of a million characters does not fill the screen."""
    text = text_of("task:output", SCREEN, data={"content": "y" * 1_000_000})

    assert text.count("y") < 3_000
    assert "… 998,000 more characters" in text


def test_a_terminal_s_edge_folds_below_the_entry() -> None:
    """What does not fit goes on indented: the terminal itself folds nothing."""
    message = "word " * 100
    text = text_of(
        "task:log", SCREEN._replace(has_color=False, width=80), data={"message": message}
    )
    lines = text.splitlines()

    assert all(len(line) <= 80 for line in lines)
    assert all(line.startswith("      │ ") for line in lines[1:])
    assert text.count("word") == 100


def test_a_short_entry_is_whole_on_a_terminal() -> None:
    """What fits is shown without a word on what is left out."""
    assert "more" not in text_of("task:output", SCREEN, data={"content": "a\nb"})


def test_times_on_a_terminal_are_local_and_short() -> None:
    """Today's entries show the time alone, older ones their day."""
    one = row(1, "task:log", data={"message": "m"})
    today = entry_text(one, SCREEN._replace(has_color=False), today=TODAY)
    later = entry_text(one, SCREEN._replace(has_color=False), today="2025-12-01")
    next_year = entry_text(one, SCREEN._replace(has_color=False), today="2026-01-01")

    assert re.match(r" {4}1 \d\d:\d\d:41\.000 INFO", today)
    assert re.match(r" {4}1 11-2\d \d\d:\d\d:41\.000 INFO", later)
    assert re.match(r" {4}1 2025-11-2\d \d\d:\d\d:41\.000 INFO", next_year)


def test_a_level_is_a_word_before_it_is_a_colour() -> None:
    """Without colours nothing is lost, with colours an error stands out."""
    plain = text_of("task:failed", data={"error": "boom"})
    colored = text_of("task:failed", SCREEN, data={"error": "boom"})

    assert "ERROR failed" in plain
    assert "\x1b[31mboom\x1b[0m" in colored


def test_progress_shows_how_far() -> None:
    """A percentage stands behind its message, on a terminal with a bar."""
    said = {"message": "fetching", "percent": 140}

    assert text_of("task:progress", data=said).endswith("fetching 100%\n")
    assert f"fetching {'▓' * 10} 100%" in text_of("task:progress", SCREEN, data=said)
    assert progress_bar(40, has_unicode=False) == "####......"


def test_the_style_suits_the_terminal() -> None:
    """A terminal gets local times, folds and beginnings; --full and pipes get everything."""
    screen = Terminal(is_terminal=True, has_color=True, has_unicode=False, width=120)
    pipe = screen._replace(is_terminal=False)

    assert line_style(screen, raw=False, full=False) == SCREEN._replace(has_unicode=False)
    assert line_style(screen, raw=False, full=True).is_whole
    assert line_style(pipe, raw=False, full=False).is_whole
    assert line_style(pipe, raw=False, full=False).width is None
    assert line_style(screen, raw=True, full=False).width is None


def test_a_stage_stands_before_the_message() -> None:
    """An entry of a stage says which."""
    text = text_of("task:log", stage="plan\n", data={"message": "thinking"})

    assert text.endswith("[plan\\n] thinking\n")
