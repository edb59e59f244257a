"""tqdm's bars as progress entries of the current task, also where the bar itself is not shown.

from tasktrail.sdk.integrations.tqdm_progress import tqdm
for path in tqdm(paths, desc="indexing"): …
"""

from typing import Any

from tqdm import tqdm as plain_tqdm  # type: ignore[import-untyped]

from tasktrail.sdk.integrations.progress_pace import ProgressPace


class tqdm(plain_tqdm):  # type: ignore[misc] # noqa: N801 - the name that it stands for
    """The same bar; what it shows is told to the task about once a second and at the end."""

    def __init__(self, *args: Any, task: Any = None, **kwargs: Any) -> None:  # noqa: ANN401 - tqdm's
        self._pace = ProgressPace(task, source="tqdm")
        self._is_iterating = False
        self._said = str(kwargs.get("desc") or "progress")
        self._done = float(kwargs.get("initial", 0))
        super().__init__(*args, **kwargs)
        self._total = self.total if hasattr(self, "total") else kwargs.get("total")

    def __iter__(self) -> Any:  # noqa: ANN401 - whatever is iterated
        """The items; tqdm's own count follows only now and then."""
        self._is_iterating = True
        for one in super().__iter__():
            yield one
            self._step(1)

    def update(self, n: float | None = 1) -> Any:  # noqa: ANN401 - as tqdm says it
        """So many more are done."""
        shown = super().update(n)
        if not self._is_iterating:
            self._step(1 if n is None else n)
        return shown

    def _step(self, n: float) -> None:
        self._done += n
        self._tell(is_last=False)

    def _tell(self, *, is_last: bool) -> None:
        text = str(getattr(self, "desc", "") or self._said).removesuffix(": ")
        self._pace.tell(text, self._done, self._total, is_last=is_last)

    def close(self) -> None:
        """The bar ends; how far it came is told."""
        if hasattr(self, "_total"):
            self._tell(is_last=True)
        super().close()
