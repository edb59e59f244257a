"""Tables for people: on a terminal fitted to its width, in a pipe whole; words before colours.

rich draws them and is imported when there is something to draw. Content is made harmless here, so
no caller can forget it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from tasktrail.cli.folding import cells_of
from tasktrail.cli.output import Output
from tasktrail.cli.terminal import PIPE_WIDTH, Terminal, safe_line

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

GAP: Final = 2  # cells between columns
LEAST_CELLS: Final = 8  # of a column that gives way
DOTS: Final = "..."
SHORTEST: Final = 6  # cells of words, where figures need the room
PADDED_CELLS: Final = 40  # of a column in a pipe: one long value does not push all the others
ICONS: Final = {
    "detected": ("◌", ".", "dim"),
    "pending": ("○", "o", "cyan"),
    "active": ("●", "*", "blue"),
    "completed": ("✓", "+", "green"),
    "failed": ("✕", "x", "bold red"),
    "cancelled": ("⊘", "-", "dim"),
    "blocked": ("‖", "!", "yellow"),
}


class Column(NamedTuple):
    """A column: its title, and how it gives way when the terminal is narrow.

    First the flexible column becomes narrower, down to `least` cells; then optional columns are
    left out, the lowest number first; then the other columns that name a `least` become narrower.
    Words are cut before figures: half a number is another number. A column that wraps is cut
    nowhere: it goes on in further lines.
    """

    title: str
    right: bool = False
    flexible: bool = False
    least: int | None = None
    optional: int | None = None
    wraps: bool = False


class Cell(NamedTuple):
    """Text with a style of rich."""

    text: str
    style: str = ""


Row = Sequence[Cell | str]


def status_cell(status: str, terminal: Terminal) -> Cell:
    """The status as an icon and its word, so that neither colour nor icon is needed."""
    icon, plain, style = ICONS.get(status, ("?", "?", ""))
    return Cell(f"{icon if terminal.has_unicode else plain} {status}", style)


def trouble_cell(number: int | None, style: str) -> Cell:
    """A count that catches the eye only when it is not zero."""
    if number is None:
        return Cell("-", "dim")
    return Cell(f"{number:,}", style if number else "dim")


def write_table(
    output: Output, columns: Sequence[Column], rows: Sequence[Row], *, titles: bool = True
) -> None:
    """The rows below their titles; each stays on one line, unless a column wraps."""
    output.write(table_text(output.terminal, columns, rows, titles=titles))


def table_text(
    terminal: Terminal, columns: Sequence[Column], rows: Sequence[Row], *, titles: bool = True
) -> str:
    """The table as text; on a terminal it fits, in a pipe nothing is cut."""
    natural = [len(column.title) if titles else 0 for column in columns]
    for row in rows:
        for place, cell in enumerate(row):
            natural[place] = max(natural[place], cells_of(safe_line(_plain(cell))))
    if not terminal.is_terminal:
        heads = [[Cell(column.title, "dim") for column in columns]] if titles else []
        widths = [min(width, PADDED_CELLS) for width in natural]
        lines = (_line(columns, widths, row) for row in (*heads, *rows))
        return "".join(_drawn(line, terminal) for line in lines)
    widths = fitted(columns, natural, terminal.width)
    table = _table(columns, widths, terminal, show_header=titles)
    for row in rows:
        shown = [one for one in zip(columns, row, widths, strict=True) if one[-1]]
        table.add_row(*(_fitting(column, cell, width, terminal) for column, cell, width in shown))
    return _drawn(table, terminal)


def _fitting(column: Column, cell: Cell | str, width: int, terminal: Terminal) -> "Text":
    """The cell's text; where rich would end a cut one with a mark that is missing, cut here."""
    text = _text(cell)
    if column.wraps:
        text.no_wrap, text.overflow = False, "fold"
    elif not terminal.has_unicode and cells_of(text.plain) > width:
        text.truncate(max(0, width - len(DOTS)), overflow="crop")
        text.append(DOTS)
    return text


