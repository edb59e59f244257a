"""The judgement: each kind of error is found, and nothing else is called one."""

from datetime import datetime
from pathlib import Path

import pytest

from tasktrail.chaos.checker import ERRORS, Allowed, check
from tests.support.chaos_trails import event_line, gap_line, write_ledger, write_trail


def judged(folder: Path, numbers: list[int], *, producer: str = "http-1") -> dict[str, int]:
    """The errors of a run in which 0 to 4 were accepted and these stand in the trail."""
    write_ledger(folder / "ledgers", producer, (0, 4, ""))
    write_trail(folder / "root", "tasks/t-1", [event_line(producer, n) for n in numbers])
    verdict = check(folder / "root", folder / "ledgers", Allowed())
    return {name: count for name in ERRORS if (count := getattr(verdict, name))}


def test_what_was_accepted_and_is_there_is_fine(tmp_path: Path) -> None:
    """No error, and a clean verdict."""
    assert judged(tmp_path, [0, 1, 2, 3, 4]) == {}


@pytest.mark.parametrize(
    ("numbers", "errors"),
    [
        ([0, 1, 3, 4], {"lost": 1}),
        ([0, 1, 2, 2, 3, 4], {"duplicated": 1}),
        ([0, 2, 1, 3, 4], {"reordered": 1}),
        ([0, 1, 2, 3, 4, 5], {"invented": 1}),
    ],
)
def test_each_error_is_found(tmp_path: Path, numbers: list[int], errors: dict[str, int]) -> None:
    """Lost, twice, late, or never sent."""
    assert judged(tmp_path, numbers) == errors


def test_a_shuffled_producer_is_promised_no_order(tmp_path: Path) -> None:
    """It sends in another order than it counts."""
    assert judged(tmp_path, [3, 1, 0, 4, 2], producer="shuffled-1") == {}


def test_altered_content_is_found(tmp_path: Path) -> None:
    """Every byte of an event follows from its name."""
    write_ledger(tmp_path / "ledgers", "http-1", (0, 0, ""))
    line = event_line("http-1", 0)
    line["event"] = {"data": {"chaos": "http-1#0", "filler": "something else"}}
    write_trail(tmp_path / "root", "tasks/t-1", [line])

    assert check(tmp_path / "root", tmp_path / "ledgers", Allowed()).altered == 1


def removed(folder: Path, *gaps: dict[str, object]) -> dict[str, int]:
    """The figures of a run in which entries 5-0 to 5-2 were removed from Redis."""
    folder.mkdir(exist_ok=True)
    write_ledger(folder / "ledgers", "bare-1", (0, 2, "5-0,5-1,5-2"), (3, 3, "9-0"))
    write_trail(folder / "root", "tasks/t-1", [event_line("bare-1", 3)])
    write_trail(folder / "root", "sessions/tasktrail", [gap_line(**gap) for gap in gaps])
    verdict = check(folder / "root", folder / "ledgers", Allowed(removes_from_redis=True))
    return {name: getattr(verdict, name) for name in ("lost", "removed", "misplaced")}


def test_removed_entries_may_be_missing_where_a_gap_tells(tmp_path: Path) -> None:
    """A gap that covers them explains them."""
    gap = {"stream": "s", "after": "4-0", "before": "9-0", "missing": 3}

    assert removed(tmp_path, gap) == {"lost": 0, "removed": 3, "misplaced": 0}


def test_removed_entries_that_nothing_tells_are_lost(tmp_path: Path) -> None:
    """Silence is what must not be."""
    assert removed(tmp_path) == {"lost": 3, "removed": 0, "misplaced": 0}


def test_a_gap_elsewhere_explains_no_more_than_it_counts(tmp_path: Path) -> None:
    """Its number may stand for entries before it, not for more of them than it says."""
    enough = {"stream": "s", "after": "6-0", "before": "9-0", "missing": 3}
    too_few = enough | {"missing": 2}

    assert removed(tmp_path / "a", enough) == {"lost": 0, "removed": 0, "misplaced": 3}
    assert removed(tmp_path / "b", too_few) == {"lost": 3, "removed": 0, "misplaced": 0}


def late(folder: Path, *, accepted: tuple[str, str], tries: int) -> int:
    """How many are reordered where 1 stands before 0, accepted at those times."""
    write_ledger(folder / "ledgers", "redis-1", *[(0, 1, "9-0,9-1")] * tries)
    lines = [
        event_line("redis-1", number) | {"recorded_at": at}
        for number, at in zip((1, 0), accepted, strict=True)
    ]
    write_trail(folder / "root", "tasks/t-1", lines)
    return check(folder / "root", folder / "ledgers", Allowed()).reordered


def test_a_stream_s_own_order_is_no_fault_of_ours(tmp_path: Path) -> None:
    """A Redis that took the end of a batch first, and all of it later; else late is late."""
    assert late(tmp_path / "a", accepted=("10:00", "10:01"), tries=2) == 0
    assert late(tmp_path / "b", accepted=("10:00", "10:00"), tries=2) == 1
    assert late(tmp_path / "c", accepted=("10:00", "10:01"), tries=1) == 1


def test_a_batch_that_a_cut_tore_apart_is_told_apart(tmp_path: Path) -> None:
    """Accepted by Redis right before a cut, both of them; anything else late is an error."""
    cut = datetime.fromisoformat("2026-11-22T10:00:01Z").timestamp()
    write_ledger(tmp_path / "ledgers", "redis-1", (0, 3, "7-0,7-1,8-0,8-1"))
    times = ("09:00:00", "10:00:00", "10:00:00.5")
    lines = [
        event_line("redis-1", number) | {"recorded_at": f"2026-11-22T{times[when]}Z"}
        for number, when in ((1, 0), (0, 0), (3, 2), (2, 1))
    ]
    write_trail(tmp_path / "root", "tasks/t-1", lines)
    verdict = check(tmp_path / "root", tmp_path / "ledgers", Allowed(cuts=(cut,)))

    assert (verdict.refilled, verdict.reordered) == (1, 1)


def test_a_gap_that_nothing_explains_is_an_error(tmp_path: Path) -> None:
    """Nobody removed anything, nobody cut the power."""
    gaps = [gap_line(stream="s", missing=1), gap_line(outbox="x"), gap_line(door="spool")]
    write_trail(tmp_path / "root", "sessions/tasktrail", gaps)

    assert check(tmp_path / "root", tmp_path / "ledgers", Allowed()).unexplained == 3


def test_unsynced_events_may_be_lost_at_a_cut_only(tmp_path: Path) -> None:
    """Write-through events are kept but for the published window before a power cut."""
    ledgers = tmp_path / "ledgers"
    ledgers.mkdir()
    told = "try 0 1\ngot 0 0 1000.0 \ngot 1 1 1008.0 \n"
    (ledgers / "sdk-1.ledger").write_text(told, encoding="ascii")
    verdict = check(tmp_path / "root", ledgers, Allowed(cuts=(1008.5,)))

    assert (verdict.in_window, verdict.lost) == (1, 1)
