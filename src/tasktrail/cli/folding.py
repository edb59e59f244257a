"""Folds long lines at the terminal's edge, so that what goes on below can be indented.

A terminal that folds by itself lets content begin a line of the screen, where only we should.
"""

from unicodedata import combining, east_asian_width

WIDE = frozenset("WF")


def cells_of(text: str) -> int:
    """How many cells of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if combining(character):
        return 0
    return 2 if east_asian_width(character) in WIDE else 1


def folded(text: str, first: int, rest: int) -> list[str]:
    """The text in pieces of at most `first` cells, then `rest`; parted at blanks where possible."""
    pieces: list[str] = []
    start, width = 0, max(first, 1)
    while start < len(text) or not pieces:
        end = _fitting(text, start, width)
        following = end
        if end < len(text):
            blank = text.rfind(" ", start + width // 2, end + 1)
            if blank > start:
                end, following = blank, blank + 1
        pieces.append(text[start:end])
        start, width = following, max(rest, 1)
    return pieces


def _fitting(text: str, start: int, width: int) -> int:
    """Where the piece that begins at `start` must end; it holds at least one character."""
    window = text[start : start + width + 1]
    if window.isascii():
        return min(start + width, len(text))
    cells = 0
    for place in range(start, len(text)):
        cells += _cells(text[place])
        if cells > width:
            return max(place, start + 1)
    return len(text)
