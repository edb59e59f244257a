"""Tables for people."""

from tasktrail.cli.render import Cell, Column, status_cell, trouble_cell, write_line, write_table
from tests.cli.screens import PIPE, Screen, terminal

COLUMNS = (Column("ID"), Column("N", right=True), Column("TITLE", flexible=True))
LONG = "a title that goes on and on " * 20


def test_a_pipe_gets_a_whole_plain_table() -> None:
    """Nothing is cut, folded or coloured where no terminal is."""
    screen = Screen()
    write_table(screen.output, COLUMNS, [("gh-1", "7", Cell(LONG, "red")), ("gh-22", "10", "x")])

    assert screen.written == (f"ID      N  TITLE\ngh-1    7  {LONG.rstrip()}\ngh-22  10  x\n")


def test_one_long_value_does_not_push_all_the_others() -> None:
    """In a pipe it stands whole on its own line, and only there."""
    screen = Screen()
    write_table(screen.output, COLUMNS, [("x" * 300, "7", "a"), ("gh-1", "10", "b")])
    lines = screen.written.splitlines()

    assert lines[1] == f"{'x' * 300}   7  a"
    assert lines[2] == f"{'gh-1'.ljust(40)}  10  b"


def test_a_terminal_s_table_fits_its_width() -> None:
    """On a terminal the flexible column gives way, the others stay whole."""
    screen = Screen(terminal(40))
    write_table(screen.output, COLUMNS, [("gh-1", "7", LONG)])
    lines = screen.written.splitlines()

    assert all(len(line) <= 40 for line in lines)
    assert lines[1].startswith("gh-1  7  a title that")
    assert lines[1].endswith("…")


def test_a_column_that_wraps_is_cut_nowhere() -> None:
    """What does not fit goes on below, between the other columns."""
    screen = Screen(terminal(24))
    columns = (Column("ID"), Column("WHERE", least=8, wraps=True), Column("N", right=True))
    write_table(screen.output, columns, [("gh-1", "before/the/next one", "7")])
    lines = screen.written.splitlines()

    assert lines[1:] == ["gh-1  before/the/next  7", "      one"]


def test_a_terminal_without_the_mark_gets_dots() -> None:
    """They take their place in the column, so the columns behind it stand where they should."""
    screen = Screen(terminal(30)._replace(has_unicode=False))
    columns = (Column("TITLE", flexible=True), Column("N", right=True))
    write_table(screen.output, columns, [(LONG, "7"), ("x", "1234")])
    lines = screen.written.splitlines()

    assert lines[1:] == ["a title that goes on ...     7", f"x{' ' * 25}1234"]


def test_figures_are_never_cut() -> None:
    """Words give way to them, however narrow the terminal is: half a number is another number."""
    screen = Screen(terminal(26))
    columns = (Column("SESSION"), Column("STARTED"), Column("COST", right=True))
    write_table(screen.output, columns, [("a-session-of-some-kind", "2026-01-15", "$1,234.56")])
    lines = screen.written.splitlines()

    assert all(len(line) <= 26 for line in lines)
    assert lines[1].endswith("$1,234.56")


def test_cells_cannot_act_on_the_terminal() -> None:
    """Content is no markup, stays on its line and sends no escape sequence."""
    screen = Screen(terminal(80))
    write_table(screen.output, COLUMNS, [("[red]x[/]", "1", "a\nb\x1b[2J :smile:")])
    write_line(screen.output, Cell("\x1b]0;t\x07", "bold"), "end\n")

    assert "[red]x[/]  1  a\\nb\\x1b[2J :smile:\n" in screen.written
    assert screen.written.endswith("\\x1b]0;t\\x07end\\n\n")


def test_colours_come_only_where_they_are_wanted() -> None:
    """The same cell is plain on a terminal without colours."""
    screens = [Screen(terminal(80)), Screen(terminal(80, color=True))]
    for screen in screens:
        write_table(screen.output, COLUMNS, [("gh-1", "1", Cell("bad", "red"))], titles=False)

    assert screens[0].written == "gh-1  1  bad\n"
    assert "\x1b[31mbad" in screens[1].written


def test_a_status_has_a_word() -> None:
    """No status is told by colour or icon alone, also where there are no icons."""
    assert status_cell("failed", PIPE) == ("✕ failed", "bold red")
    assert status_cell("failed", PIPE._replace(has_unicode=False)).text == "x failed"
    assert status_cell("odd", PIPE).text == "? odd"


def test_trouble_stands_out_only_where_there_is_some() -> None:
    """A zero is dim, an unknown count is a dash."""
    assert trouble_cell(0, "red") == ("0", "dim")
    assert trouble_cell(1_200, "red") == ("1,200", "red")
    assert trouble_cell(None, "red") == ("-", "dim")
