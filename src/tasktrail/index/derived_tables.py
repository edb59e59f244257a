"""Which tables the index keeps beside the entries."""

from typing import Final

from tasktrail.index.derived import OpenTable

DERIVED_TABLES: Final[tuple[OpenTable, ...]] = ()
