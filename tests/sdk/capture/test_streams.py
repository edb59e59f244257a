"""What a command writes is shown at once and kept; who reads it decides as without us."""

import os
import threading
from pathlib import Path

import pytest

from tasktrail.sdk.capture.backlog import Backlog
from tasktrail.sdk.capture.streams import Stream, identity_of


def kept(backlog: Backlog) -> bytes:
    """Everything that is kept so far."""
    blocks = []
    while (chunk := backlog.take(0)) is not None:
        blocks.append(chunk.block)
    return b"".join(blocks)


def write_and_close(fd: int, blob: bytes) -> None:
    """All of it, and no more."""
    os.write(fd, blob)
    os.close(fd)


def test_it_is_shown_as_it_is_and_kept(tmp_path: Path) -> None:
    """Byte for byte, up to the end."""
    backlog, blob = Backlog(), bytes(range(256)) * 1_000
    shown = os.open(tmp_path / "shown", os.O_CREAT | os.O_RDWR)
    stream = Stream("stdout", backlog, shown_at=shown)
    writer = os.dup(stream.write_end)
    stream.begin()
    os.write(writer, blob)
    os.close(writer)
    stream.let_go()
    stream.join()

    assert (tmp_path / "shown").read_bytes() == blob
    assert kept(backlog) == blob
    assert stream.has_ended
    stream.close()
    os.close(shown)


def test_a_child_that_keeps_it_open_does_not_keep_us(tmp_path: Path) -> None:
    """After a moment we let go: what was written until then is kept, the rest can still be read."""
    backlog = Backlog()
    shown = os.open(tmp_path / "shown", os.O_CREAT | os.O_RDWR)
    stream = Stream("stdout", backlog, shown_at=shown)
    writer = os.dup(stream.write_end)
    stream.begin()
    os.write(writer, b"first\n")
    stream.let_go()
    stream.join()
    os.write(writer, b"late\n")

    assert not stream.has_ended
    assert kept(backlog) == b"first\n"
    assert os.read(stream.read_end, 100) == b"late\n"
    for fd in (writer, shown):
        os.close(fd)
    stream.close()


def test_who_reads_no_more_ends_the_command_s_output() -> None:
    """As without us: the next write of the command fails, it is told by SIGPIPE."""
    backlog = Backlog()
    reader, shown = os.pipe()
    os.close(reader)
    stream = Stream("stdout", backlog, shown_at=shown)
    writer = os.dup(stream.write_end)
    stream.begin()
    os.write(writer, b"first")
    stream.let_go()
    stream.join()

    with pytest.raises(BrokenPipeError):
        os.write(writer, b"second")
    assert kept(backlog) == b"first"
    for fd in (writer, shown):
        os.close(fd)
    stream.close()


def test_a_terminal_that_does_not_block_is_waited_for() -> None:
    """Some programs leave it so; nothing of what is shown is lost."""
    backlog, size = Backlog(), 1 << 20
    reader, shown = os.pipe()
    os.set_blocking(shown, False)
    stream = Stream("stdout", backlog, shown_at=shown)
    writer = os.dup(stream.write_end)
    stream.begin()
    threading.Thread(target=write_and_close, args=(writer, b"x" * size)).start()
    seen = 0
    while seen < size:
        seen += len(os.read(reader, 1 << 16))
    stream.let_go()
    stream.join()

    assert seen == len(kept(backlog)) == size
    for fd in (reader, shown):
        os.close(fd)
    stream.close()


def test_nobody_to_show_it_to_is_no_reason_to_stop() -> None:
    """With stdout closed, the trail is all the same complete."""
    backlog = Backlog()
    stream = Stream("stdout", backlog, shown_at=10_000)
    writer = os.dup(stream.write_end)
    stream.begin()
    os.write(writer, b"x")
    os.close(writer)
    stream.let_go()
    stream.join()

    assert kept(backlog) == b"x"
    stream.close()


def test_a_pipe_is_known_at_both_ends() -> None:
    """So that a command inside knows that it is read already; a closed one is nobody's."""
    reader, writer = os.pipe()
    same = identity_of(reader) == identity_of(writer)
    os.close(reader)
    os.close(writer)

    assert same
    assert identity_of(10_000) == ""
