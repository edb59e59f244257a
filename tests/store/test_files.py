"""Opening, writing, syncing and replacing files."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasktrail.errors import StorageFailed
from tasktrail.store import files
from tests.support.store_trails import Synced, open_descriptors


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> Synced:
    """What is synced from here on."""
    kept = Synced()
    monkeypatch.setattr(os, "fsync", kept)
    monkeypatch.setattr(os, "fdatasync", kept)
    return kept


@pytest.fixture
def open_umask() -> Iterator[None]:
    """A process that would let everybody read what it creates."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode_of(path: Path) -> int:
    """The permission bits of a path."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("open_umask")
def test_files_and_directories_are_private_under_any_umask(tmp_path: Path) -> None:
    """What is created belongs to its owner alone, even when the umask allows more."""
    files.make_directory(tmp_path / "a" / "b")
    os.close(files.open_file(tmp_path / "a" / "new", create=True))
    files.atomic_write(tmp_path / "a" / "replaced", b"x")
    files.write_first(tmp_path / "a" / "first", b"x")

    assert mode_of(tmp_path / "a") == mode_of(tmp_path / "a" / "b") == 0o700
    modes = {path.name: mode_of(path) for path in (tmp_path / "a").iterdir() if path.is_file()}
    assert modes == dict.fromkeys(["first", "new", "replaced"], 0o600)


def test_a_file_is_private_under_a_strict_umask(tmp_path: Path) -> None:
    """A umask that takes more than it should does not lock the owner out."""
    before = os.umask(0o777)
    try:
        os.close(files.open_file(tmp_path / "new", create=True))
    finally:
        os.umask(before)

    assert mode_of(tmp_path / "new") == 0o600


def test_a_linked_file_is_refused(tmp_path: Path) -> None:
    """A link is never followed, neither to read nor to write, and the message says so."""
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "link").symlink_to(tmp_path / "secret")

    with pytest.raises(StorageFailed, match=r"link.*is a link"):
        files.open_file(tmp_path / "link", create=True)
    with pytest.raises(StorageFailed, match="ELOOP"):
        files.open_to_read(tmp_path / "link")


def test_a_linked_directory_is_refused(tmp_path: Path) -> None:
    """A directory is opened only under its own name."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")

    with pytest.raises(StorageFailed, match="is a link"):
        files.open_directory(tmp_path / "link")


def test_a_planted_pipe_blocks_nobody(tmp_path: Path) -> None:
    """Only regular files are opened, and the refusal comes at once."""
    os.mkfifo(tmp_path / "pipe")
    before = open_descriptors()

    with pytest.raises(StorageFailed, match="regular file"):
        files.open_to_read(tmp_path / "pipe")
    assert open_descriptors() == before


def test_a_missing_file_is_no_failure(tmp_path: Path) -> None:
    """Whether a file is there is a question that has an answer."""
    with pytest.raises(FileNotFoundError):
        files.open_to_read(tmp_path / "missing")
    with pytest.raises(FileNotFoundError):
        files.open_file(tmp_path / "missing")


def test_a_full_disk_is_told_with_the_path() -> None:
    """What the system refuses is told with path and reason."""
    fd = os.open("/dev/full", os.O_RDWR)
    try:
        with pytest.raises(StorageFailed, match=r"cannot write /dev/full: ENOSPC"):
            files.write_at(fd, b"x", 0)
    finally:
        os.close(fd)


