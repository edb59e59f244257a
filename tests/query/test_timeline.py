"""The timeline of a task, in columns."""

from pathlib import Path
from typing import Any

import pytest

from tasktrail.query import timeline
from tasktrail.query.rows import Row
from tests.query.histories import reader_of, said
from tests.support.make_trails import Trails

AT = "2026-01-01T00:00:%02dZ"
SECOND_0 = 1_767_225_600_000


def at(second: int, kind: str, worker: str = "w-1", **data: object) -> bytes:
    """An event of that second."""
    return said(kind, timestamp=AT % second, worker_id=worker, data=data)


CALLS = (
    at(9, "task:api_call", model="opus", duration_ms=2_500),
    at(10, "task:tool_call", name="Bash", input={"command": "ls"}),
    at(12, "task:tool_result", tool_name="Bash", content="no", is_error=True),
    at(13, "task:output", "w-2", content="first line\nsecond"),
    at(14, "task:raw_output", raw_output="everything again"),
    at(15, "task:user_input", content="yes"),
    at(16, "knowledge:query", "w-2", query="where"),
    at(17, "task:tool_call", "w-2", name="Read", input={}),
)


def rows_of(answer: Row) -> list[tuple[object, ...]]:
    """The deeds as rows: worker, kind, second, how long, words, whether failed, seq."""
    deeds = answer["deeds"]
    return [
        (
            answer["workers"][worker],
            kind,
            (start - SECOND_0) / 1_000,
            took,
            answer["words"][word],
            *rest,
        )
        for worker, kind, start, took, word, *rest in zip(*deeds.values(), strict=True)
    ]


@pytest.mark.parametrize("is_indexed", [True, False])
def test_deeds_stand_by_worker_and_time(tmp_path: Path, is_indexed: bool) -> None:  # noqa: FBT001
    """Model calls with what they took, a tool with its result, words as their first line."""
    with Trails(tmp_path) as trails:
        trails.record(*CALLS)
        if is_indexed:
            trails.index_all()
        answer = reader_of(trails).timeline("gh-1")

    assert rows_of(answer) == [
        ("w-1", "api", 6.5, 2_500, "opus", False, 1),
        ("w-1", "tool", 10.0, 2_000, 'Bash {"command":"ls"}', True, 2),
        ("w-1", "user", 15.0, 0, "yes", False, 6),
        ("w-2", "said", 13.0, 0, "first line…", False, 4),
        ("w-2", "knowledge", 16.0, 0, "where", False, 7),
        ("w-2", "tool", 17.0, None, "Read {}", False, 8),
    ]
    assert (answer["total_count"], answer["read"]) == (7, 7)


def test_tools_side_by_side_are_told_apart(tmp_path: Path) -> None:
    """By the name of the call, which sources give under two keys."""
    with Trails(tmp_path) as trails:
        trails.record(
            at(1, "task:tool_call", name="Task", input={}, _tool_use_id="a"),
            at(2, "task:tool_call", name="Task", input={}, tool_use_id="b"),
            at(5, "task:tool_result", tool_name="Task", content="", tool_use_id="b"),
            at(9, "task:tool_result", tool_name="Task", content="", _tool_use_id="a"),
        )
        deeds = reader_of(trails).timeline("gh-1")["deeds"]

    assert (deeds["seq"], deeds["took_ms"]) == ([1, 2], [8_000, 3_000])


def test_a_timeline_is_made_of_the_first_entries(tmp_path: Path) -> None:
    """As many as asked for; it says how many there are."""
    with Trails(tmp_path) as trails:
        trails.record(*CALLS[:2])
        trails.index_all()
        trails.record(*CALLS[2:])
        answer = reader_of(trails).timeline("gh-1", limit=3)

    assert (answer["total_count"], answer["read"]) == (7, 3)
    assert [row[-1] for row in rows_of(answer)] == [1, 2]


@pytest.mark.parametrize(
    ("said_of_it", "took", "words", "is_failed"),
    [
        ({"model": 7, "duration_ms": "1200"}, 0, "a model", False),
        ({"model": "m", "duration_ms": -5}, 0, "m", False),
        ({"model": "m", "duration_ms": 1e300}, SECOND_0 + 9_000, "m", False),
        ({"model": "m", "duration_ms": True, "success": False}, 0, "m", True),
        ({"model": " ", "duration_ms": [1], "success": "no"}, 0, "a model", False),
    ],
)
def test_a_call_that_tells_nonsense_is_a_call(
    tmp_path: Path, said_of_it: dict[str, Any], took: int, words: str, *, is_failed: bool
) -> None:
    """Of no length where it tells none, by a model that nobody named."""
    with Trails(tmp_path) as trails:
        trails.record(at(9, "task:api_call", **said_of_it))
        (deed,) = rows_of(reader_of(trails).timeline("gh-1"))

    assert deed[3:6] == (took, words, is_failed)


def test_words_that_are_cut_say_so(tmp_path: Path) -> None:
    """A hundred and twenty characters are read at a glance."""
    with Trails(tmp_path) as trails:
        trails.record(*(at(1, "task:user_input", content="x" * size) for size in (120, 121)))
        answer = reader_of(trails).timeline("gh-1")

    assert answer["words"] == ["x" * 120, "x" * 120 + "…"]


def test_who_did_it_may_be_unknown(tmp_path: Path) -> None:
    """A worker without a name; what is said as an error has failed."""
    with Trails(tmp_path) as trails:
        trails.record(said("task:output", level="critical", data={"content": "x"}))
        answer = reader_of(trails).timeline("gh-1")

    assert answer["workers"] == [""]
    assert answer["deeds"]["is_failed"] == [True]


def test_a_line_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    """It costs itself."""
    with Trails(tmp_path) as trails:
        trails.record(*(at(second, "task:user_input", content=f"{second}") for second in range(5)))
        trails.index_all()
        path = trails.layout.tasks / "gh-1" / "02-user-inputs.jsonl"
        first, *others = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"?" * (len(first) - 1) + b"\n" + b"".join(others))
        answer = reader_of(trails).timeline("gh-1")

    assert [row[4] for row in rows_of(answer)] == ["1", "2", "3", "4"]
    assert answer["read"] == 5


def test_what_is_read_for_one_timeline_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its bytes too; it says how much was read, and that is one entry at least."""
    with Trails(tmp_path) as trails:
        trails.record(*(at(1, "task:user_input", content="x" * 1_000) for _ in range(5)))
        reader = reader_of(trails)
        read = []
        for most in (10, 3_900, 1_000_000):
            monkeypatch.setattr(timeline, "MOST_BYTES", most)
            read.append(reader.timeline("gh-1")["read"])

    assert read == [1, 3, 5]


def test_a_task_that_did_nothing_has_an_empty_timeline(tmp_path: Path) -> None:
    """Lists without anything in them."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("x"))
        answer = reader_of(trails).timeline("gh-1")

    assert (answer["workers"], answer["words"], answer["deeds"]["seq"]) == ([], [], [])
