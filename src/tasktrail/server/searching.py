"""A search as it goes, line by line: what is found, how far it is, and at the end what it was.

    {"type":"start", …}  {"type":"hit","entry":{…}} …  {"type":"progress", …} …  {"type":"end", …}

Where tasks are asked for, `task` lines stand in the place of hits.

Lines are told as they come, progress a few times a second. Who stops reading stops the search.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from threading import Event
from typing import Final

from tasktrail.errors import TasktrailError
from tasktrail.model.codec import encode
from tasktrail.model.search_progress import SearchProgress
from tasktrail.query.rows import preview_of
from tasktrail.server.backend import SearchStep

PROGRESS_SECONDS: Final = 0.2
FIGURES: Final = (
    "shown",
    "found",
    "searched_bytes",
    "total_bytes",
    "searched_trails",
    "total_trails",
)


def search_lines(
    steps: Iterable[SearchStep],
    stop: Event,
    *,
    limit: int,
    preview: int | None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[bytes]:
    """The lines of a search; `stop` is set as soon as nobody wants more of them."""
    try:
        yield _line("start", limit=limit)
        told_at = clock()
        for step in steps:
            for hit in step.hits:
                title = step.titles.get(str(hit["task_id"]))
                yield _line(
                    "hit", entry=_shown(hit, preview), **({"title": title} if title else {})
                )
            for task in step.tasks:
                yield _line("task", **{**task, "latest": _shown(task["latest"], preview)})
            ended = step.progress.ended
            if ended:
                is_complete = ended == "complete"
                yield _line("end", **_far(step.progress), ended=ended, is_complete=is_complete)
            elif clock() - told_at >= PROGRESS_SECONDS:
                told_at = clock()
                yield _line("progress", **_far(step.progress))
    except TasktrailError as error:
        yield _line("error", code=error.code, detail=str(error))
    finally:
        stop.set()


def _shown(entry: object, preview: int | None) -> object:
    if preview is None or not isinstance(entry, Mapping):
        return entry
    return preview_of({**entry}, preview)


def _far(progress: SearchProgress) -> dict[str, object]:
    return {name: getattr(progress, name) for name in FIGURES}


def _line(kind: str, **fields: object) -> bytes:
    return encode({"type": kind} | fields) + b"\n"
