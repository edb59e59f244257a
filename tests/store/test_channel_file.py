"""One channel of an open trail."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasktrail.errors import StorageFailed
from tasktrail.store.channel_file import ChannelFile
from tasktrail.store.files import open_directory, open_file


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[int]:
    """A descriptor of the trail's directory."""
    fd = open_directory(tmp_path)
    yield fd
    os.close(fd)


def lines_of(file: ChannelFile, directory: int | None) -> list[bytes]:
    """The channel's lines."""
    return [one.line for one in file.lines(directory)]


def test_waiting_lines_are_seen_before_and_after_they_are_written(directory: int) -> None:
    """Where a line will stand is known at once, and it is readable there at once."""
    file = ChannelFile("08-log.jsonl")
    offsets = [file.append(b"one\n"), file.append(b"two\n")]
    waiting = [file.line_at(directory, offset) for offset in offsets]
    file.write(directory)
    offsets.append(file.append(b"three\n"))

    assert waiting == [b"one", b"two"]
    assert [file.line_at(directory, offset) for offset in offsets] == lines_of(file, directory)
    assert lines_of(file, directory) == [b"one", b"two", b"three"]
    file.rest()


def test_a_long_line_is_read_whole(directory: int) -> None:
    """A line longer than what is read at once comes back in one piece."""
    file = ChannelFile("08-log.jsonl")
    long = b"x" * (3 << 20)
    file.append(b"one\n")
    offset = file.append(long + b"\n")
    file.append(b"three\n")
    file.write(directory)

    assert file.line_at(directory, offset) == long
    file.rest()


def test_a_failed_write_can_be_repeated(tmp_path: Path, directory: int) -> None:
    """The same bytes land at the same place, over what the failure left there."""
    file = ChannelFile("08-log.jsonl")
    file.append(b"one\n")
    file.write(directory)
    file.append(b"two\n")
    with (tmp_path / file.name).open("ab") as other:
        other.write(b"half\ntw")
    left_out = lines_of(file, directory)
    file.write(directory)
    os.ftruncate(file.open(directory), file.end)
    file.rest()

    assert left_out == [b"one", b"two"]
    assert (tmp_path / file.name).read_bytes() == b"one\ntwo\n"


def test_a_rested_channel_goes_on_at_its_end(tmp_path: Path, directory: int) -> None:
    """What waits survives the rest, and the file is opened again by itself."""
    file = ChannelFile("08-log.jsonl")
    file.append(b"one\n")
    file.write(directory)
    file.append(b"two\n")
    file.rest()
    file.write(directory)

    assert (tmp_path / file.name).read_bytes() == b"one\ntwo\n"
    assert lines_of(file, directory) == [b"one", b"two"]
    file.rest()


def test_a_channel_that_was_changed_while_it_rested_is_refused(
    tmp_path: Path, directory: int
) -> None:
    """Nothing is written over a file that is not what it was."""
    file = ChannelFile("08-log.jsonl")
    file.append(b"one\n")
    (tmp_path / file.name).write_bytes(b"somebody else\n")
    with pytest.raises(StorageFailed, match="expected 0 bytes"):
        file.write(directory)
    (tmp_path / file.name).write_bytes(b"on")
    file.found(open_file(tmp_path / file.name), 4)
    file.rest()

    with pytest.raises(StorageFailed, match="expected 4 bytes, found 2"):
        file.write(directory)


def test_lines_that_come_together_stand_where_single_ones_would(directory: int) -> None:
    """The next line's place and the file's bytes are the same."""
    file = ChannelFile("08-log.jsonl")
    file.extend([b"one\n", b"two\n"])

    assert file.append(b"three\n") == len(b"one\ntwo\n")
    assert lines_of(file, directory) == [b"one", b"two", b"three"]
