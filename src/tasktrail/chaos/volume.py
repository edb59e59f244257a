"""A disk of its own whose power can be cut: a file system in a loop-mounted image.

The cut is the file system's own shutdown call, without a last flush of its journal: what was not
synced is gone, and until the volume is mounted again everything answers EIO. Root on Linux only.
`force_last_pages` puts the end of unsynced files on disk before their beginning, as a disk may do:
after the cut they have a hole in the middle. However this process ends, nothing stays mounted: a
guard waits for its end. Of a block that ends with an error the image stays, for a look at it.
"""

import ctypes
import fcntl
import os
import shutil
import struct
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from tasktrail.chaos.trouble import ChaosFailed, Unavailable

SHUTDOWN: Final = 0x8004587D  # EXT4_IOC_SHUTDOWN and XFS_IOC_GOINGDOWN are one number
NO_LOG_FLUSH: Final = 2
IMAGE_MIB: Final = {"ext4": 256, "xfs": 320}  # xfs refuses to be smaller than 300
MAKING: Final = {"ext4": ("-m", "0", "-b", "4096"), "xfs": ()}  # full is full, for root too
PAGE: Final = 4_096
WRITE_AND_WAIT: Final = 7  # of sync_file_range: wait, write, wait
UNMOUNT_SECONDS: Final = 20.0
LOOK_SECONDS: Final = 0.02
GUARD: Final = 'read -r _; while umount -l "$1" 2>/dev/null; do :; done'


def why_unavailable(kind: str) -> str | None:
    """What is missing to cut the power of such a file system here; `None`: nothing."""
    if sys.platform != "linux":
        return "needs Linux: the shutdown call of ext4 and xfs"
    if os.geteuid() != 0:
        return "needs root: to mount a file system of its own and to shut it down"
    for program in (f"mkfs.{kind}", "mount", "umount"):
        if shutil.which(program) is None:
            package = "xfsprogs" if kind == "xfs" else "e2fsprogs and mount"
            return f"needs {program}: install {package}"
    if not Path("/dev/loop-control").exists():
        return "needs loop devices: /dev/loop-control is missing"
    return None


class Volume:
    """One volume; a context manager that leaves nothing mounted."""

    def __init__(self, folder: Path, kind: str, *, mib: int | None = None) -> None:
        """`mib`: how large it is, else as small as the file system allows."""
        missing = why_unavailable(kind)
        if missing is not None:
            raise Unavailable(f"a power cut on {kind} {missing}")
        self.kind = kind
        self.path = folder.resolve() / f"{kind}-volume"
        self.cuts: list[float] = []
        self._image = folder / f"{kind}.img"
        self._mib = mib or IMAGE_MIB[kind]

    def __enter__(self) -> Self:
        self.path.mkdir(parents=True)
        with self._image.open("wb") as image:
            image.truncate(self._mib << 20)
        _run(f"mkfs.{self.kind}", "-q", *MAKING[self.kind], str(self._image))
        self._guard = _guard(self.path)
        try:
            self.mount()
        except BaseException:
            self._let_go()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None = None, *_: object) -> None:
        try:
            self.unmount()
        finally:
            self._let_go()
        if kind is None:
            self._image.unlink()

    def _let_go(self) -> None:
        """The guard has unmounted what still was, and is gone."""
        self._guard.communicate()

    def mount(self) -> None:
        """The volume is there; raises Unavailable where this machine does not let us."""
        try:
            _run("mount", "-o", "loop", str(self._image), str(self.path))
        except ChaosFailed as error:
            raise Unavailable(
                f"a power cut on {self.kind} needs a mount, refused: {error}"
            ) from error

    def unmount(self) -> None:
        """The volume is gone; waits for whoever still uses it."""
        deadline = time.monotonic() + UNMOUNT_SECONDS
        while self._is_mounted():
            try:
                _run("umount", str(self.path))
            except ChaosFailed:
                if time.monotonic() > deadline:
                    raise
                time.sleep(LOOK_SECONDS)

    def _is_mounted(self) -> bool:
        """By the system's table: a volume whose power is off cannot be looked at."""
        table = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
        return f" {self.path} " in table

    def cut(self) -> None:
        """The power is off: what was not synced never was."""
        fd = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self.cuts.append(time.time())
            fcntl.ioctl(fd, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(fd)

    def power_on(self) -> None:
        """The volume is back, its journal replayed; whoever used it must be gone."""
        self.unmount()
        self.mount()

    def sync(self) -> None:
        """Everything on the volume is on disk."""
        fd = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            _libc().syncfs(fd)
        finally:
            os.close(fd)

    def force_last_pages(self, *, newest_seconds: float = 5.0) -> int:
        """How many files just written now have their end on disk, and perhaps not the rest."""
        forced = 0
        since = time.time() - newest_seconds
        for path in self.path.rglob("*.jsonl"):
            with suppress(OSError):
                found = path.stat()
                if found.st_mtime >= since and found.st_size > 2 * PAGE:
                    _force(path, (found.st_size - 1) // PAGE * PAGE)
                    forced += 1
        if forced:  # the file sizes are in the journal: bring it to disk, by another file
            fd = os.open(self.path / "journal", os.O_CREAT | os.O_WRONLY, 0o600)
            try:
                os.write(fd, b"x")
                _libc().fsync(fd)
            finally:
                os.close(fd)
        return forced


def _guard(path: Path) -> "subprocess.Popen[bytes]":
    """A process that unmounts the path when its input ends: when it is told to, or we are gone."""
    return subprocess.Popen(
        ["/bin/sh", "-c", GUARD, "sh", str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is not for it
    )


def _force(path: Path, offset: int) -> None:
    fd = os.open(path, os.O_RDWR)
    try:
        _libc().sync_file_range(
            fd, ctypes.c_int64(offset), ctypes.c_int64(PAGE), ctypes.c_uint(WRITE_AND_WAIT)
        )
    finally:
        os.close(fd)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ChaosFailed(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}")
