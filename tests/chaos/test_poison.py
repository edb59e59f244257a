"""Poison: sent with numbers, found again in the journals of dead letters."""

import base64
import json
import random
from pathlib import Path

from tasktrail.chaos.checker import Allowed, Verdict, check
from tasktrail.chaos.poison import LEDGER, MARKER, Poison, read_dead, read_poison
from tests.support.chaos_trails import gap_line, write_trail


def test_only_what_redis_took_was_sent(tmp_path: Path) -> None:
    """A refused entry has no place in the ledger; numbers are never given twice."""
    poison, dice = Poison(tmp_path), random.Random(1)
    first = poison.commands(dice)
    poison.note([b"5-%d" % n for n in range(len(first) - 1)] + [ValueError("OOM")])
    poison.commands(dice)
    poison.note([])  # Redis died meanwhile
    third = poison.commands(dice)

    assert len(read_poison(tmp_path)) == len(first) - 1
    assert read_poison(tmp_path)[0] == "5-0"
    assert all(command[:3] == ("XADD", "task_events", "*") for command in third)
    assert all(MARKER.search(" ".join(map(str, command)).encode()) for command in third)


def write_dead(root: Path, *letters: tuple[int, bytes]) -> None:
    """A journal with these letters: when, and what came."""
    (root / "dead").mkdir(parents=True, exist_ok=True)
    lines = [{"at": at, "raw": base64.b64encode(raw).decode()} for at, raw in letters]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (root / "dead" / "redis-s.jsonl").write_text(text, encoding="ascii")


def judged(folder: Path, *letters: tuple[int, bytes], removes: bool = False) -> Verdict:
    """The verdict of a run in which poison 0 and 1 were sent."""
    ledgers = folder / "ledgers"
    ledgers.mkdir(parents=True, exist_ok=True)
    (ledgers / LEDGER).write_text("0 5-0\n1 6-0\n", encoding="ascii")
    write_dead(folder / "root", *letters)
    return check(folder / "root", ledgers, Allowed(removes_from_redis=removes))


def test_all_poison_set_aside_is_clean(tmp_path: Path) -> None:
    """A letter that was written twice, byte for byte, is one."""
    verdict = judged(tmp_path, (5, b"poison#0"), (5, b"poison#0"), (6, b"{poison#1"))

    assert (verdict.poison, verdict.is_clean) == (2, True)


def test_what_is_wrong_with_dead_letters_is_found(tmp_path: Path) -> None:
    """Missing, there twice, or something that was no poison."""
    missing = judged(tmp_path / "a", (5, b"poison#0"))
    twice = judged(tmp_path / "b", (5, b"poison#0"), (7, b"poison#0"), (6, b"poison#1"))
    other = judged(tmp_path / "c", (5, b"poison#0"), (6, b"poison#1"), (7, b"http-1#3"))

    assert (missing.lost, twice.duplicated, other.invented) == (1, 1, 1)
    assert read_dead(tmp_path / "c" / "root").others == ["http-1#3"]


def test_poison_that_was_removed_is_told_by_a_gap(tmp_path: Path) -> None:
    """As every other entry of the stream."""
    gap = gap_line(stream="s", after="5-0", before="7-0", missing=1)
    write_trail(tmp_path / "root", "sessions/tasktrail", [gap])
    verdict = judged(tmp_path, (5, b"poison#0"), removes=True)

    assert (verdict.removed, verdict.lost) == (1, 0)
