"""Append-only journals beside the trails."""

import os
from pathlib import Path

import pytest

from tasktrail.errors import StorageFailed
from tasktrail.store.journal import Journal, is_below
from tests.support.store_trails import Synced


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> Synced:
    """What is synced from here on."""
    kept = Synced()
    monkeypatch.setattr(os, "fsync", kept)
    monkeypatch.setattr(os, "fdatasync", kept)
    return kept


def journal_of(path: Path, *lines: bytes, keep_below: int | None) -> bytes:
    """The journal's bytes after it was opened over those lines and one was appended."""
    path.write_bytes(b"".join(lines))
    journal = Journal.open(path, keep=None if keep_below is None else is_below(keep_below))
    journal.append(b'{"pos":9}\n')
    journal.close()
    return path.read_bytes()


def test_a_torn_tail_is_cut_before_anything_is_appended(tmp_path: Path) -> None:
    """A half line never becomes the beginning of the next one."""
    found = journal_of(tmp_path / "j", b'{"pos":1}\n', b'{"po', keep_below=None)

    assert found == b'{"pos":1}\n{"pos":9}\n'


def test_lines_that_will_be_replayed_are_cut(tmp_path: Path) -> None:
    """From the checkpoint on, everything is written anew; what is before it stays."""
    lines = (b'{"pos":1}\n', b"\0\0\n", b'{"pos":4}\n', b'{"pos":5}\n', b"\0\0\n", b'{"pos":6}\n')

    assert journal_of(tmp_path / "j", *lines, keep_below=5) == b"".join(lines[:3]) + b'{"pos":9}\n'


def test_without_a_checkpoint_whole_lines_stay(tmp_path: Path) -> None:
    """Lines that will not come again are kept, readable or not."""
    lines = (b'{"pos":1}\n', b"\0\0\n")

    assert journal_of(tmp_path / "j", *lines, keep_below=None) == b"".join(lines) + b'{"pos":9}\n'


def test_a_linked_journal_is_refused(tmp_path: Path) -> None:
    """A journal is a file of its own."""
    (tmp_path / "other").write_bytes(b"other")
    (tmp_path / "j").symlink_to(tmp_path / "other")

    with pytest.raises(StorageFailed, match="is a link"):
        Journal.open(tmp_path / "j", keep=None)
    assert (tmp_path / "other").read_bytes() == b"other"


def test_what_is_found_is_synced_before_it_is_trusted(tmp_path: Path, synced: Synced) -> None:
    """An owner may have died before its sync; a new journal's name is synced as well."""
    Journal.open(tmp_path / "j", keep=None).close()
    born = synced.names()
    journal = Journal.open(tmp_path / "j", keep=None)
    journal.append(b"{}\n")
    journal.close()
    Journal.open(tmp_path / "j", keep=None).close()

    assert born == ["j", tmp_path.name]
    assert synced.names()[-2:] == ["j", "j"]
