"""What the terminal can show, and text that cannot do anything to it."""

import io
import unicodedata

import pytest

from tasktrail.cli.terminal import (
    PIPE_WIDTH,
    has_display,
    look_at,
    safe_line,
    safe_text,
    with_colors,
    without_ansi,
)


class Screen(io.StringIO):
    """A stream that is a terminal."""

    encoding = "UTF-8"

    def isatty(self) -> bool:
        """It is one."""
        return True


HOSTILE = (
    "\x1b]0;owned\x07",  # sets the window's title
    "\x1b[2J\x1b[1;1H",  # clears the screen
    "\x9b31m",  # an escape sequence of one byte
    "\x1bP+q544e\x1b\\",  # asks the terminal to answer, as if typed
    "a\rb",  # overwrites what stands before
    "a\bb\x7f",
    "\u202egpj.exe",  # turns the direction of text
    "\u2066x\u2069\u200f\u061c",
    "one\u2028two\u2029three\x85four",
    "\U000e0041\U000e007f",  # letters nobody sees
    "zero\u200bwidth\ufeff",
    "half \ud800 pair",
    "\x00",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_content_acts_on_a_terminal(text: str) -> None:
    """Control characters, escape sequences and turning marks are spelled out."""
    shown = safe_text(text)

    assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    assert shown.encode()


def test_what_is_spelled_out_can_still_be_told_apart() -> None:
    """Each character is named by its number."""
    assert safe_text("\x1b[2J\r\u202e\U000e0041") == "\\x1b[2J\\r\\u202e\\U000e0041"


def test_ordinary_text_stays_as_it_is() -> None:
    """Letters of any language, joined emoji, tabs and line feeds are content."""
    text = "Grüße 日本語 עברית 👩\u200d💻\tx\nnext"

    assert safe_text(text) == text
    assert safe_text("dos\r\nline") == "dos\nline"


def test_a_line_has_no_line_feed() -> None:
    """In a place of one line, line feeds and tabs are spelled out too."""
    assert safe_line("a\nb\tc") == "a\\nb\\tc"


def test_a_pipe_has_no_edge_and_no_colour() -> None:
    """What is not a terminal gets everything, plain."""
    terminal = look_at(io.StringIO(), {"COLUMNS": "40"}, color="auto")

    assert (terminal.is_terminal, terminal.has_color, terminal.width) == (False, False, PIPE_WIDTH)


@pytest.mark.parametrize(
    ("environ", "color", "expected"),
    [
        ({}, "auto", True),
        ({"NO_COLOR": "1"}, "auto", False),
        ({"NO_COLOR": ""}, "auto", True),
        ({"TERM": "dumb"}, "auto", False),
        ({"NO_COLOR": "1"}, "always", True),
        ({}, "never", False),
    ],
)
def test_colour_follows_the_option_then_the_environment(
    environ: dict[str, str], color: str, *, expected: bool
) -> None:
    """--color wins, else NO_COLOR and a dumb terminal mean none."""
    assert look_at(Screen(), environ, color=color).has_color is expected


def test_a_terminal_s_width_can_be_said() -> None:
    """COLUMNS says how wide the terminal is."""
    assert look_at(Screen(), {"COLUMNS": "80"}, color="auto").width == 80
    assert look_at(Screen(), {}, color="auto").has_unicode


def test_no_browser_where_nobody_would_see_it() -> None:
    """Without a display there is nothing to open a browser on."""
    assert has_display({"DISPLAY": ":0"})
    assert has_display({"WAYLAND_DISPLAY": "wayland-0"})
    assert not has_display({"SSH_CONNECTION": "x"})


def test_escape_sequences_can_be_left_out() -> None:
    """Of whatever kind; what else could act is spelled out."""
    text = "\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x1b\\ \x1b[2J\x1b(B\x1bcend\x07\x1b"

    assert without_ansi(text) == "red link end\\x07\\x1b"


def test_colours_can_be_let_through_and_nothing_else() -> None:
    """No colour reaches the next line, nothing moves the cursor or names the window."""
    shown = with_colors("a \x1b[1;31mred\nb \x1b[2J\x1b]0;x\x07")

    assert shown == "a \x1b[1;31mred\x1b[0m\nb \\x1b[2J\\x1b]0;x\\x07"


def test_escape_sequences_cost_no_more_than_their_length() -> None:
    """A text that looks like their beginning over and over is read once."""
    text = "\x1b]" * 50_000 + "\x1b[" * 50_000

    assert len(without_ansi(text)) > 0
    assert with_colors(text).count("\\x1b") == 100_000
