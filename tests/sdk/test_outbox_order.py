"""Outboxes of many processes are read in the order of their times, part by part."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tasktrail.model.frame import encode_frame
from tasktrail.sdk.outbox_files import OutboxFile, list_outboxes
from tasktrail.sdk.outbox_order import MAX_SOURCES, Round
from tasktrail.sdk.outbox_part import Part
from tasktrail.sdk.records import Renderer, head_of

AT = 1_700_000_000_000_000


class Outboxes:
    """A directory of outboxes, and what was taken on from it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.files: dict[Path, OutboxFile] = {}

    def leave(self, src: str, *times: int) -> Path:
        """What a dead process left that spoke at these times."""
        path = self.directory / f"{src}.jsonl"
        name = src.partition(".")[0]
        path.write_bytes(
            b"".join(encode_frame(AT + at, b"{}", identity=f"{name}:{at}") for at in times)
        )
        return path

    def bundle(self, src: str, *times: int) -> Path:
        """The same, all in one line."""
        path = self.directory / f"{src}.jsonl"
        head = head_of({"type": "task:log"})
        records = [((AT + at) * 1_000, head, str(at)) for at in times]
        path.write_bytes(Renderer(src).render(records, 0))
        return path

    def open(self, path: Path) -> OutboxFile:
        """Opened once."""
        if path not in self.files:
            self.files[path] = OutboxFile(path)
        return self.files[path]

    def round(self, *, max_events: int = 100, max_bytes: int = 1 << 20) -> Round:
        """The next round."""
        paths = list_outboxes(self.directory)
        return Round(paths, self.open, max_events=max_events, max_bytes=max_bytes)

    def taken(self, one_round: Round) -> list[list[str]]:
        """The identities of each batch."""
        return [
            [str(one.frame and one.frame.id) for _, one in batch] for batch in one_round.batches()
        ]


@pytest.fixture
def outboxes(tmp_path: Path) -> Iterator[Outboxes]:
    """An empty directory."""
    made = Outboxes(tmp_path)
    yield made
    for file in made.files.values():
        file.close()


def test_what_was_said_first_is_taken_first(outboxes: Outboxes) -> None:
    """Whichever process said it; all of it in one batch."""
    outboxes.leave("aa", 3, 4, 9)
    outboxes.leave("bb", 1, 5, 6)
    one_round = outboxes.round()
    taken = outboxes.taken(one_round)

    assert taken == [["bb:1", "aa:3", "aa:4", "bb:5", "bb:6", "aa:9"]]
    assert {rested.file.path.stem for rested in one_round.rested} == {"aa", "bb"}


def test_an_outbox_keeps_its_own_order(outboxes: Outboxes) -> None:
    """Also where its clock was set back."""
    outboxes.leave("aa", 5, 2, 7)
    outboxes.leave("bb", 3, 6)

    assert outboxes.taken(outboxes.round()) == [["bb:3", "aa:5", "aa:2", "bb:6", "aa:7"]]


def test_a_dead_outbox_is_read_whole(outboxes: Outboxes) -> None:
    """Part by part, over all of its files, in the order of its times among others."""
    outboxes.leave("aa", 1, 2, 3, 4, 5)
    outboxes.leave("aa.2", 6, 8)
    outboxes.leave("bb", 7)
    taken = [
        identity for batch in outboxes.taken(outboxes.round(max_events=2)) for identity in batch
    ]

    assert taken == ["aa:1", "aa:2", "aa:3", "aa:4", "aa:5", "aa:6", "bb:7", "aa:8"]


def test_the_round_ends_where_more_of_a_living_one_waits(outboxes: Outboxes) -> None:
    """What others said later waits for it, and comes in the next round."""
    living = Part.new(outboxes.directory / "aa.jsonl")
    lines = b"".join(encode_frame(AT + at, b"{}", identity=f"aa:{at}") for at in (1, 2, 3, 5))
    living.write_rest(lines, 0, 0)
    outboxes.leave("bb", 4, 6)
    rounds = [outboxes.taken(outboxes.round(max_events=3)) for _ in range(2)]
    living.close()

    assert rounds == [[["aa:1", "aa:2", "aa:3"]], [["bb:4", "aa:5", "bb:6"]]]


def test_a_line_may_be_taken_on_in_parts(outboxes: Outboxes) -> None:
    """What another process said in between stands there; nothing comes twice."""
    outboxes.bundle("aa", 1, 3, 5, 7)
    outboxes.leave("bb", 2, 4, 6)
    taken = outboxes.taken(outboxes.round(max_events=2))

    assert [identity[:2] for batch in taken for identity in batch] == ["aa", "bb"] * 3 + ["aa"]
    assert len(taken) > 1


def test_what_was_not_taken_on_comes_again(outboxes: Outboxes) -> None:
    """Who breaks off in the middle of a batch has passed nothing of it."""
    outboxes.bundle("aa", 1, 3, 5)
    outboxes.leave("bb", 2, 4)
    first = outboxes.round(max_events=2).batches()
    next(first)
    next(first)  # the first batch has arrived, the second one not
    again = outboxes.taken(outboxes.round())

    assert [identity[:2] for identity in again[0]] == ["aa", "bb", "aa"]


def test_damage_is_taken_where_it_stands(outboxes: Outboxes) -> None:
    """It has no time, and waits for nobody."""
    path = outboxes.leave("aa", 1, 9)
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + b"torn\n" + second)
    outboxes.leave("bb", 5)

    assert outboxes.taken(outboxes.round()) == [["aa:1", "None", "bb:5", "aa:9"]]


def test_a_batch_is_no_larger_than_it_may_be(outboxes: Outboxes) -> None:
    """Who sends it on has a limit: of large events, each comes alone."""
    for n in (1, 2, 3):
        outboxes.leave(f"a{n}", n)

    assert outboxes.taken(outboxes.round(max_bytes=2)) == [["a1:1"], ["a2:2"], ["a3:3"]]


def test_so_many_are_read_side_by_side(outboxes: Outboxes) -> None:
    """The others come in the next round."""
    for n in range(MAX_SOURCES + 1):
        outboxes.leave(f"{n:04x}", n)
    (batch,) = outboxes.taken(one_round := outboxes.round())

    assert len(batch) == len(one_round.rested) == MAX_SOURCES
