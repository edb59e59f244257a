"""All that an index says, without the numbers that depend on the order in which it was made."""

from tasktrail.index.database import Queries
from tasktrail.index.entries import Span, candidates_of, pairs_of
from tasktrail.index.state import positions_of
from tasktrail.index.tasks import TrailState, find_state
from tasktrail.model.filters import EntryFilter
from tasktrail.store.catalog import iter_trails
from tests.support.make_trails import Trails


def digest_of(trails: Trails) -> dict[str, object]:
    """Positions, and per trail: state, kinds with their counts, pointers by filter."""
    with trails.index.snapshot() as queries:
        known = (find_state(queries, key) for key in iter_trails(trails.layout))
        return {"positions": positions_of(queries)} | {
            state.key.name: _trail(queries, state) for state in known if state is not None
        }


def _trail(queries: Queries, state: TrailState) -> dict[str, object]:
    kinds = pairs_of(queries, state.number)
    levels = {one.kind.level for one in kinds}
    return {
        "task": state.task,
        "read": (state.as_of, state.created, state.updated, state.damaged, state.places),
        "kinds": {(one.kind, one.whom): (one.entries, *one[5:]) for one in kinds},
        "by_level": {
            level: candidates_of(queries, state.number, EntryFilter(level=(level,))).pointers(
                queries, "up", Span()
            )
            for level in levels
        },
        "of_worker": candidates_of(queries, state.number, EntryFilter(worker_id=("a",))).pointers(
            queries, "down", Span()
        ),
    }
