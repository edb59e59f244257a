"""How far a search over trails is: the same words wherever it runs, is sent or is shown."""

from msgspec import Struct


class SearchProgress(Struct, frozen=True):
    """How far a search is; `found` is the count of all hits once `ended` is complete."""

    shown: int  # hits that were given
    found: int  # hits there are, as far as was looked
    searched_bytes: int
    total_bytes: int
    searched_trails: int
    total_trails: int
    ended: str | None = None  # complete, limit, time, stopped; `None` while it goes on
