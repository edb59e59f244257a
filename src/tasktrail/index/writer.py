"""One transaction of the index: trails read on, their rows, counts, summaries and places.

Everything between `begin` and the end of the block is written together or not at all. The same
code fills the index that lasts and the one in memory with which a reader completes an answer.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import suppress
from operator import lt
from typing import Final

import msgspec

from tasktrail.errors import TornEntry
from tasktrail.index.advance import Advance, NewLine, Run, TrailReplaced
from tasktrail.index.blocks import BLOCK_ENTRIES, BlockBatch, Place
from tasktrail.index.database import Writing
from tasktrail.index.derived import OpenTable, by_event_type
from tasktrail.index.derived_tables import DERIVED_TABLES
from tasktrail.index.entries import Kind
from tasktrail.index.executions import ExecutionTable
from tasktrail.index.fold import fold_run
from tasktrail.index.peek import Glimpse, Words
from tasktrail.index.rollups import RollupBatch
from tasktrail.index.tasks import TrailState, add_state, find_state, fresh_state, save_state
from tasktrail.model.channels import CHANNELS
from tasktrail.model.entry import parse_line
from tasktrail.model.ids import TrailKey
from tasktrail.model.levels import RANKS
from tasktrail.store.layout import Layout

ROWS_AT_ONCE: Final = 4_000  # rows held in memory before they are handed to the database
ENTRY_COLUMNS: Final = 8
MAX_NAMES: Final = 20_000  # of kinds and labels whose numbers one transaction remembers

Alike = tuple[
    tuple[int, int, int], list[int], list[int]
]  # names of what says the same, seqs, times


class IndexWriter:
    """Reads trails on, within one transaction."""

    def __init__(
        self,
        writing: Writing,
        layout: Layout,
        *,
        open_trail: type[Advance] = Advance,
        derived: Sequence[OpenTable] = DERIVED_TABLES,
    ) -> None:
        self.entries = 0  # how many were added
        self._writing = writing
        self._layout = layout
        self._open_trail = open_trail
        self._values: list[int] = []  # of rows of entries, one row after the other
        self._blocks = BlockBatch(writing)
        self._rollups = RollupBatch()
        self._derived = [open_table(writing) for open_table in derived]
        self._wanted = by_event_type(self._derived)
        self._executions = [one for one in self._derived if isinstance(one, ExecutionTable)]
        self._names: dict[tuple[int, int, Words], tuple[int, int, int]] = {}
        ((self._last_trail,),) = writing.query("last_trail")

    def advance(self, key: TrailKey, *, below: int, max_entries: int) -> bool:
        """Whether the trail is read to its end; otherwise call again, in the next transaction.

        A trail whose files were replaced is forgotten and read from its start; one that is gone
        is forgotten.
        """
        state = find_state(self._writing, key)
        try:
            return self._read_on(key, state, below, max_entries)
        except TrailReplaced:
            if state is not None:
                self._forget(state)
            return self._read_on(key, None, below, max_entries)

    def take_over(self, state: TrailState) -> None:
        """A trail of another index becomes known here, as far as it is read there."""
        add_state(self._writing, state)
        save_state(self._writing, state)
        self._last_trail = max(self._last_trail, state.number)

    def flush(self) -> None:
        """What was read is in the database, though not yet committed."""
        self._writing.insert_values("add_entries", self._values, columns=ENTRY_COLUMNS)
        self._values = []
        self._blocks.flush()
        self._writing.insert("add_to_rollups", self._rollups.rows())
        for table in self._derived:
            table.flush()

    def _read_on(
        self, key: TrailKey, known: TrailState | None, below: int, max_entries: int
    ) -> bool:
        state = known or self._make_known(key)
        reading = self._open_trail(self._layout, key, state.places, below=below)
        added, is_complete, before = 0, True, state.as_of
        runs = reading.runs(most=min(max_entries, ROWS_AT_ONCE))
        try:
            for run in runs:
                added += self._take(state, run)
                if added >= max_entries:
                    is_complete = False
                    break
        finally:  # also when the disk fails half-way: what was taken is what the places say
            runs.close()
            self._keep(state, reading, is_new=known is None)
            self.entries += added
            self._blocks.close(state.number, before=before, as_of=state.as_of)
        return is_complete

    def _keep(self, state: TrailState, reading: Advance, *, is_new: bool) -> None:
        if reading.places != state.places:
            state.places = reading.places
            state.damaged += reading.damaged
            save_state(self._writing, state)
        elif is_new:  # nothing of it is recorded yet
            self._writing.execute("drop_trail", trail=state.number)

    def _make_known(self, key: TrailKey) -> TrailState:
        self._last_trail += 1
        state = fresh_state(key, self._last_trail)
        add_state(self._writing, state)
        return state

    def _take(self, state: TrailState, run: Run) -> int:
        """How many entries the run added: those whose seq was not there already."""
        sent, run = len(run), _behind(run, state.as_of)
        state.damaged += sent - len(run)
        if not run:
            return 0
        said: set[Words] = set()
        for block, lines in _by_block(run):
            said |= self._count(state.number, block, lines)
        if state.as_of == 0:
            state.created = run[0].glimpse.recorded_at
        state.as_of, state.updated = run[-1].seq, run[-1].glimpse.recorded_at
        fold_run(state.task, run)
        if any(words.event_type in self._wanted for words in said):
            self._tell(state, run)
        if len(self._values) >= ROWS_AT_ONCE * ENTRY_COLUMNS:
            self.flush()
        return len(run)

    def _count(self, trail: int, block: int, lines: Run) -> set[Words]:
        """What the lines say of themselves; their rows are made, and what is alike is counted."""
        alike: dict[tuple[int, Words], Alike] = {}
        values = self._values
        for new in lines:
            seq, at, says = new.seq, new.glimpse.at, (new.channel, new.glimpse.words)
            group = alike.get(says)
            if group is None:
                group = alike[says] = self._named(trail, says, new.glimpse), [], []
            (kind, label, rank), seqs, times = group
            values += (trail, seq, kind, label, rank, at, new.offset, len(new.line))
            seqs.append(seq)
            times.append(at)
        for (kind, label, rank), seqs, times in alike.values():
            self._rollups.add((trail, kind, label), (seqs[0], seqs[-1]), times)
            self._blocks.add(Place(block, kind, rank), seqs, times)
        return {words for _, words in alike}

    def _named(self, trail: int, says: tuple[int, Words], glimpse: Glimpse) -> tuple[int, int, int]:
        """The numbers of entries that say so; the first of them may make an execution known."""
        known = (trail, *says)
        names = self._names.get(known)
        if names is None:
            names = self._name(known)
            self._meet(trail, glimpse)
        return names

    def _tell(self, state: TrailState, run: Run) -> None:
        """The entries go to the tables that their type belongs to; a bad one costs its row."""
        for new in run:
            tables = self._wanted.get(new.glimpse.words.event_type)
            if tables is None:
                continue
            with suppress(
                TornEntry, ValueError, ArithmeticError, RecursionError, msgspec.MsgspecError
            ):
                entry = parse_line(new.line, CHANNELS[new.channel], state.key)
                for table in tables:
                    table.take(entry, state.key, trail=state.number)

    def _name(self, known: tuple[int, int, Words]) -> tuple[int, int, int]:
        """The numbers of what such an entry is and of whom it belongs to, and its level's rank."""
        trail, channel, words = known
        kind = Kind(
            CHANNELS[channel], words.level, words.source, words.stage or "", words.event_type
        )
        label = 0
        if any(words.labels):
            said = {name: text or "" for name, text in words.labels._asdict().items()}
            label = self._number("label", {"trail": trail, **said})
        if len(self._names) >= MAX_NAMES:
            self._names.clear()
        names = self._number("kind", kind._asdict()), label, RANKS[words.level]
        self._names[known] = names
        return names

    def _meet(self, trail: int, glimpse: Glimpse) -> None:
        """An execution is known by the first entry that names it, whatever its type."""
        whom = glimpse.words.labels
        if whom.execution_id:
            for table in self._executions:
                table.meet(whom.execution_id, whom.job_id or "", trail=trail, at=glimpse.at)

    def _number(self, what: str, values: dict[str, object]) -> int:
        """The number of a kind or a label; a new one is made for words not seen before."""
        rows = self._writing.query(f"find_{what}", **values)
        if not rows:
            self._writing.execute(f"add_{what}", **values)
            rows = self._writing.query(f"find_{what}", **values)
        ((number,),) = rows
        return int(number)

    def _forget(self, state: TrailState) -> None:
        """Nothing of the trail is known any more."""
        self.flush()
        for table in ("entries", "blocks", "block_times", "rollups", "labels", "trail"):
            self._writing.execute(f"drop_{table}", trail=state.number)
        for derived in self._derived:
            derived.forget(state.number)
        self._names.clear()


def _by_block(run: Run) -> Iterator[tuple[int, Run]]:
    """The lines of each block that the run has lines of."""
    start = 0
    while start < len(run):
        block = run[start].seq // BLOCK_ENTRIES
        upto = bisect_left(run, (block + 1) * BLOCK_ENTRIES, start, key=_seq_of)
        yield block, run[start:upto]
        start = upto


def _seq_of(new: NewLine) -> int:
    return new.seq


def _behind(run: Run, as_of: int) -> Run:
    """The lines of the run whose seq is above all before; the others were there already."""
    seqs = [new.seq for new in run]
    if seqs[0] > as_of and all(map(lt, seqs, seqs[1:])):
        return run
    lines: Run = []
    for new in run:
        if new.seq > as_of:
            lines.append(new)
            as_of = new.seq
    return lines
