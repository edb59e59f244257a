"""Which tables the index keeps beside the entries."""

from typing import Final

from tasktrail.index.calls import CallTable
from tasktrail.index.coordinator import CoordinatorTable
from tasktrail.index.derived import OpenTable
from tasktrail.index.executions import ExecutionTable

DERIVED_TABLES: Final[tuple[OpenTable, ...]] = (CallTable, CoordinatorTable, ExecutionTable)