def _line(columns: Sequence[Column], widths: Sequence[int], row: Row) -> "Text":
    """A row as a line: a value wider than its column pushes the others, and is not cut."""
    from rich.text import Text  # noqa: PLC0415 - rich costs a third of a short command's start

    line = Text(no_wrap=True, overflow="ignore")
    for column, width, cell in zip(columns, widths, row, strict=True):
        text = _text(cell)
        blanks = " " * max(0, width - cells_of(text.plain))
        pieces = (blanks, text) if column.right else (text, blanks)
        line = line.append(" " * GAP) if line.plain or column is not columns[0] else line
        for piece in pieces:
            line.append(piece)
    return line


def fitted(columns: Sequence[Column], natural: Sequence[int], total: int) -> list[int]:
    """How wide each column is so that all fit into `total`; 0: it is left out."""
    widths = list(natural)
    flexible = [place for place, column in enumerate(columns) if column.flexible]
    for place in flexible:
        _narrow(widths, place, total, least=columns[place].least or LEAST_CELLS)
    for place in sorted(range(len(columns)), key=lambda place: columns[place].optional or 0):
        if columns[place].optional and _excess(widths, total) > 0:
            widths[place] = 0
    for place, column in enumerate(columns):
        if column.least and not column.flexible:
            _narrow(widths, place, total, least=column.least)
    for place in flexible:
        _narrow(widths, place, total, least=LEAST_CELLS)
    _cut_words(widths, columns, total)
    for place in flexible:
        widths[place] = min(natural[place], widths[place] + max(0, -_excess(widths, total)))
    return widths


def _cut_words(widths: list[int], columns: Sequence[Column], total: int) -> None:
    """What still is too much is taken from the columns of words."""
    for place, column in enumerate(columns):
        if not column.right and widths[place]:
            _narrow(widths, place, total, least=min(widths[place], SHORTEST))


def _excess(widths: Sequence[int], total: int) -> int:
    """How many cells too wide the columns are together."""
    return sum(width + GAP for width in widths if width) - GAP - total


def _narrow(widths: list[int], place: int, total: int, *, least: int) -> None:
    """Take away what is too much, down to `least`."""
    widths[place] -= max(0, min(_excess(widths, total), widths[place] - least))


def write_line(output: Output, *cells: Cell | str) -> None:
    """The cells beside each other on one line, folded by nobody."""
    from rich.text import Text  # noqa: PLC0415 - rich costs a third of a short command's start

    line = Text.assemble(*(_text(cell) for cell in cells), no_wrap=True, overflow="ignore")
    output.write(_drawn(line, output.terminal._replace(width=PIPE_WIDTH)))


def _table(
    columns: Sequence[Column], widths: Sequence[int], terminal: Terminal, *, show_header: bool
) -> "Table":
    from rich.table import Table  # noqa: PLC0415 - see above

    table = Table(
        box=None,
        padding=(0, GAP, 0, 0),
        pad_edge=False,
        header_style="dim",
        show_header=show_header,
    )
    for column, width in zip(columns, widths, strict=True):
        if width:
            justify: Literal["left", "right"] = "right" if column.right else "left"
            title = _fitting(column._replace(wraps=False), column.title, width, terminal)
            table.add_column(title, no_wrap=not column.wraps, justify=justify, width=width)
    return table


def _plain(cell: Cell | str) -> str:
    return cell if isinstance(cell, str) else cell.text


def _text(cell: Cell | str) -> "Text":
    from rich.text import Text  # noqa: PLC0415 - see above

    text, style = (cell, "") if isinstance(cell, str) else cell
    return Text(safe_line(text), style=style, no_wrap=True, overflow="ellipsis")


def _drawn(drawing: "Table | Text", terminal: Terminal) -> str:
    """The drawing as text, without the blanks that only fill lines up."""
    from rich.console import Console  # noqa: PLC0415 - see above

    console = Console(
        width=terminal.width,
        height=24,
        force_terminal=terminal.has_color,
        color_system="standard" if terminal.has_color else None,
        no_color=not terminal.has_color,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )
    with console.capture() as captured:
        console.print(drawing)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())
