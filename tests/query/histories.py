"""A task with something of everything, for the tests of answers about it."""

from pathlib import Path

from tasktrail.model.codec import encode
from tasktrail.query.reader import Reader
from tests.support.make_trails import Trails


def said(kind: str, *, task: str = "gh-1", **fields: object) -> bytes:
    """An event of that type."""
    return encode({"type": kind, "task_id": task, **fields})


def reader_of(trails: Trails) -> Reader:
    """A reader that does not wait."""
    return Reader(trails.layout, trails.root, trails.index, wait_seconds=0)


def staged(folder: Path, *, is_indexed: bool = True) -> Trails:
    """A task whose stages are nested, fail and start again."""
    trails = Trails(folder)
    trails.record(
        said("task:created"),
        said("stage:started", stage="plan"),
        trails.log("thinking", stage="plan", level="error"),
        said("stage:started", stage="sub"),
        said("stage:completed", stage="sub"),
        said("stage:failed", stage="plan", data={"error": "bad"}),
        said("stage:started", stage="plan"),
        trails.log("again", stage="plan"),
        trails.log("alone", stage="named"),
    )
    if is_indexed:
        trails.index_all()
    return trails
