"""One transaction of the index: trails read on, their rows, counts, summaries and places.

Everything between `begin` and the end of the block is written together or not at all. The same
code fills the index that lasts and the one in memory with which a reader completes an answer.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from itertools import chain, repeat
from operator import lt
from typing import Final

import msgspec

from tasktrail.errors import TornEntry
from tasktrail.index.advance import Advance, TrailReplaced
from tasktrail.index.blocks import BLOCK_ENTRIES, BlockBatch, Place
from tasktrail.index.database import Writing
from tasktrail.index.derived import OpenTable, by_event_type
from tasktrail.index.derived_tables import DERIVED_TABLES
from tasktrail.index.entries import Kind
from tasktrail.index.executions import ExecutionTable
from tasktrail.index.fold import fold_run
from tasktrail.index.glimpses import Memory
from tasktrail.index.rollups import RollupBatch
from tasktrail.index.runs import Run, Says
from tasktrail.index.tasks import TrailState, add_state, find_state, fresh_state, save_state
from tasktrail.model.channels import CHANNELS
from tasktrail.model.entry import parse_line
from tasktrail.model.ids import TrailKey
from tasktrail.model.levels import RANKS
from tasktrail.store.layout import Layout

ROWS_AT_ONCE: Final = 4_000  # rows held in memory before they are handed to the database
ENTRY_COLUMNS: Final = 8
MAX_NAMES: Final = 20_000  # of kinds and labels whose numbers one transaction remembers

Names = tuple[int, int, int]  # the numbers of a kind and of a label, and the level's rank


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
        self._kinds: dict[Says, int] = {}
        self._names: dict[tuple[int, Says], Names] = {}  # of entries that belong to somebody
        self._memory = Memory()
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
        reading = self._open_trail(
            self._layout, key, state.places, below=below, memory=self._memory
        )
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
        said = set(run.says)
        self._count(state.number, run, {one: self._named(state.number, one, run) for one in said})
        if state.as_of == 0:
            state.created = run.recorded_at(0)
        state.as_of, state.updated = run.seqs[-1], run.recorded_at(-1)
        fold_run(state.task, run)
        wanted = {one for one in said if one.words.event_type in self._wanted}
        if wanted:
            self._tell(state, run, wanted)
        if len(self._values) >= ROWS_AT_ONCE * ENTRY_COLUMNS:
            self.flush()
        return len(run)

    def _count(self, trail: int, run: Run, names: Mapping[Says, Names]) -> None:
        """The rows of the lines are made, and what is alike is counted."""
        named = list(map(names.__getitem__, run.says))
        kinds, labels, ranks = zip(*named, strict=True)
        seqs, ats = run.seqs, run.ats
        columns = seqs, kinds, labels, ranks, ats, run.offsets, run.lengths
        self._values += chain.from_iterable(zip(repeat(trail), *columns, strict=False))
        for block, start, end in _blocks_of(seqs):
            alike = defaultdict[Names, list[int]](list)
            for at, one in enumerate(named[start:end], start):
                alike[one].append(at)
            for (kind, label, rank), numbers in alike.items():
                own, times = [seqs[at] for at in numbers], [ats[at] for at in numbers]
                self._rollups.add((trail, kind, label), (own[0], own[-1]), times)
                self._blocks.add(Place(block, kind, rank), own, times)

    def _named(self, trail: int, says: Says, run: Run) -> Names:
        """The numbers of entries that say so; the first of them may make an execution known."""
        words = says.words
        if not any(words.labels):
            return self._kind(says), 0, RANKS[words.level]
        names = self._names.get((trail, says))
        if names is None:
            said = {name: text or "" for name, text in words.labels._asdict().items()}
            label = self._number("label", {"trail": trail, **said})
            if len(self._names) >= MAX_NAMES:
                self._names.clear()
            names = self._names[trail, says] = self._kind(says), label, RANKS[words.level]
            self._meet(trail, says, run.ats[run.says.index(says)])
        return names

    def _tell(self, state: TrailState, run: Run, wanted: AbstractSet[Says]) -> None:
        """The entries go to the tables that their type belongs to; a bad one costs its row."""
        for number, says in enumerate(run.says):
            if says not in wanted:
                continue
            with suppress(
                TornEntry, ValueError, ArithmeticError, RecursionError, msgspec.MsgspecError
            ):
                entry = parse_line(run.line(number), CHANNELS[says.channel], state.key)
                for table in self._wanted[says.words.event_type]:
                    table.take(entry, state.key, trail=state.number)

    def _kind(self, says: Says) -> int:
        """The number of what such an entry is."""
        number = self._kinds.get(says)
        if number is None:
            words, channel = says.words, CHANNELS[says.channel]
            kind = Kind(channel, words.level, words.source, words.stage or "", words.event_type)
            if len(self._kinds) >= MAX_NAMES:
                self._kinds.clear()
            number = self._kinds[says] = self._number("kind", kind._asdict())
        return number

    def _meet(self, trail: int, says: Says, at: int) -> None:
        """An execution is known by the first entry that names it, whatever its type."""
        whom = says.words.labels
        if whom.execution_id:
            for table in self._executions:
                table.meet(whom.execution_id, whom.job_id or "", trail=trail, at=at)

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


def _blocks_of(seqs: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Each block that rising seqs lie in, and where its own begin and end among them."""
    start = 0
    while start < len(seqs):
        block = seqs[start] // BLOCK_ENTRIES
        end = bisect_left(seqs, (block + 1) * BLOCK_ENTRIES, start)
        yield block, start, end
        start = end


def _behind(run: Run, as_of: int) -> Run:
    """The lines of the run whose seq is above all before; the others were there already."""
    seqs = run.seqs
    if seqs[0] > as_of and all(map(lt, seqs, seqs[1:])):
        return run
    numbers: list[int] = []
    for number, seq in enumerate(seqs):
        if seq > as_of:
            numbers.append(number)
            as_of = seq
    return run.chosen(numbers)