def test_a_short_write_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that the system did not take at once are written by the next call."""
    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, blob, at: real(fd, bytes(blob)[:3], at))
    fd = files.open_file(tmp_path / "file", create=True)
    files.write_at(fd, b"0123456789", 2)
    os.close(fd)

    assert (tmp_path / "file").read_bytes() == b"\0\x000123456789"


def test_a_replaced_file_is_whole_and_alone(tmp_path: Path) -> None:
    """The new bytes stand under the name, and no temporary file stays."""
    (tmp_path / ".doc.json.tmp").write_bytes(b"left by a crash")
    files.atomic_write(tmp_path / "doc.json", b"one")
    files.atomic_write(tmp_path / "doc.json", b"two")

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"doc.json": b"two"}


def test_replacing_a_planted_link_spares_its_target(tmp_path: Path) -> None:
    """A link under the name, or under the temporary name, is replaced and not written through."""
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "doc.json").symlink_to(tmp_path / "secret")
    (tmp_path / ".doc.json.tmp").symlink_to(tmp_path / "secret")
    files.atomic_write(tmp_path / "doc.json", b"new")

    assert (tmp_path / "secret").read_bytes() == b"secret"
    assert (tmp_path / "doc.json").read_bytes() == b"new"
    assert not (tmp_path / "doc.json").is_symlink()


def test_the_first_write_wins(tmp_path: Path) -> None:
    """Only the first of two writers makes the file."""
    first = files.write_first(tmp_path / "mark", b"mine")
    second = files.write_first(tmp_path / "mark", b"yours")

    assert (first, second) == (True, False)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"mark": b"mine"}


@pytest.mark.parametrize("count", [3, files.FILES_PER_SYNC + 4])
def test_many_files_are_synced_like_few(tmp_path: Path, count: int) -> None:
    """Files and directories can be synced in any number; a bad descriptor is a failure."""
    fds = [files.open_file(tmp_path / str(n), create=True) for n in range(count)]
    directory = files.open_directory(tmp_path)
    try:
        files.sync_files([*fds, directory])
    finally:
        for fd in (*fds, directory):
            os.close(fd)

    with pytest.raises((StorageFailed, OSError)):
        files.sync_files(fds)


def test_a_directory_s_entries_are_synced_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory gets an fsync: its new entries are not what fdatasync promises."""
    calls: list[int] = []
    monkeypatch.setattr(os, "fsync", calls.append)
    file, directory = files.open_file(tmp_path / "f", create=True), files.open_directory(tmp_path)
    files.sync_files([file, directory])
    os.close(file)
    os.close(directory)

    assert calls == [directory]


def test_a_directory_under_a_file_is_refused(tmp_path: Path) -> None:
    """A path that cannot be a directory is told as such."""
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StorageFailed, match="cannot make directory"):
        files.make_directory(tmp_path / "file" / "below")


def test_a_cut_file_ends_there(tmp_path: Path) -> None:
    """A file can be cut at any size."""
    fd = files.open_file(tmp_path / "file", create=True)
    files.write_at(fd, b"0123456789", 0)
    files.truncate(fd, 4)
    os.close(fd)

    assert files.read_all(tmp_path / "file") == b"0123"


def test_a_renamed_file_replaces_the_other(tmp_path: Path) -> None:
    """The file has its new name, and what had it is gone."""
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    files.replace_file(tmp_path / "a", tmp_path / "b")

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"b": b"a"}


def test_a_file_is_on_disk_before_it_has_its_name(tmp_path: Path, synced: Synced) -> None:
    """The bytes are synced first, then the directory that names them; a new directory too."""
    files.atomic_write(tmp_path / "a", b"x")
    files.write_first(tmp_path / "b", b"x")
    files.make_directory(tmp_path / "c")
    files.replace_file(tmp_path / "a", tmp_path / "d")
    above = tmp_path.name

    assert synced.names()[:2] == [".a.tmp", above]
    assert synced.names()[2].startswith(".b.")
    assert synced.names()[3:] == [above, above, above]


def test_a_relative_replacement_syncs_its_directory(tmp_path: Path, synced: Synced) -> None:
    """A name in an open directory is as durable as a path."""
    directory = files.open_directory(tmp_path)
    files.atomic_write("a", b"x", dir_fd=directory)
    os.close(directory)

    assert synced.names() == [".a.tmp", tmp_path.name]


def test_many_files_are_replaced_whole(tmp_path: Path) -> None:
    """Neither what a crash left nor a planted link is written through."""
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / ".a.tmp").write_bytes(b"left by a crash, and longer than what comes")
    (tmp_path / ".b.tmp").symlink_to(tmp_path / "secret")
    directory = files.open_directory(tmp_path)
    files.replace_all([files.Replacement(directory, name, b"x") for name in "ab"])
    os.close(directory)

    found = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert found == {"a": b"x", "b": b"x", "secret": b"secret"}


def test_many_replacements_share_the_sync_of_their_directory(
    tmp_path: Path, synced: Synced
) -> None:
    """The bytes of all are synced before any has its name, the directory once, at the end."""
    directory = files.open_directory(tmp_path)
    files.replace_all([files.Replacement(directory, name, b"x") for name in "abc"])
    os.close(directory)

    assert synced.names() == [".a.tmp", ".b.tmp", ".c.tmp", tmp_path.name]
