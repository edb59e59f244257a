"""The cost conformance corpus: every documented mistake is made by others, and not here."""

from pathlib import Path

import msgspec
import pytest

from tests.costs.corpus import CASES, Case, found, ledger_of, record
from tests.support.index_digest import digest_of
from tests.support.make_trails import Trails

PATHS = sorted(CASES.glob("*.json"))
LEAST_CASES = 40


def case_in(path: Path) -> Case:
    """The case in that file."""
    return msgspec.json.decode(path.read_bytes(), type=Case)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_documented_mistake_is_not_made(path: Path, tmp_path: Path) -> None:
    """Tokens and cost are what a person works out by hand."""
    case = case_in(path)
    with Trails(tmp_path) as trails:
        record(trails, case, tmp_path)
        answer = ledger_of(trails).costs(case.ask)

    assert found(answer, case.expected) == case.expected, case.arithmetic


@pytest.mark.parametrize("path", PATHS[::9], ids=lambda path: path.stem)
def test_a_rebuilt_index_counts_the_same(path: Path, tmp_path: Path) -> None:
    """However the trails were read before: live, entry by entry, or all at once."""
    case = case_in(path)
    with Trails(tmp_path) as trails:
        trails.record(b'{"type":"task:log","task_id":"before","data":{}}')
        trails.index_all()
        record(trails, case, tmp_path)
        ledger = ledger_of(trails)
        live = ledger.costs(case.ask), digest_of(trails)
        trails.indexer.rebuild()

        assert (ledger.costs(case.ask), digest_of(trails)) == live


def test_every_case_tells_where_it_comes_from() -> None:
    """A case is worth something when its mistake can be looked up and its figure checked."""
    cases = [case_in(path) for path in PATHS]
    names = {case.name for case in cases}
    thin = [case.name for case in cases if not (case.source and case.why and case.arithmetic)]

    assert len(names) == len(cases) >= LEAST_CASES
    assert thin == []
    assert [case.name for case in cases if (case.events is None) == (case.files is None)] == []
