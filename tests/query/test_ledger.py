"""The ledger waits for the index, and says when it did not come after."""

from pathlib import Path

import pytest

from tasktrail.errors import InvalidFilter, TaskNotFound
from tasktrail.query.ledger import Ledger
from tasktrail.query.reader import Reader
from tests.support.make_trails import Trails
from tests.support.money import call


def test_an_answer_that_may_lack_the_newest_says_so(tmp_path: Path) -> None:
    """And one that has everything does not."""
    with Trails(tmp_path) as trails:
        trails.record(call("t"))
        trails.index_all()
        trails.record(call("t"))
        reader = Reader(trails.layout, trails.root, trails.index, wait_seconds=0)
        behind = reader.ledger.costs()
        trails.index_all()
        whole = reader.ledger.costs()

    assert (behind["total"]["calls"], behind.get("behind")) == (1, True)
    assert (whole["total"]["calls"], whole.get("behind")) == (2, None)


def test_relative_times_count_from_the_clock(tmp_path: Path) -> None:
    """Which is the machine's, unless another is given."""
    noon = 1_768_478_400_000_000
    with Trails(tmp_path) as trails:
        trails.record(call("t"))
        trails.index_all()
        reader = Reader(trails.layout, trails.root, trails.index)
        late = Ledger(reader, lambda: noon + 3_600_000_000)

        assert late.costs({"since": ["2h"]})["total"]["calls"] == 1
        assert late.costs({"since": ["59m"]})["total"]["calls"] == 0
        assert reader.ledger.costs({"since": ["2026-01-01"]})["total"]["calls"] == 1


def test_what_is_asked_wrongly_is_refused(tmp_path: Path) -> None:
    """An unknown task, an unknown key."""
    with Trails(tmp_path) as trails:
        trails.index_all()
        ledger = Reader(trails.layout, trails.root, trails.index).ledger

        with pytest.raises(TaskNotFound):
            ledger.explain("nobody")
        for ask in (ledger.costs, ledger.workers, ledger.events):
            with pytest.raises(InvalidFilter, match="colour"):
                ask({"colour": ["red"]})
