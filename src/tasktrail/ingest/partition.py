"""One partition: its loop from spool to trails, and its checkpoint.

    read → record → write → sync → documents → hand over → dead letters → touched → checkpoint
         → delete recorded segments → tell the followers

A crash anywhere costs a replay: what is behind the checkpoint was synced before it moved, what is
before it is still in the spool, and replaying writes the same bytes.
"""

from typing import Final

from msgspec.structs import replace

from tasktrail.ingest.holds import Hold
from tasktrail.ingest.recorder import HandOver, Recorder, Tally, open_trails
from tasktrail.ingest.spool_reader import SpoolReader
from tasktrail.ingest.spool_writer import SpoolWriter
from tasktrail.model.acceptance import Accepted
from tasktrail.model.codec import encode
from tasktrail.model.ids import OWN_SESSION
from tasktrail.store.checkpoints import Checkpoint, Counters, read_checkpoint, write_checkpoint
from tasktrail.store.dead_letters import DeadLetters
from tasktrail.store.hold_journal import HoldJournal
from tasktrail.store.layout import Layout
from tasktrail.store.root import Root
from tasktrail.store.touched import TouchedJournal
from tasktrail.store.watch import Watch

MAX_BATCH_EVENTS: Final = 20_000
MAX_BATCH_BYTES: Final = 16 * 1024 * 1024  # of all partitions, which one process may own
LEAST_BATCH_BYTES: Final = 1024 * 1024
REFRESH_MICROS: Final = 10_000_000  # metadata.json of a busy task lags this much at most


class Partition:
    """A partition in the hands of its owner; the caller holds its lock."""

    def __init__(
        self, layout: Layout, root: Root, number: int, *, spool: SpoolWriter, watch: Watch
    ) -> None:
        self.number = number
        self._layout = layout
        self._root = root
        self._spool = spool
        self._watch = watch
        self._reader = SpoolReader(layout, number)
        self._touched = TouchedJournal(layout, number)
        self.checkpoint = self._resume()
        self._dead = DeadLetters.open(layout, number, keep_below=self._keep_below)
        self._recorder = self._new_recorder()
        self._refreshed_at = 0
        self._batch_bytes = max(LEAST_BATCH_BYTES, MAX_BATCH_BYTES // root.partitions)

    def _resume(self) -> Checkpoint:
        """The checkpoint that recording goes on from; a hole in the spool becomes a gap."""
        known = read_checkpoint(self._layout, self.number)
        continuity = self._reader.seek(known)
        counters = known.counters if known else Counters()
        if continuity.is_gap:
            counters = replace(counters, gaps=counters.gaps + 1)
            self._tell_gap(continuity.expected, continuity.found)
        self._keep_below = None if continuity.is_gap else (known.pos if known else 0)
        return self._checkpoint_here(counters)

    def _checkpoint_here(self, counters: Counters) -> Checkpoint:
        at = self._reader.position()
        return Checkpoint(
            pos=at.pos,
            segment=at.segment,
            offset=at.offset,
            crc=at.crc,
            generation=self._root.generation,
            counters=counters,
        )

    def _tell_gap(self, expected: int, found: int) -> None:
        """A gap is an event of Tasktrail's own session; naming it by its place makes it one."""
        name = f"gap:spool:{self.number}:{expected}:{found}"
        gap = {
            "type": "gap",
            "session_id": OWN_SESSION,
            "event_id": name,
            "data": {
                "door": "spool",
                "partition": self.number,
                "after": expected,
                "before": found,
                "message": f"the spool of partition {self.number} lost {expected} to {found}",
            },
        }
        accepted = Accepted(encode(gap), identity=name, key=OWN_SESSION)
        self._spool.append([accepted], ignore_pressure=True)

    def _new_recorder(self) -> Recorder:
        journal = HoldJournal.open(self._layout, self.number, keep_below=self._keep_below)
        return Recorder(
            self.number,
            self._root.partitions,
            hold=Hold(journal),
            open_trail=open_trails(self._layout, self._open_below),
        )

    def _open_below(self) -> int | None:
        """Where a trail is cut when it is opened: nothing above the checkpoint was promised."""
        return None if self._keep_below is None else self.checkpoint.pos

    def step(self) -> int:
        """Record one batch; how many frames it held. Raises StorageFailed: then reopen."""
        batch = self._reader.read(max_events=MAX_BATCH_EVENTS, max_bytes=self._batch_bytes)
        if not batch:
            return 0
        self._recorder.record_all(batch)
        self._commit()
        return len(batch)

    def _commit(self) -> None:
        recorder = self._recorder
        recorder.write()
        recorder.write_documents()
        self._refresh()
        if recorder.hand_overs:
            self._hand_over(recorder.hand_overs)
        for after, before in recorder.gaps:
            self._tell_gap(after, before)
        self._dead.append(recorder.dead)
        counters = _counted(self.checkpoint.counters, recorder.tally, gaps=len(recorder.gaps))
        moved = self._checkpoint_here(counters)
        heads = recorder.heads()
        self._touched.append(moved.pos, heads)
        write_checkpoint(self._layout, self.number, moved)
        self.checkpoint = moved
        self._reader.delete_below(moved.pos)
        self._watch.notify(dict(heads))
        recorder.settle()

    def _refresh(self) -> None:
        """Stale documents are renewed by the clock of acceptance: no other is looked at here."""
        newest = self._recorder.newest_at
        if newest >= self._refreshed_at + REFRESH_MICROS:
            self._refreshed_at = newest
            self._recorder.refresh_documents()

    def _hand_over(self, hand_overs: list[HandOver]) -> None:
        """To the tasks' own partitions, durable before our checkpoint passes the flow."""
        self._spool.append(
            [
                Accepted(
                    one.event, identity=one.identity, at=one.at, key=one.task_id, to=one.task_id
                )
                for one in hand_overs
            ],
            ignore_pressure=True,
        )

    def waiting_bytes(self) -> int:
        """How much of the spool is not recorded yet."""
        return self._reader.waiting_bytes()

    def rest(self) -> None:
        """Nothing to do for a while: bring every document up to date."""
        self._recorder.refresh_documents()

    def close(self) -> None:
        """Let go of every file; the lock is the caller's."""
        self._recorder.close()
        self._touched.close()
        self._dead.close()
        self._reader.close()


def _counted(known: Counters, tally: Tally, *, gaps: int) -> Counters:
    return replace(
        known,
        recorded=known.recorded + tally.recorded,
        duplicates=known.duplicates + tally.duplicates,
        identity_conflicts=known.identity_conflicts + tally.identity_conflicts,
        dead_letters=known.dead_letters + tally.dead_letters,
        gaps=known.gaps + gaps,
        damaged_frames=known.damaged_frames + tally.damaged_frames,
        consecutive_dead=tally.consecutive_dead,
    )
