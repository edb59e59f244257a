"""The stages of a task: begun, ended, nested, counted."""

from pathlib import Path

import pytest

from tasktrail.errors import TornEntry
from tasktrail.model.channels import EVENTS
from tasktrail.model.entry import Entry, parse_line
from tasktrail.model.ids import TrailKey
from tasktrail.query import stages
from tasktrail.query.stages import entry_of_stage, fold_stages
from tests.query.histories import reader_of, said, staged
from tests.support.make_trails import Trails


@pytest.mark.parametrize("is_indexed", [True, False])
def test_stages_come_in_the_order_in_which_they_appeared(tmp_path: Path, is_indexed: bool) -> None:  # noqa: FBT001
    """One that starts again is one of its own; one that only entries name has no status."""
    with staged(tmp_path, is_indexed=is_indexed) as trails:
        stages = reader_of(trails).stages("gh-1")["stages"]

    told = [(one["stage"], one["number"], one["status"], one["entries"]) for one in stages]
    assert told == [
        ("plan", 1, "failed", 3),
        ("sub", 1, "completed", 2),
        ("plan", 2, "active", 2),
        ("named", 1, None, 1),
    ]


def test_a_stage_knows_its_times_its_error_and_what_lies_around_it(tmp_path: Path) -> None:
    """Seconds between its events; the stage that was open when it started."""
    with staged(tmp_path) as trails:
        plan, sub, again, _ = reader_of(trails).stages("gh-1")["stages"]

    assert (plan["duration_seconds"], plan["error"], plan["errors"]) == (4.0, "bad", 2)
    assert (sub["parent"], sub["depth"]) == ({"stage": "plan", "number": 1}, 1)
    assert (plan["first_seq"], plan["last_seq"], again["first_seq"]) == (2, 6, 7)
    assert again["completed_at"] is None
    assert again["duration_seconds"] is None


def test_workers_do_not_nest_in_each_other(tmp_path: Path) -> None:
    """Stages of two workers at a time stand beside each other."""
    with Trails(tmp_path) as trails:
        trails.record(
            said("stage:started", stage="a", worker_id="w-1"),
            said("stage:started", stage="b", worker_id="w-2"),
            said("stage:completed", stage="a", worker_id="w-1", data={"duration_ms": 9}),
        )
        stages = reader_of(trails).stages("gh-1")["stages"]

    assert [(one["stage"], one["depth"], one["status"]) for one in stages] == [
        ("a", 0, "completed"),
        ("b", 0, "active"),
    ]


def test_an_end_without_a_beginning_says_what_it_knows(tmp_path: Path) -> None:
    """Its duration as reported; when it began nobody said."""
    with Trails(tmp_path) as trails:
        trails.record(said("stage:completed", stage="a", data={"duration_ms": 1500}))
        (stage,) = reader_of(trails).stages("gh-1")["stages"]

    assert (stage["started_at"], stage["duration_seconds"]) == (None, 1.5)


def test_a_task_without_stages_has_none(tmp_path: Path) -> None:
    """An empty list, not an absent one."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("x"))

        assert reader_of(trails).stages("gh-1") == {"task_id": "gh-1", "stages": []}


@pytest.mark.parametrize("lines", [3, 2_500])
def test_a_stage_that_starts_again_has_what_was_said_since(tmp_path: Path, lines: int) -> None:
    """Whether its entries are read in one go, or each stretch is asked about."""
    with Trails(tmp_path) as trails:
        for _ in range(2):
            said_within = (trails.log(f"{at}", stage="a", level="error") for at in range(lines))
            trails.record(said("stage:started", stage="a"), *said_within, trails.log("elsewhere"))
        trails.index_all()
        first, again = reader_of(trails).stages("gh-1")["stages"]

    assert (first["entries"], first["errors"]) == (again["entries"], again["errors"])
    assert (first["entries"], first["errors"], first["warnings"]) == (lines + 1, lines, 0)
    assert (first["first_seq"], first["last_seq"]) == (1, lines + 1)
    assert (again["first_seq"], again["last_seq"]) == (lines + 3, 2 * lines + 3)
    assert first["first_at"] < first["last_at"] < again["first_at"] < again["last_at"]


def test_stages_that_never_end_lie_within_each_other(tmp_path: Path) -> None:
    """However deep, and however many."""
    deep = 1_200
    with Trails(tmp_path) as trails:
        trails.record(*(said("stage:started", stage=f"s{at}") for at in range(deep)))
        stages = reader_of(trails).stages("gh-1")["stages"]

    assert (len(stages), stages[-1]["depth"]) == (deep, deep - 1)
    assert stages[-1]["parent"] == {"stage": f"s{deep - 2}", "number": 1}


RECORDED = b'"recorded_at":"2026-01-01T00:00:01.000000Z","pos":0,'
LINES = [
    b'{"seq":1,"id":"a","timestamp":"2026-01-01T00:00:00Z",%b"event":{%b},"h":"0"}'
    % (RECORDED, said)
    for said in (
        b'"event_type":"stage:started","stage":"a","worker_id":"w","attempt":2',
        b'"event_type":"stage:started","data":{"stage":"a","worker_id":"w","attempt":"2"}',
        b'"event_type":"stage:completed","stage":7,"data":{"stage":"b","duration_ms":"9"}',
        b'"event_type":"stage:failed","stage":"\\u00e9","data":{"error":{"deep":[1]}}',
        b'"event_type":"stage:failed","stage":null,"data":{"message":"no"},"more":[1,2]',
    )
]
UNUSUAL = [
    LINES[0].replace(b',"h":"0"', b""),
    LINES[0].replace(b'"h"', b'"attempt":3,"h"'),
    LINES[0].replace(b'"2026-01-01T00:00:00Z"', b"7"),
    LINES[0].replace(b"2026-01-01T00:00:01.000000Z", b"whenever"),
]


@pytest.mark.parametrize("line", LINES + UNUSUAL)
def test_a_stages_line_read_the_short_way_tells_what_the_general_way_tells(line: bytes) -> None:
    """Whatever it says, and with keys that no line of ours has."""
    trail = TrailKey("tasks", "gh-1")

    short, general = (entry_of_stage(line, trail), parse_line(line, EVENTS, trail))

    assert fold_stages([short]) == fold_stages([general])
    assert (short.seq, short.id, short.recorded_at) == (
        general.seq,
        general.id,
        general.recorded_at,
    )


@pytest.mark.parametrize("line", [b"", b"[]", LINES[0][:-9], LINES[0].replace(b'"id":"a",', b"")])
def test_a_stages_line_that_cannot_be_read_is_torn(line: bytes) -> None:
    """As in the general way."""
    with pytest.raises(TornEntry):
        entry_of_stage(line, TrailKey("tasks", "gh-1"))


def test_lines_of_stages_take_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """The general way is for lines with other keys alone."""
    seen: list[bytes] = []

    def spy(line: bytes, channel: str, trail: TrailKey) -> Entry:
        seen.append(line)
        return parse_line(line, channel, trail)

    monkeypatch.setattr(stages, "parse_line", spy)
    for line in LINES + UNUSUAL:
        entry_of_stage(line, TrailKey("tasks", "gh-1"))

    assert seen == UNUSUAL[:2]
