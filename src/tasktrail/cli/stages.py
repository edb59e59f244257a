"""A task's stages as they went: a pure fold over its `stage:*` entries, in the order of `seq`."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec import Struct

STAGE_EVENTS: Final = ("stage:started", "stage:completed", "stage:failed")


class StageSpan(Struct):
    """One time a stage was gone through; a stage tried again is there again."""

    stage: str
    attempt: int | None = None
    status: str = "active"
    started_at: str | None = None
    completed_at: str | None = None
    error: str | None = None


def fold_stages(rows: Iterable[Mapping[str, Any]]) -> list[StageSpan]:
    """The spans in the order in which they began; an end nobody began is a span without start."""
    spans: list[StageSpan] = []
    for row in rows:
        name = row["stage"] or "-"
        if row["event_type"] == "stage:started":
            spans.append(StageSpan(name, row["attempt"], started_at=row["timestamp"]))
            continue
        span = _open_span(spans, name, row["attempt"])
        span.status = row["event_type"].partition(":")[2]
        span.completed_at = row["timestamp"]
        if span.status == "failed" and row["message"] != row["event_type"]:
            span.error = row["message"]
    return spans


def _open_span(spans: list[StageSpan], name: str, attempt: int | None) -> StageSpan:
    for span in reversed(spans):
        if span.stage == name and span.attempt == attempt and span.completed_at is None:
            return span
    spans.append(StageSpan(name, attempt))
    return spans[-1]
