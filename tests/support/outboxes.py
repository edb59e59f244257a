"""What a job said, as it stands in the outboxes of a data root."""

from pathlib import Path
from typing import Any

import msgspec

from tasktrail.model.frame import Frame
from tasktrail.sdk.bundles import frames_in
from tasktrail.sdk.client import connect
from tasktrail.sdk.outbox_files import list_outboxes
from tasktrail.sdk.task_context import TaskContext


def frames_of(directory: Path) -> list[Frame]:
    """Every frame of the outboxes in that directory, each outbox in its own order."""
    return [
        frame
        for path in list_outboxes(directory)
        for line in path.read_bytes().splitlines()
        for frame in frames_in(line)
    ]


def events_in(root: Path) -> list[dict[str, Any]]:
    """Every event of every outbox, in the order of the files; each outbox in its own order."""
    return [msgspec.json.decode(frame.event) for frame in frames_of(root / "outbox")]


def identities_in(directory: Path) -> list[tuple[str | None, str]]:
    """Identity and type of every event of the outboxes in that directory, as they stand there."""
    return [(one.id, msgspec.json.decode(one.event)["type"]) for one in frames_of(directory)]


def messages_in(root: Path) -> list[str]:
    """The messages of all entries."""
    return [one["data"]["message"] for one in events_in(root) if "message" in one["data"]]


class Told:
    """A job that writes through to a data root, and what it has said so far."""

    def __init__(self, root: Path, **chosen: Any) -> None:  # noqa: ANN401 - as connect takes it
        self.root = root
        self.client = connect(root, **chosen)

    @property
    def events(self) -> list[dict[str, Any]]:
        """What was said until now."""
        return events_in(self.root)

    def task(self, task_id: str = "gh-1", **known: Any) -> TaskContext:  # noqa: ANN401 - as above
        """A task of this job."""
        return self.client.task(task_id, **known)

    def types(self) -> list[str]:
        """What kinds of events were said."""
        return [str(event["type"]) for event in self.events]

    def close(self) -> None:
        """The job ends."""
        self.client.close()
