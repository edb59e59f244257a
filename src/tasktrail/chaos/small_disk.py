"""A small disk of its own, which can be filled: an ext4 image with a ballast file on it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

from tasktrail.chaos.volume import Volume

KIND: Final = "ext4"
LEAST_MIB: Final = 256
BYTES_PER_EVENT: Final = 4_096  # trails, index, spool and outboxes together, with room
CLUSTER: Final = 1 << 20


class SmallDisk:
    """A context manager, root on Linux only; see `volume.why_unavailable`."""

    def __init__(self, folder: Path, events: int) -> None:
        """A disk with room for that many events; the image takes only what is written."""
        mib = max(LEAST_MIB, events * BYTES_PER_EVENT >> 20)
        self._volume = Volume(folder, KIND, mib=mib)
        self.root = self._volume.path / "root"

    def __enter__(self) -> Self:
        self._volume.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None = None, *_: object) -> None:
        self._volume.__exit__(kind)

    def free(self) -> int:
        """How many bytes anybody may still write."""
        found = os.statvfs(self._volume.path)
        return found.f_bavail * found.f_frsize

    @contextmanager
    def filled(self, leave: int) -> Iterator[None]:
        """A block in which about so many bytes are free at most; then there is room again."""
        ballast = self._volume.path / "ballast"
        fd = os.open(ballast, os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            size = 0
            while (more := self.free() - leave) > 0:
                more = max(4_096, more)
                with suppress(OSError):  # somebody else took it
                    os.posix_fallocate(fd, size, more)
                    size += more
                    continue
                if more <= CLUSTER:
                    break
            yield
        finally:
            os.close(fd)
            ballast.unlink()
