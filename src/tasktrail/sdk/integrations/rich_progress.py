"""rich's progress bars as progress entries of the current task.

from tasktrail.sdk.integrations.rich_progress import Progress
with Progress() as progress: …
"""

from typing import Any

from rich.progress import Progress as PlainProgress
from rich.progress import TaskID

from tasktrail.sdk.integrations.progress_pace import ProgressPace


class Progress(PlainProgress):
    """The same display; each of its bars is told about once a second and when it is finished."""

    def __init__(self, *columns: Any, task: Any = None, **chosen: Any) -> None:  # noqa: ANN401 - rich's
        self._for_task = task
        self._paces: dict[TaskID, ProgressPace] = {}
        super().__init__(*columns, **chosen)

    def advance(self, task_id: TaskID, advance: float = 1) -> None:
        """So many more are done of that bar."""
        super().advance(task_id, advance)
        self._tell(task_id)

    def update(self, task_id: TaskID, **changes: Any) -> None:  # noqa: ANN401 - as rich takes them
        """That bar has changed."""
        super().update(task_id, **changes)
        self._tell(task_id)

    def stop(self) -> None:
        """The display ends; how far each bar came is told."""
        for task_id in list(self._paces):
            self._tell(task_id, is_last=True)
        super().stop()

    def _tell(self, task_id: TaskID, *, is_last: bool = False) -> None:
        bar = self._tasks.get(task_id)
        if bar is None:
            return
        pace = self._paces.get(task_id)
        if pace is None:
            pace = self._paces[task_id] = ProgressPace(self._for_task, source="rich")
        pace.tell(bar.description, bar.completed, bar.total, is_last=is_last or bar.finished)
