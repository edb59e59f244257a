"""Faults at calls: counted, and met at exactly the one that was told."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasktrail.chaos.injection import Injection

ONE = 1


def written(folder: Path, injection: Injection, blobs: list[bytes]) -> list[int]:
    """How many bytes each write told that it wrote."""
    fd = os.open(folder / "file", os.O_CREAT | os.O_WRONLY)
    try:
        return [injection.meet("write", os.write, fd, blob) for blob in blobs]
    finally:
        os.close(fd)


def test_calls_are_counted_while_armed(tmp_path: Path) -> None:
    """Nothing happens to them where no fault is told."""
    injection = Injection()
    written(tmp_path, injection, [b"ab"])
    injection.arm("", 0)
    written(tmp_path, injection, [b"ab", b"cd"])
    injection.disarm()

    assert injection.calls == ["write", "write"]


def test_the_nth_call_fails(tmp_path: Path) -> None:
    """With the error that was told, and nothing written."""
    injection = Injection()
    injection.arm("ENOSPC", 2)

    with pytest.raises(OSError, match="No space left"):
        written(tmp_path, injection, [b"ab", b"cd"])
    assert (tmp_path / "file").read_bytes() == b"ab"


def test_a_short_write_writes_half(tmp_path: Path) -> None:
    """And tells the truth about it."""
    injection = Injection()
    injection.arm("short", 1)

    assert written(tmp_path, injection, [b"abcd"]) == [2]
    assert (tmp_path / "file").read_bytes() == b"ab"


@pytest.mark.parametrize(("fault", "left"), [("kill", b""), ("kill-after", b"ab")])
def test_a_kill_comes_before_or_after_the_call(tmp_path: Path, fault: str, left: bytes) -> None:
    """The process is gone either way; the call was made, or not."""
    status = in_a_fork(lambda: _write_armed(tmp_path, fault))

    assert status == -9
    assert (tmp_path / "file").read_bytes() == left


def _write_armed(folder: Path, fault: str) -> None:
    injection = Injection()
    injection.arm(fault, ONE)
    written(folder, injection, [b"ab"])


def in_a_fork(act: Callable[[], Any]) -> int:
    """How a child that did this ended."""
    child = os.fork()
    if child == 0:
        act()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
