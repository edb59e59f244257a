"""Batches over many trails."""

import os
from pathlib import Path

import pytest

from tasktrail.model.ids import TrailKey
from tasktrail.store.layout import Layout
from tasktrail.store.trail import TrailWriter
from tasktrail.store.trail_batch import write_documents, write_trails
from tests.support.store_trails import Synced, add, files_of, new_root, open_descriptors

KEYS = [TrailKey("tasks", f"t{number}") for number in range(30)]


def opened(layout: Layout) -> list[TrailWriter]:
    """Writers of many trails, each with some events to write."""
    writers = [TrailWriter.open(layout, key, keep_below=0) for key in KEYS]
    for writer in writers:
        add(writer, range(1, 5))
    return writers


def test_a_batch_never_holds_more_files_than_it_may(tmp_path: Path) -> None:
    """However many trails it touches, a batch in groups gives what one in a piece gives."""
    once, grouped = new_root(tmp_path / "a"), new_root(tmp_path / "b")
    before = open_descriptors()
    write_trails(opened(grouped), max_open_files=10)
    left_open = open_descriptors() - before
    writers = opened(once)
    write_trails(writers)
    for writer in writers:
        writer.close()

    assert left_open <= 20
    for key in KEYS:
        assert files_of(once.trail(key)) == files_of(grouped.trail(key))


@pytest.mark.parametrize("max_open_files", [1, 10, 512])
def test_everything_is_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, max_open_files: int
) -> None:
    """Every file and directory of every trail is synced, whatever the groups."""
    layout, synced = new_root(tmp_path), Synced()
    writers = opened(layout)
    monkeypatch.setattr("tasktrail.store.files.FILES_PER_SYNC", 10_000)
    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "fdatasync", synced)
    write_trails(writers, max_open_files=max_open_files)
    for writer in writers:
        writer.close()

    written = {path for key in KEYS for path in layout.trail(key).iterdir()}
    assert set(synced.paths) == written | {layout.trail(key) for key in KEYS} | {layout.tasks}


def test_trails_without_news_cost_nothing(tmp_path: Path) -> None:
    """A writer to which nothing was added opens no file."""
    layout = new_root(tmp_path)
    writers = [TrailWriter.open(layout, key, keep_below=0) for key in KEYS]
    before = open_descriptors()
    write_trails(writers)

    assert open_descriptors() == before
    assert list(layout.tasks.iterdir()) == []


@pytest.mark.parametrize("max_open_files", [1, 10, 512])
def test_documents_are_the_same_in_groups(tmp_path: Path, max_open_files: int) -> None:
    """However many documents share their syncs, each is written, and resting trails rest again."""
    layout = new_root(tmp_path)
    writers = opened(layout)
    write_trails(writers)
    before = open_descriptors()
    for writer in writers:
        writer.rest()
    at_rest = open_descriptors()
    write_documents(writers, force=True, max_open_files=max_open_files)

    assert before > at_rest == open_descriptors()
    assert all(layout.document(key, "metadata").exists() for key in KEYS)
    assert not any(writer.due_documents(force=True) for writer in writers)


def test_many_documents_cost_few_syncs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sync of the file system before they get their names and one after, however many."""
    writers = opened(new_root(tmp_path))
    write_trails(writers)
    single = Synced()
    monkeypatch.setattr(os, "fsync", single)
    monkeypatch.setattr(os, "fdatasync", single)
    write_documents(writers, force=True)
    for writer in writers:
        writer.close()

    assert single.paths == []
