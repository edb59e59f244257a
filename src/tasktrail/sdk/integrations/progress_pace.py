"""How often a progress bar becomes an entry: about once a second, and always at its end."""

import time
from typing import Final

from tasktrail.sdk.joining import task_now
from tasktrail.sdk.task_context import TaskContext

SECONDS: Final = 1.0
WHOLE: Final = 100


class ProgressPace:
    """The entries of one bar, in the given task, else in the one that was current at its start."""

    def __init__(self, task: TaskContext | None = None, *, source: str) -> None:
        self._task = task or task_now()
        self._source = source
        self._next_at = 0.0
        self._last: tuple[float, float | None] | None = None

    def tell(self, text: str, done: float, total: float | None, *, is_last: bool) -> None:
        """An entry if it is time for one; `total` may be unknown."""
        now = time.monotonic()
        if self._task is None or (not is_last and now < self._next_at):
            return
        if self._last == (done, total):
            return
        self._last = (done, total)
        self._next_at = now + SECONDS
        percent = round(WHOLE * done / total, 1) if total else None
        figures = {"done": done, "total": total}
        self._task.logger.progress(text, percent, source=self._source, metadata=figures)
