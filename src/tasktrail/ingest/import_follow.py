"""Following: what is written to files below some paths is imported within a moment, as it comes.

The system tells which files changed, so that twenty thousand quiet ones cost nothing. Because it
may lose a notice when very much happens at once, everything is looked through again now and then.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from watchfiles import watch

from tasktrail.errors import Overloaded, ServerUnreachable, StorageFailed
from tasktrail.ingest.import_files import find_files
from tasktrail.ingest.importing import Importer, Report

GATHER_MILLISECONDS: Final = 300  # changes of one moment are imported together
STEP_MILLISECONDS: Final = 50
WAKE_MILLISECONDS: Final = 500  # how soon a stop is noticed, and the first look is taken
LOOK_AGAIN_SECONDS: Final = 600.0
RETRY_SECONDS: Final = 2.0

Told = Callable[[Report], None]


def follow_files(
    importer: Importer,
    places: Sequence[Path],
    told: Told,
    *,
    stop: threading.Event | None = None,
    look_again_seconds: float = LOOK_AGAIN_SECONDS,
) -> None:
    """Import what changes below the places until `stop` is set; `told` hears of each round."""
    stop = stop or threading.Event()
    looked_at = 0.0  # what changed before the watch began is found by looking
    for changes in watch(
        *places,
        watch_filter=None,
        debounce=GATHER_MILLISECONDS,
        step=STEP_MILLISECONDS,
        stop_event=stop,
        rust_timeout=WAKE_MILLISECONDS,
        yield_on_timeout=True,
        raise_interrupt=True,
        ignore_permission_denied=True,
    ):
        paths = {Path(path) for _, path in changes}
        if time.monotonic() - looked_at > look_again_seconds or not looked_at:
            paths, looked_at = set(places), time.monotonic()
        if paths:
            told(_round(importer, paths, stop))


def _round(importer: Importer, paths: Iterable[Path], stop: threading.Event) -> Report:
    """Import the paths; a server or disk that is away is tried again until it is back."""
    importer.report = Report()
    files = find_files(_with_whole(paths))
    while True:
        try:
            return importer.run(files)
        except (ServerUnreachable, StorageFailed, Overloaded):
            if stop.wait(RETRY_SECONDS):
                return importer.report


def _with_whole(paths: Iterable[Path]) -> list[Path]:
    """A task directory's file stands for its directory, which is imported as one."""
    found: dict[Path, None] = {}
    for path in sorted(paths):
        is_part = path.parent.joinpath("metadata.json").exists()
        found[path.parent if is_part else path] = None
    return list(found)
