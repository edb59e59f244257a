"""Keeps the costs in the index those of the prices that hold now.

Which prices that is, is read at every pass of the indexer: the version of genai-prices and the file
`prices.toml` in the data root. When either is another one than the index was made with, every call
is priced anew, in one transaction; nothing else has to be read again. A file that cannot be used is
no part of any price, and what is wrong with it stands beside the prices that hold.
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
    """Which prices: their name, the text of the user's file, and why that is not used."""

    version: str
    user_text: str | None
    trouble: str | None = None


def prices_now(layout: Layout) -> PriceMark:
    """The prices that hold now."""
    version = version_of(None, library_version())
    try:
        with layout.prices.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return PriceMark(version, None)
    except OSError as error:
        return PriceMark(version, None, f"prices.toml is not used: {error.strerror}")
    if len(raw) > MOST_BYTES:
        return PriceMark(version, None, f"prices.toml is not used: more than {MOST_BYTES:,} bytes")
    text = raw.decode(errors="replace")
    trouble = book_of(text, library_version()).file.trouble
    return PriceMark(version_of(text, library_version()), text, trouble)


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
    if wanted.trouble:
        _LOG.warning("%s", wanted.trouble)
    if changed:
        _LOG.info("%d calls have other costs by %s", changed, wanted.version)
    return True


def _set(writing: Writing, wanted: PriceMark) -> None:
    writing.execute("clear_price_book")
    writing.execute("set_price_book", **wanted._asdict())
