"""Rules about the place of a root: who may read it, what it stands on, how much room is left.

Everything is only looked at. Of very many trails a part is looked at: rights that are wrong are
rarely wrong in one place.
"""

import os
import resource
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from tasktrail.store.layout import Layout
from tasktrail.upkeep.findings import Finding

LOOSE: Final = 0o077  # rights of anybody but the owner
OWN: Final = 0o700  # rights without which the owner can add nothing to a directory
MOST_LOOKED_AT: Final = 5_000
SHOWN: Final = 3
MOUNTS: Final = Path("/proc/mounts")
NETWORKS: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.sshfs"}
)
FEW_INODES: Final = 10_000
MOST_USED_PERCENT: Final = 90
FEW_DESCRIPTORS: Final = 4_096
FUTURE_SECONDS: Final = 60


def check_rights(layout: Layout) -> Iterator[Finding]:
    """What others than the owner may read or write, where the owner may not, what is not ours."""
    looked_at = list(islice(_paths(layout), MOST_LOOKED_AT))
    loose = [path for path, mode, _ in looked_at if mode & LOOSE]
    if loose:
        more = f" and {len(loose) - SHOWN} more" if len(loose) > SHOWN else ""
        yield Finding(
            area="files",
            severity="warning",
            code="loose_permissions",
            message=f"others may get at {', '.join(map(str, loose[:SHOWN]))}{more}",
            advice=f"chmod -R go-rwx {layout.root}",
        )
    shut = [path for path, mode, _ in looked_at if path.is_dir() and mode & OWN != OWN]
    if shut:
        yield Finding(
            area="files",
            severity="error",
            code="shut_directories",
            message=f"nothing can be recorded in {', '.join(map(str, shut[:SHOWN]))}",
            advice=f"chmod -R u+rwX {layout.root}",
        )
    foreign = [path for path, _, owner in looked_at if owner != os.geteuid()]
    if foreign and os.geteuid() != 0:
        yield Finding(
            area="files",
            severity="error",
            code="foreign_files",
            message=f"{foreign[0]} and perhaps more belong to another user",
            advice=f"run everything of one root as one user; chown -R {os.geteuid()} {layout.root}",
        )


def _paths(layout: Layout) -> Iterator[tuple[Path, int, int]]:
    """Directories and files of the root, its own before those of the trails, with their rights."""
    folders = [layout.root, *(one for one in layout.directories(0) if one != layout.root)]
    for folder in folders:
        yield from _look(folder)
    for folder in (*folders, layout.root / "spool"):
        for path in _listed(folder):
            yield from _look(path)
            if path.is_dir() and not path.is_symlink():
                for inner in _listed(path):
                    yield from _look(inner)


def _listed(folder: Path) -> list[Path]:
    try:
        return list(islice(folder.iterdir(), MOST_LOOKED_AT))
    except OSError:
        return []


def _look(path: Path) -> Iterator[tuple[Path, int, int]]:
    try:
        found = path.lstat()
    except OSError:
        return
    if stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode):
        yield path, stat.S_IMODE(found.st_mode), found.st_uid


def check_volume(layout: Layout, *, mounts: Path = MOUNTS) -> Iterator[Finding]:
    """What the root stands on: a disk of this machine, with room."""
    kind = _kind_of(layout.root, mounts)
    if kind in NETWORKS:
        yield Finding(
            area="files",
            severity="error",
            code="network_volume",
            message=f"{layout.root} is on a network file system ({kind}): its locks may be lost",
            advice="keep the root on a disk of this machine",
        )
    found = os.statvfs(layout.root)
    total = (found.f_blocks - found.f_bfree + found.f_bavail) or 1
    used = 100 * (found.f_blocks - found.f_bfree) // total
    if used >= MOST_USED_PERCENT:
        free = found.f_bavail * found.f_frsize >> 20
        yield Finding(
            area="disk",
            severity="warning",
            code="little_space",
            message=f"{used} % of the volume are in use, {free:,} MiB are free",
            advice="free space; accepting stops before recording could fail, and goes on by itself",
        )
    if found.f_files and found.f_favail < FEW_INODES:
        yield Finding(
            area="disk",
            severity="warning",
            code="few_inodes",
            message=f"{found.f_favail:,} more files can be made on the volume",
            advice="each task needs a directory and up to eleven files: a volume with more inodes",
        )


def check_room(*, free: int, needed: int) -> Iterator[Finding]:
    """Whether every door is closed until there is room again."""
    if free < needed:
        yield Finding(
            area="disk",
            severity="error",
            code="accepting_stopped",
            message=f"nothing is accepted: {free >> 20:,} MiB are free, {needed >> 20:,} MiB are "
            "needed to be sure that what waits can be recorded",
            advice="free space: every door opens by itself; producers keep what they have",
        )


def _kind_of(path: Path, mounts: Path) -> str:
    """The type of the file system that holds the path; empty where the system does not tell."""
    best, kind = -1, ""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    for words in (line.split() for line in lines):
        point = Path(words[1].replace("\\040", " "))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), words[2]
    return kind


def check_descriptors() -> Iterator[Finding]:
    """How many files a process may have open here."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < FEW_DESCRIPTORS:
        yield Finding(
            area="files",
            severity="warning",
            code="few_descriptors",
            message=f"a process may have {hard:,} files open",
            advice=f"raise the hard limit of open files (ulimit -Hn) to {FEW_DESCRIPTORS:,}",
        )


def check_clock(layout: Layout, partitions: int, now: int) -> Iterator[Finding]:
    """A clock that was set back: times of acceptance would lie before those already given."""
    latest = 0.0
    for p in range(partitions):
        for path in (layout.checkpoint(p), *layout.spool(p).glob("*.jsonl")):
            try:
                latest = max(latest, path.stat().st_mtime)
            except OSError:
                continue
    ahead = latest - now / 1_000_000
    if ahead > FUTURE_SECONDS:
        yield Finding(
            area="clock",
            severity="warning",
            code="clock_behind",
            message=f"the root was written {ahead:,.0f} s in the future: the clock was set back",
            advice="check the time of this machine; order is kept by seq, times are not mended",
        )
