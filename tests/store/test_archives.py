"""Journals that have grown are set aside and compressed; nothing of them is lost."""

from pathlib import Path

from tasktrail.store.archives import (
    archives_of,
    count_archived,
    iter_all_lines,
    journals_in,
    set_aside,
)
from tasktrail.store.journal import Journal


def append(path: Path, *lines: bytes) -> None:
    """The lines at the end of the journal."""
    journal = Journal.open(path, keep=None)
    journal.append(b"".join(line + b"\n" for line in lines))
    journal.close()


def test_what_is_set_aside_stays_readable_in_its_order(tmp_path: Path) -> None:
    """Archives first, oldest first, then the journal."""
    path = tmp_path / "0.jsonl"
    for number in range(3):
        append(path, b"%d-a" % number, b"%d-b" % number)
        set_aside(path)
    append(path, b"last")

    names = [b"%d-%b" % (number, part) for number in range(3) for part in (b"a", b"b")]
    assert list(iter_all_lines(path)) == [*names, b"last"]
    assert count_archived(path) == 6
    assert [one.number for one in archives_of(path)] == [1, 2, 3]


def test_archives_are_smaller(tmp_path: Path) -> None:
    """That is what they are for."""
    path = tmp_path / "0.jsonl"
    append(path, *[b"the same words again and again"] * 10_000)
    before = path.stat().st_size
    set_aside(path)

    assert not path.exists()
    (packed,) = tmp_path.iterdir()
    assert packed.stat().st_size < before / 20


def test_a_crash_before_compressing_neither_loses_nor_doubles(tmp_path: Path) -> None:
    """A rename is whole or not at all; the next time compresses what was left."""
    path = tmp_path / "0.jsonl"
    append(path, b"a")
    path.rename(tmp_path / "0.000001-1.jsonl")
    seen = list(iter_all_lines(path))
    append(path, b"b")
    set_aside(path)

    assert seen == [b"a"]
    assert list(iter_all_lines(path)) == [b"a", b"b"]
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "0.000001-1.jsonl.gz",
        "0.000002-1.jsonl.gz",
    ]


def test_a_crash_while_compressing_neither_loses_nor_doubles(tmp_path: Path) -> None:
    """Both forms of one archive are one archive."""
    path = tmp_path / "0.jsonl"
    append(path, b"a")
    set_aside(path)
    (tmp_path / "0.000001-1.jsonl").write_bytes(b"a\n")

    assert list(iter_all_lines(path)) == [b"a"]


def test_what_is_set_aside_while_it_is_read_is_read_once(tmp_path: Path) -> None:
    """A reader that is overtaken goes on with the archives."""
    path = tmp_path / "0.jsonl"
    append(path, b"a")
    set_aside(path)
    append(path, b"b")
    lines = iter_all_lines(path)
    first = next(lines)
    set_aside(path)
    append(path, b"c")

    assert [first, *lines] == [b"a", b"b", b"c"]


def test_journals_are_found_by_their_archives_too(tmp_path: Path) -> None:
    """After a crash only an archive may be there; names with dots stay apart."""
    (tmp_path / "redis-a.b.000007-3.jsonl.gz").write_bytes(b"")
    (tmp_path / "0.jsonl").write_bytes(b"")
    (tmp_path / ".0.jsonl.tmp").write_bytes(b"")
    (tmp_path / "replayed.log").write_bytes(b"")

    assert [one.name for one in journals_in(tmp_path)] == ["0.jsonl", "redis-a.b.jsonl"]
    assert archives_of(tmp_path / "redis-a.jsonl") == []
