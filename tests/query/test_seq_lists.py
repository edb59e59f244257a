"""Lists of seqs: all that match, packed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasktrail.model.filters import parse_filter
from tasktrail.query import seq_lists, text_pages
from tasktrail.query.seq_lists import SeqList, pack, unpack
from tests.query.histories import reader_of
from tests.support.make_trails import Trails, log_lines


@given(st.sets(st.integers(1, 1 << 53)), st.integers(0, 1 << 53))
def test_what_is_packed_can_be_unpacked(seqs: set[int], after: int) -> None:
    """In their order, from any place on."""
    rising = [seq for seq in sorted(seqs) if seq > after]

    assert list(unpack(pack(rising, after), after)) == rising


def test_near_seqs_take_a_byte_each() -> None:
    """So a million of them fit into a megabyte."""
    assert pack([7, 8, 135, 264], 0) == b"\x07\x01\x7f\x81\x01"


@pytest.mark.parametrize("few", [-1, 1 << 30], ids=["bytes", "candidates"])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", list(range(1, 31))),
        ("level:error", [30]),
        ("line", list(range(1, 30))),
        ("-line", [30]),
        ("seq:4..6", [4, 5, 6]),
        ("nowhere", []),
    ],
)
def test_all_that_match_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str, expected: list[int], few: int
) -> None:
    """By any filter, whatever finds them, indexed or not."""
    monkeypatch.setattr(seq_lists, "FEW_CANDIDATES", few)
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 20))
        trails.index_all()
        trails.record(*log_lines(trails, 9), trails.log("bad", level="error"))
        found = reader_of(trails).seqs("gh-1", parse_filter({"q": [query]}))

    assert list(unpack(found.blob, 0)) == expected
    assert (found.count, found.head, found.is_partial) == (len(expected), 30, False)
    assert found.next_after_seq is None


@pytest.mark.parametrize("query", ["", "line"])
def test_a_list_goes_on_where_it_ended(tmp_path: Path, query: str) -> None:
    """The seq behind which there is more."""
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 25))
        reader, after, seen = reader_of(trails), 0, list[int]()
        while True:
            wanted = parse_filter({"q": [query], "after_seq": [str(after)]})
            found: SeqList = reader.seqs("gh-1", wanted, limit=10)
            seen += unpack(found.blob, after)
            if found.next_after_seq is None:
                break
            after = found.next_after_seq

    assert seen == list(range(1, 26))


def test_a_list_that_takes_too_long_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in it is right."""
    monkeypatch.setattr(seq_lists.seqs_of, "__kwdefaults__", {"limit": 10, "seconds": -1})
    monkeypatch.setattr(seq_lists, "FEW_CANDIDATES", -1)
    monkeypatch.setattr(text_pages, "LOOKS_AT_ONCE", 1)
    with Trails(tmp_path) as trails:
        trails.record(*log_lines(trails, 25))
        found = reader_of(trails).seqs("gh-1", parse_filter({"q": ["line"]}), limit=10)

    assert found.is_partial
    assert list(unpack(found.blob, 0)) == [1]
