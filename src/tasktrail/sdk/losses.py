"""What an outbox could not keep, until a `loss` entry in it says so.

Counted by task, so that each trail tells of its own loss; when there are too many tasks, the rest
is one sum that stands in our own session.
"""

from collections.abc import Iterable
from typing import Final

from tasktrail.model.codec import encode
from tasktrail.model.times import utc_text

TASKS_WITH_LOSS: Final = 100  # told one by one; beyond it in one sum


class Losses:
    """How many events of which task are lost and not yet told."""

    def __init__(self) -> None:
        self._counts: dict[str | None, int] = {}
        self.count = 0  # not yet told

    def add(self, task_ids: Iterable[str | None]) -> None:
        """One lost event of each of these tasks."""
        for task_id in task_ids:
            self.count += 1
            named = task_id
            if named not in self._counts and len(self._counts) >= TASKS_WITH_LOSS:
                named = None
            self._counts[named] = self._counts.get(named, 0) + 1

    def events(self, at: int, src: str, *, reason: str) -> list[bytes]:
        """The events that tell it, one of each task."""
        return [
            _loss_event(at, src, task_id, count, reason) for task_id, count in self._counts.items()
        ]

    def clear(self) -> None:
        """Everything was told."""
        self._counts.clear()
        self.count = 0


def _loss_event(at: int, src: str, task_id: str | None, count: int, reason: str) -> bytes:
    # Only a loss pays for it.
    from tasktrail.model.ids import OWN_SESSION  # noqa: PLC0415

    owner = {"session_id": OWN_SESSION} if task_id is None else {"task_id": task_id}
    message = f"{count} events of this producer {reason} and are lost"
    event = {
        "type": "loss",
        **owner,
        "timestamp": utc_text(at),
        "data": {"message": message, "lost": count, "src": src},
    }
    return encode(event)
