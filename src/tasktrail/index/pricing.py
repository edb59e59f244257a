"""Keeps the costs in the index those of the prices that hold now.

Which prices that is, is read at every pass of the indexer: the version of genai-prices and the file
`prices.toml` in the data root. When either is another one than the index was made with, every call
is priced anew, in one transaction; nothing else has to be read again.
"""

import logging
from typing import Final, NamedTuple

from tasktrail.index.calls import price_anew
from tasktrail.index.database import Database, Writing
from tasktrail.index.prices import book_of, library_version, version_of
from tasktrail.store.layout import Layout

MOST_BYTES: Final = 1 << 20  # of a price file; more is none

_LOG: Final = logging.getLogger(__name__)


class PriceMark(NamedTuple):
    """Which prices: their name, and the text of the user's file."""

    version: str
    user_text: str | None


def prices_now(layout: Layout) -> PriceMark:
    """The prices that hold now."""
    try:
        with layout.prices.open("rb") as file:
            text = file.read(MOST_BYTES).decode(errors="replace")
    except OSError:
        text = None
    return PriceMark(version_of(text, library_version()), text)


def keep_prices(database: Database, layout: Layout) -> bool:
    """Whether the costs in the index had to be computed anew."""
    wanted = prices_now(layout)
    with database.snapshot() as queries:
        known = [PriceMark(*row) for row in queries.query("price_book")]
    if known == [wanted]:
        return False
    with database.writing() as writing:
        _set(writing, wanted)
        changed = price_anew(writing)
    trouble = book_of(wanted.user_text, library_version()).file.trouble
    if trouble:
        _LOG.warning("%s", trouble)
    _LOG.info("%d calls have other costs by %s", changed, wanted.version)
    return True


def _set(writing: Writing, wanted: PriceMark) -> None:
    writing.execute("clear_price_book")
    writing.execute("set_price_book", **wanted._asdict())
