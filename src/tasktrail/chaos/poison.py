"""Poison: entries in Redis that cannot be events, sent among good ones.

Each carries its number, so a checker that reads nothing but journals of dead letters can say
whether each was set aside, once, and nothing else was.
"""

import base64
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct, field

from tasktrail.ingest.redis_pump_link import Command

LEDGER: Final = "poison.sent"
STREAM: Final = "task_events"
MARKER: Final = re.compile(rb"poison#([0-9]+)")
FEW, MANY = 20, 150  # more than a hundred in a row raise an alarm
MANY_CHANCE: Final = 0.3
FORMS: Final[tuple[Callable[[str], tuple[str, ...]], ...]] = (
    lambda mark: ("nothing", mark),
    lambda mark: ("type", "task:log", "task_id", "chaos-0", "data", f"{{{mark}"),
    lambda mark: ("type", "task:log", "data", json.dumps({"no": mark})),
    lambda mark: ("event", f"[{mark}]"),
    lambda mark: ("events", f'{{"{mark}'),
    lambda mark: ("events", "[" * 80 + f'"{mark}"' + "]" * 80),
)


class Dead(Struct):
    """What stands in the journals of dead letters."""

    letters: dict[int, int] = field(default_factory=dict)  # poison → how many different letters
    others: list[str] = field(default_factory=list)  # letters of something else


class Poison:
    """Whoever poisons; its ledger says what Redis has taken."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LEDGER
        self._next = 0

    def commands(self, dice: random.Random) -> list[Command]:
        """Some new poison, to be added to the stream."""
        most = MANY if dice.random() < MANY_CHANCE else FEW
        count = dice.randint(1, most)
        numbers = range(self._next, self._next + count)
        self._next += count
        return [
            ("XADD", STREAM, "*", *dice.choice(FORMS)(f"poison#{number}")) for number in numbers
        ]

    def note(self, replies: Sequence[object]) -> None:
        """These are the replies to the last commands; what was refused was never there."""
        first = self._next - len(replies)
        with self._path.open("a", encoding="ascii") as ledger:
            for number, reply in enumerate(replies, first):
                if isinstance(reply, bytes):
                    ledger.write(f"{number} {reply.decode()}\n")


def read_poison(ledgers: Path) -> dict[int, str]:
    """Every number that Redis has taken, with the id of its entry."""
    path = ledgers / LEDGER
    lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
    pairs = (line.split(" ") for line in lines)
    return {int(number): entry_id for number, entry_id in pairs}


def read_dead(root: Path) -> Dead:
    """What the journals say; a letter that was written twice, byte for byte, is one."""
    dead = Dead()
    for line in dict.fromkeys(_lines(root / "dead")):
        raw = base64.b64decode(json.loads(line)["raw"])
        marker = MARKER.search(raw)
        if marker is None:
            dead.others.append(raw[:80].decode("utf-8", "replace"))
            continue
        number = int(marker[1])
        dead.letters[number] = dead.letters.get(number, 0) + 1
    return dead


def _lines(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.glob("*.jsonl")):
        *whole, _ = path.read_bytes().split(b"\n")
        yield from whole
