"""Any filter gives the same entries by index, by searching bytes, and by reading all lines."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tasktrail.model.entry_filter import EntryFilter, matches
from tasktrail.model.filters import parse_filter
from tasktrail.model.view import row_of
from tasktrail.query import text_pages
from tasktrail.query.follow import Follow
from tasktrail.query.reader import Reader
from tasktrail.store.scan import iter_trail
from tests.support.event_strategies import event_blobs
from tests.support.make_trails import Trails, key_of

WORDS = ("a", "b", "git", "Kelvin \u212a", "stra\u00dfe", "needle", "50%", "任务", "é")
levels = st.sampled_from(["debug", "info", "warning", "error", "critical"])
names = st.sampled_from(["git", "a", "b", "g*", "*", "plan", "w-1", "gh-1"])
filters = st.fixed_dictionaries(
    {},
    optional={
        "level": st.lists(levels, min_size=1, max_size=2),
        "min_level": levels.map(lambda one: [one]),
        "source": st.lists(names, min_size=1, max_size=2),
        "stage": st.lists(names, min_size=1, max_size=2),
        "channel": st.lists(st.sampled_from(["log", "events", "agent_output"]), max_size=2),
        "worker_id": st.lists(names, min_size=1, max_size=1),
        "job_id": st.lists(names, min_size=1, max_size=1),
        "exclude": st.lists(
            st.sampled_from(["source:git", "level:info", "worker:*", "stage:plan"]), max_size=2
        ),
        "search": st.lists(
            st.sampled_from(["K", "ss", "NEEDLE", "%", "任务", "É", "a"]), max_size=2
        ),
        "without": st.lists(st.sampled_from(["k", "b"]), max_size=1),
        "from_seq": st.integers(0, 9).map(lambda one: [str(one)]),
        "to_seq": st.integers(0, 12).map(lambda one: [str(one)]),
        "since": st.just(["2025-11-22T01:46:44Z"]),
        "until": st.just(["2025-11-22T01:46:49Z"]),
    },
)
said = st.fixed_dictionaries(
    {"type": st.sampled_from(["task:log", "task:output", "task:created", "x"])},
    optional={
        "level": levels,
        "source": st.sampled_from(["git", "a", "agent"]),
        "stage": st.sampled_from(["plan", "a"]),
        "worker_id": st.sampled_from(["w-1", "w-2"]),
        "job_id": st.sampled_from(["a", "J"]),
        "data": st.fixed_dictionaries(
            {}, optional={"message": st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join)}
        ),
    },
)


def blobs(events: list[dict[str, object]], *, is_escaped: bool) -> list[bytes]:
    """The events as a producer sends them, letters as they are or as escapes."""
    import json  # noqa: PLC0415 - it can escape, msgspec cannot

    return [
        json.dumps({"task_id": "gh-1", **one}, ensure_ascii=is_escaped).encode() for one in events
    ]


def expected(trails: Trails, wanted: EntryFilter) -> list[dict[str, object]]:
    """The rows that a reading of all lines gives."""
    rows = [
        row_of(line, channel, key_of())
        for channel, line in iter_trail(trails.layout, key_of(), below=None)
    ]
    return [row for row in rows if matches(wanted, row)]


def seqs(rows: list[dict[str, object]]) -> list[object]:
    """Their seqs."""
    return [row["seq"] for row in rows]


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(
    st.lists(said, min_size=1, max_size=12),
    st.integers(0, 12),
    st.lists(filters, min_size=1, max_size=6),
    st.booleans(),
)
def test_a_filter_means_the_same_everywhere(
    monkeypatch: pytest.MonkeyPatch,
    events: list[dict[str, object]],
    indexed: int,
    asked: list[dict[str, list[str]]],
    is_escaped: bool,  # noqa: FBT001
) -> None:
    """Whatever part is indexed: pages, counts, histogram, search and a follower agree."""
    sent = blobs(events, is_escaped=is_escaped)
    with tempfile.TemporaryDirectory() as folder, Trails(Path(folder)) as trails:
        trails.record(*sent[:indexed])
        trails.index_all()
        trails.record(*sent[indexed:])
        reader = Reader(trails.layout, trails.root, trails.index, wait_seconds=0)
        for params in asked:
            wanted = parse_filter(params)
            rows = expected(trails, wanted)
            for few in (1 << 30, -1):  # by the candidates, by the bytes
                monkeypatch.setattr(text_pages, "FEW_CANDIDATES", few)
                page = reader.logs("gh-1", wanted)
                down = reader.logs("gh-1", wanted, order="desc", limit=2)
                assert seqs(page["logs"]) == seqs(rows)
                assert page["total_count"] == down["total_count"] == len(rows)
                assert seqs(down["logs"]) == seqs(rows)[::-1][:2]
            assert reader.stats("gh-1", wanted)["total"] == len(rows)
            assert reader.histogram("gh-1", wanted)["total_count"] == len(rows)
            found = [hit for step in reader.search(wanted) for hit in step.hits]
            assert seqs(found) == seqs(rows)[::-1]
            follow = Follow(reader, trails.watch)
            assert seqs(follow.next_batch("gh-1", wanted, after_seq=0).logs) == seqs(rows)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(st.lists(event_blobs(st.just({"task_id": "gh-1"})), min_size=1, max_size=8), filters)
def test_following_with_cuts_at_every_entry_equals_the_file(
    sent: list[bytes], params: dict[str, list[str]]
) -> None:
    """A follower that comes back after each entry sees what the trail holds, once, live or late."""
    wanted = parse_filter(params)
    with tempfile.TemporaryDirectory() as folder, Trails(Path(folder)) as trails:
        trails.record(*sent[:1])
        reader = Reader(trails.layout, trails.root, trails.index, wait_seconds=0)
        live, place, seen = Follow(reader, trails.watch), 0, list[object]()
        for event in (*sent[1:], None):
            while True:
                batch = live.next_batch("gh-1", wanted, after_seq=place, max_entries=1)
                seen += seqs(list(batch.logs))
                place = batch.after_seq
                if batch.is_complete:
                    break
            if event is not None:
                trails.record(event)
        rows = expected(trails, wanted)

        assert seen == seqs(rows)
        for cut in range(place + 1):
            late = Follow(reader, trails.watch).next_batch("gh-1", wanted, after_seq=cut)
            assert seqs(list(late.logs)) == [seq for seq in seqs(rows) if int(str(seq)) > cut]
