"""What a filter means in the index of one trail."""

from pathlib import Path

import pytest

from tasktrail.index.database import Queries
from tasktrail.index.entries import Span, candidates_of, kinds_of, last_pointers
from tasktrail.model.channels import EVENTS, LOG
from tasktrail.model.filters import parse_filter
from tests.support.make import event_bytes
from tests.support.make_trails import Trails


def recorded(folder: Path) -> Trails:
    """Seven entries of different kinds, indexed."""
    trails = Trails(folder)
    trails.record(
        event_bytes("task:created"),
        trails.log("two", level="warning", source="git"),
        trails.log("three", stage="plan", worker_id="w-1"),
        trails.log("four", level="error", item="a"),
        trails.log("five", level="debug", source="git", item="b", worker_id="w-1"),
        event_bytes("task:failed", data={"error": "six"}),
        trails.log("seven", timestamp="2020-01-01T00:00:00Z"),
    )
    trails.index_all()
    return trails


def found(queries: Queries, way: str = "up", **params: str) -> list[int]:
    """The seqs that match; counted, they are as many as the count says."""
    candidates = candidates_of(queries, 1, parse_filter({key: [v] for key, v in params.items()}))
    seqs = [one.seq for one in candidates.pointers(queries, way, Span())]
    assert candidates.total(queries) == candidates.count(queries, Span()) == len(seqs)
    return seqs


@pytest.mark.parametrize(
    ("params", "seqs"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7]),
        ({"level": "warning"}, [2]),
        ({"min_level": "warning"}, [2, 4, 6]),
        ({"source": "git"}, [2, 5]),
        ({"source": "nobody"}, []),
        ({"stage": "plan"}, [3]),
        ({"channel": "events"}, [1, 6]),
        ({"event_type": "task:failed"}, [6]),
        ({"worker_id": "w-1"}, [3, 5]),
        ({"worker_id": "w-1", "item": "b"}, [5]),
        ({"item": "c"}, []),
        ({"until": "2021-01-01"}, [7]),
        ({"since": "2021-01-01", "min_level": "error"}, [4, 6]),
    ],
)
def test_a_filter_finds_its_entries(
    tmp_path: Path, params: dict[str, str], seqs: list[int]
) -> None:
    """Every key of a filter that needs no text is answered by the index alone."""
    with recorded(tmp_path) as trails, trails.index.snapshot() as queries:
        assert found(queries, **params) == seqs
        assert found(queries, "down", **params) == seqs[::-1]


def test_a_span_limits_what_is_found(tmp_path: Path) -> None:
    """Both ends are excluded; offset and limit count what matches."""
    with recorded(tmp_path) as trails, trails.index.snapshot() as queries:
        candidates = candidates_of(queries, 1, parse_filter({}))
        up = candidates.pointers(queries, "up", Span(after=1, before=7, limit=2, offset=1))
        down = candidates.pointers(queries, "down", Span(after=1, before=7, limit=2))

        assert [one.seq for one in up] == [3, 4]
        assert [one.seq for one in down] == [6, 5]
        assert candidates.count(queries, Span(after=1, before=7)) == 5


def test_a_pointer_says_where_the_line_stands(tmp_path: Path) -> None:
    """The bytes at that place are the entry's line."""
    with recorded(tmp_path) as trails, trails.index.snapshot() as queries:
        (pointer,) = candidates_of(queries, 1, parse_filter({"level": ["warning"]})).pointers(
            queries, "up", Span()
        )
        path = trails.layout.trail(next(iter(trails._writers))) / "08-log.jsonl"  # noqa: SLF001
        line = path.read_bytes()[pointer.offset : pointer.offset + pointer.length]

        assert pointer.channel == LOG
        assert line.startswith(b'{"seq":2,')
        assert line.endswith(b"}")


def test_kinds_are_counted(tmp_path: Path) -> None:
    """Entries of one kind share it, with their number."""
    with recorded(tmp_path) as trails:
        trails.record(trails.log("eight", level="warning", source="git"))
        trails.index_all()
        with trails.index.snapshot() as queries:
            counted = {one.kind: one.entries for one in kinds_of(queries, 1)}
            last = last_pointers(queries, [1]).get(1)

    assert counted[LOG, "warning", "git", "", "task:log"] == 2  # type: ignore[index]
    assert counted[EVENTS, "error", "system", "", "task:failed"] == 1  # type: ignore[index]
    assert sum(counted.values()) == 8
    assert last is not None
    assert last.seq == 8
