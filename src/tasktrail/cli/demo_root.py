"""The root of a demo: the directory that was named, or one of its own that goes with the demo."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from platformdirs import user_cache_path

from tasktrail.store.files import make_directory
from tasktrail.store.locks import FileLock


class DemoRoot(NamedTuple):
    """Where a demo records, and whether that stays."""

    path: Path
    is_kept: bool


@contextmanager
def demo_root(named: str | None, *, cache: Path | None = None) -> Iterator[DemoRoot]:
    """The named root, which is kept; else a new one in the user's cache, removed at the end.

    What an earlier demo left there because it was killed is removed first.
    """
    if named:
        yield DemoRoot(Path(named), is_kept=True)
        return
    demos = (user_cache_path("tasktrail") if cache is None else cache) / "demo"
    make_directory(demos)
    _remove_abandoned(demos)
    name = secrets.token_hex(4)
    lock = FileLock(demos / f"{name}.lock")
    lock.acquire()
    try:
        yield DemoRoot(demos / name, is_kept=False)
    finally:
        _remove(demos / name, lock)


def _remove_abandoned(demos: Path) -> None:
    """Remove the roots of demos that no longer run; a running one holds its lock."""
    for path in demos.glob("*.lock"):
        lock = FileLock(path)
        if lock.acquire():
            _remove(path.with_suffix(""), lock)


def _remove(root: Path, lock: FileLock) -> None:
    shutil.rmtree(root, ignore_errors=True)
    lock.path.unlink(missing_ok=True)
    lock.release()
