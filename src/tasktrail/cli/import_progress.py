"""The progress bar of an import, on stderr; where that is no terminal, nothing."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tasktrail.ingest.importing import NoProgress, Progress


@contextmanager
def import_progress(total_bytes: int) -> Iterator[Progress]:
    """Who is told of each file; the bar is gone at the end."""
    if not sys.stderr.isatty():
        yield NoProgress()
        return
    # Drawing is only paid for where somebody looks.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Bars  # noqa: PLC0415

    columns = (
        TextColumn("importing"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("import", total=total_bytes)

        class Drawn:
            """Moves the bar."""

            def advance(self, done: int) -> None:
                """So many bytes more are done."""
                bars.advance(task, done)

        yield Drawn()
