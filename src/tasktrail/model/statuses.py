"""Statuses of a task, and what the words of producers mean."""

from typing import Final

from tasktrail.model.codec import text_of
from tasktrail.model.event import Event

STATUSES: Final = (
    "detected",
    "pending",
    "active",
    "completed",
    "failed",
    "cancelled",
    "blocked",
)
TERMINAL: Final = frozenset({"completed", "failed", "cancelled"})
ALIASES: Final = {"running": "active", "canceled": "cancelled"}
_SUCCESS: Final = frozenset({None, "completed", "success", "succeeded", "ok", "done"})


def parse_status(text: str | None) -> str | None:
    """The status in lower case, `None` when it is none of ours."""
    name = (text or "").strip().lower()
    name = ALIASES.get(name, name)
    return name if name in STATUSES else None


def outcome_of(event: Event) -> str | None:
    """How the event ends a task: completed, failed, cancelled, or `None` when it ends none.

    A `task:completed` whose status is a word we do not know is a failure: claiming a success
    that nobody reported would be a lie.
    """
    if event.event_type == "task:failed":
        return "failed"
    text = text_of(event.data.get("status"))
    if event.event_type == "task:status":
        status = parse_status(text)
        return status if status in TERMINAL else None
    if event.event_type != "task:completed":
        return None
    if (text.lower() if text else None) in _SUCCESS:
        return "completed"
    return "cancelled" if parse_status(text) == "cancelled" else "failed"
