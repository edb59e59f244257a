"""Every name that a data root holds on disk, in one place.

<root>/root.json
<root>/tasks/<id>/ sessions/<id>/      trails: channels and documents
<root>/spool/<p>/ outbox/              accepted, not yet recorded
<root>/partitions/<p>.json .lock       checkpoints and owners
<root>/pumps/ recorders/ dead/ holds/
<root>/index.db index.lock             derived, may be deleted
"""

from pathlib import Path
from typing import Final

from msgspec import Struct

from tasktrail.model.channels import CHANNEL_FILES, DOCUMENT_FILES
from tasktrail.model.ids import TrailKey, directory_name

FAMILIES: Final = ("tasks", "sessions")


class Layout(Struct, frozen=True):
    """Where everything of one data root is; nothing here touches the disk."""

    root: Path
    tasks: Path  # LOGS_DIR may put the trails of tasks beside the rest

    def family(self, name: str) -> Path:
        """The directory that holds the trails of a family."""
        return self.tasks if name == "tasks" else self.root / name

    def trail(self, key: TrailKey) -> Path:
        """The directory of a trail."""
        return self.family(key.family) / key.directory

    def channel(self, key: TrailKey, channel: str) -> Path:
        """The file of a trail's channel."""
        return self.trail(key) / CHANNEL_FILES[channel]

    def document(self, key: TrailKey, document: str) -> Path:
        """The file of a trail's document."""
        return self.trail(key) / DOCUMENT_FILES[document]

    def spool(self, p: int) -> Path:
        """The directory of a partition's spool segments."""
        return self.root / "spool" / str(p)

    def append_lock(self, p: int) -> Path:
        """The lock under which segments of a partition's spool are appended to."""
        return self.spool(p) / "append.lock"

    @property
    def outbox(self) -> Path:
        """The directory of the outboxes of producers on this machine."""
        return self.root / "outbox"

    @property
    def partitions(self) -> Path:
        """The directory of checkpoints and owners' locks."""
        return self.root / "partitions"

    def partition_lock(self, p: int) -> Path:
        """The lock that a partition's owner holds."""
        return self.partitions / f"{p}.lock"

    def checkpoint(self, p: int) -> Path:
        """How far a partition is recorded."""
        return self.partitions / f"{p}.json"

    def touched(self, p: int) -> Path:
        """Which trails each batch of a partition touched, the latest batches."""
        return self.partitions / f"{p}.touched.jsonl"

    def touched_before(self, p: int) -> Path:
        """The journal of touched trails before the present one."""
        return self.partitions / f"{p}.touched.1.jsonl"

    @property
    def pumps(self) -> Path:
        """The directory of the pumps' locks and positions."""
        return self.root / "pumps"

    @property
    def recorders(self) -> Path:
        """The directory in which every living recorder holds a lock."""
        return self.root / "recorders"

    @property
    def dead_letters(self) -> Path:
        """The directory of the dead letters."""
        return self.root / "dead"

    def dead(self, p: int | str) -> Path:
        """The dead letters of a partition, or of a pump by its name, which may be any text."""
        return self.dead_letters / f"{directory_name(str(p))}.jsonl"

    @property
    def hold_journals(self) -> Path:
        """The directory of the journals of held webhook events."""
        return self.root / "holds"

    def holds(self, p: int) -> Path:
        """The journal of the webhook events that a partition holds."""
        return self.hold_journals / f"{p}.jsonl"

    @property
    def index(self) -> Path:
        """The index; derived, may be deleted."""
        return self.root / "index.db"

    @property
    def index_lock(self) -> Path:
        """The lock that the one indexer holds."""
        return self.root / "index.lock"

    @property
    def prices(self) -> Path:
        """The user's own prices, if there are any."""
        return self.root / "prices.toml"

    @property
    def index_request(self) -> Path:
        """A file that asks whoever indexes to make the index anew; gone when it is done."""
        return self.root / "index.rebuild"

    @property
    def budgets(self) -> Path:
        """What tasks, sessions and days may cost, if anybody said."""
        return self.root / "budgets.toml"

    @property
    def root_json(self) -> Path:
        """The mark that makes a directory a data root."""
        return self.root / "root.json"

    def directories(self, partitions: int) -> tuple[Path, ...]:
        """Every directory that a root needs, parents first."""
        return (
            self.root,
            self.tasks,
            self.family("sessions"),
            self.root / "spool",
            *(self.spool(p) for p in range(partitions)),
            self.outbox,
            self.partitions,
            self.pumps,
            self.recorders,
            self.dead_letters,
            self.hold_journals,
        )


def layout_of(root: Path, tasks: Path | None = None) -> Layout:
    """The layout of a root; trails of tasks stand in `<root>/tasks` unless said otherwise."""
    return Layout(root, root / "tasks" if tasks is None else tasks)
