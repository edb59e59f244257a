"""The text of a filter as it is searched for: which lines may hold it, and which do.

The bytes of many lines are searched at once, and only lines under suspicion are decoded. Suspect is
a line that has the longest plain piece of the text, and one where letters are written as escapes or
as one of the few letters that fold to ASCII: those may hide the piece. The message decides.
"""

import re
import unicodedata
from typing import Final

from tasktrail.errors import TornEntry
from tasktrail.index.peek import UNVIEWABLE, message_in
from tasktrail.model.entry_filter import EntryFilter, says
from tasktrail.model.folding import ESCAPED_ASCII, FOLD_TO_ASCII, escape_of
from tasktrail.model.ids import TrailKey
from tasktrail.store.byte_search import Pattern

PLAIN: Final = re.compile(r"[!#-.0-;=?-\[\]-~]+")  # what JSON writes as it is: no \" \\ / < > space
CASELESS: Final = "Lo"  # letters without case: Chinese, Arabic, …


class Needle:
    """The text of a filter."""

    def __init__(self, wanted: EntryFilter) -> None:
        self._wanted = wanted
        folded = [one.casefold() for one in wanted.search]
        plain = max((word for one in folded for word in PLAIN.findall(one)), key=len, default="")
        self.pattern = _plain(plain) if plain else _caseless(folded)
        # Where the lines that hide it are known, the piece alone is enough.
        self.quick_pattern = Pattern(plain.encode()) if plain else self.pattern

    def is_in(self, line: bytes, channel: str, key: TrailKey) -> bool:
        """Whether the line's message says what the filter wants."""
        try:
            return says(self._wanted, message_in(line, channel, key))
        except (TornEntry, *UNVIEWABLE):
            return False


def _plain(piece: str) -> Pattern:
    """What every line with this piece of ASCII has."""
    letters = [one for one in FOLD_TO_ASCII if set(one.casefold()) & set(piece)]
    return Pattern(
        piece.encode(),
        tuple(one.encode() for one in letters),
        (*ESCAPED_ASCII, *map(escape_of, letters)),
    )


def _caseless(folded: list[str]) -> Pattern | None:
    """The same for letters without case; `None` when only reading every line can tell."""
    kept = (
        "".join(one if unicodedata.category(one) == CASELESS else " " for one in text)
        for text in folded
    )
    longest = max((word for text in kept for word in text.split()), key=len, default="")
    if not longest:
        return None
    # Producers write such letters as they are or all as escapes; a mixture has one of the first.
    return Pattern(longest.encode(), (), (escape_of(longest[0]),))
