"""Several files as one ZIP archive, packed while it is sent: nothing is gathered anywhere."""

import zipfile
from collections.abc import Generator, Iterable
from contextlib import AbstractContextManager
from typing import Final

from tasktrail.server.backend import TrailFile

PIECE_BYTES: Final = 1 << 20
LEVEL: Final = 1  # of deflate: lines of JSON shrink well at once, and somebody waits

Named = tuple[str, AbstractContextManager[TrailFile]]


class _Sent:
    """A file that can only be written to; what was written is taken away piece by piece."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        """Keeps the part until it is taken."""
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Nothing: whatever is written is there."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def zipped(files: Iterable[Named]) -> Generator[bytes, None, None]:
    """The archive's bytes, in pieces; each file is opened when its turn comes, and closed after."""
    sent = _Sent()
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:  # type: ignore[call-overload]
        for name, opening in files:
            with opening as file, archive.open(name, "w", force_zip64=True) as member:
                start = 0
                while piece := file.read(start, PIECE_BYTES):
                    member.write(piece)
                    start += len(piece)
                    yield sent.taken()
    yield sent.taken()
