"""Roots and services of a test's own."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from tasktrail.settings import Settings


def settings_in(folder: Path, **changes: object) -> Settings:
    """Settings for a root in that folder."""
    settings = Settings(data=folder / "root", logs_dir=folder / "root" / "tasks", port=0)
    return msgspec.structs.replace(settings, **changes)


def event(task_id: str = "gh-1", **fields: object) -> bytes:
    """A log event as its producer sends it."""
    return msgspec.json.encode({"type": "task:log", "task_id": task_id} | fields)


def tree_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file with its size and time, to see whether anything changed."""
    return {
        str(path): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
    }


@contextmanager
def reading_only(folder: Path) -> Iterator[None]:
    """While it lasts nothing in the folder can be changed, as on a volume mounted read-only.

    An ordinary user takes the rights away; for the super-user they mean nothing, so the folder is
    mounted read-only over itself, which skips where a container may not mount.
    """
    if os.geteuid() != 0:
        folder.chmod(0o500)
        try:
            yield
        finally:
            folder.chmod(0o700)
        return
    place = str(folder)
    subprocess.run(["mount", "--bind", place, place], capture_output=True, check=False)
    again = ["mount", "-o", "remount,ro,bind", place]
    if subprocess.run(again, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount")
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)
