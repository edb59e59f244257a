"""Costs, workers and sessions depend on the entries alone, however and when they were read."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tasktrail.index.call_rows import call_row_of
from tasktrail.index.costs import costs_by
from tasktrail.index.writer import IndexWriter
from tasktrail.model.codec import encode
from tasktrail.model.ids import TrailKey
from tasktrail.model.ledger_filters import CostFilter
from tests.support.make_trails import Trails
from tests.support.money_digest import money_digest

TASKS = ["gh-1", "gh-2", "gh-3"]
WORKERS = ["w-1", "w-2"]
SESSIONS = ["s-1", "s-2"]
MODELS = ["claude-sonnet-4-5", "claude-haiku-4-5", "nobody-knows-it"]
TYPES = [
    *["task:api_call"] * 6,
    "task:completed",
    "task:failed",
    "task:status",
    "worker:spawned",
    "worker:completed",
    "session:started",
    "session:ended",
    "coordinator:event",
    "task:log",
]
tokens = st.one_of(st.none(), st.integers(0, 400_000), st.just(-1))
figures = {
    "call_id": st.sampled_from(["m1", "m2", "m3"]),
    "model": st.sampled_from(MODELS),
    "input_tokens": tokens,
    "output_tokens": tokens,
    "cache_read_tokens": tokens,
    "cache_write_1h_tokens": tokens,
    "tokens_total": tokens,
    "cost_usd": st.sampled_from([0, 0.5, 2, "0.1", None]),
    "success": st.booleans(),
    "is_embedded": st.booleans(),
    "is_sidechain": st.booleans(),
    "is_estimated": st.booleans(),
    "status": st.sampled_from(["active", "completed", "failed", "detected"]),
    "attempt": st.integers(1, 3),
    "pid": st.integers(1, 9),
    "log_file": st.sampled_from(["a.jsonl", "b.jsonl"]),
    "git_commit": st.sampled_from(["c1", "c2"]),
    "issue_number": st.integers(1, 3),
    "event_type": st.sampled_from(["decision", "error"]),
    "model_usage": st.fixed_dictionaries(
        {
            "claude-sonnet-4-5": st.fixed_dictionaries(
                {"inputTokens": tokens, "outputTokens": tokens, "cacheReadInputTokens": tokens}
            )
        }
    ),
}
ids = st.one_of(
    st.fixed_dictionaries({"task_id": st.sampled_from(TASKS)}),
    st.fixed_dictionaries({"session_id": st.sampled_from(SESSIONS)}),
    st.fixed_dictionaries({"worker_id": st.sampled_from(WORKERS)}),
    st.fixed_dictionaries(
        {
            "task_id": st.sampled_from(TASKS),
            "worker_id": st.sampled_from(WORKERS),
            "session_id": st.sampled_from(SESSIONS),
        }
    ),
)
times = st.sampled_from(
    ["2026-01-15T12:00:00Z", "2026-01-15T12:14:59.999999Z", "2026-01-15T12:15:00Z", "no time"]
)


@st.composite
def events(draw: st.DrawFn) -> bytes:
    """An event about money or about who worked."""
    names = draw(st.sets(st.sampled_from(sorted(figures)), min_size=2, max_size=9))
    data = {name: draw(figures[name]) for name in names}
    envelope = {"type": draw(st.sampled_from(TYPES)), "timestamp": draw(times)}
    return encode(envelope | draw(ids) | {"data": data})


histories = st.lists(
    st.tuples(st.lists(events(), min_size=1, max_size=8), st.booleans()),
    max_size=6,
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(histories, st.sampled_from([1, 3]), st.sampled_from([0, 1]))
def test_costs_of_a_rebuilt_index_are_the_live_ones(
    history: list[tuple[list[bytes], bool]], partitions: int, lost: int
) -> None:
    """Read as it came, all at once, or with a trail that is taken away: the same rows and sums."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Trails(Path(folder), partitions=partitions) as one,
    ):
        for batch, is_indexed in history:
            one.record(*batch)
            if is_indexed:
                one.index_all()
        if lost:
            one.index_all()
            take_away(one, TrailKey("tasks", TASKS[0]))
        one.index_all()
        live = money_digest(one)
        expect_sums(one)
        one.indexer.rebuild()

        assert money_digest(one) == live


def take_away(trails: Trails, key: TrailKey) -> None:
    """The trail is gone from disk, and the indexer is told to look at it."""
    shutil.rmtree(trails.layout.trail(key), ignore_errors=True)
    with trails.database.writing() as writing:
        writer = IndexWriter(writing, trails.layout)
        writer.advance(key, below=1 << 60, max_entries=1_000)
        writer.flush()


def expect_sums(trails: Trails) -> None:
    """Every way to group gives the same total: what the single calls come to."""
    with trails.index.snapshot() as queries:
        rows = [call_row_of(row) for row in queries.query("calls_after", call=0, limit=-1)]
        known = sum(row.cost or 0 for row in rows)
        for by in ("model", "task", "session", "worker", "day", "status"):
            groups = costs_by(queries, CostFilter(), by)
            assert groups == costs_by(queries, CostFilter(since=0), by)
            assert sum(sums.parts for sums in groups.values()) == len(rows), by
            assert sum(sums.cost for sums in groups.values()) == known, by
