"""Files packed into one archive while it is sent."""

import io
import random
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from tasktrail.server.zipped import PIECE_BYTES, zipped
from tests.server.fake_questions import FakeFile


class Shelf:
    """Files by name, and which of them are open."""

    def __init__(self, **files: bytes) -> None:
        self.files = files
        self.open: list[str] = []

    @contextmanager
    def file(self, name: str) -> Iterator[FakeFile]:
        """One of them, open as long as the block."""
        self.open.append(name)
        try:
            yield FakeFile(self.files[name])
        finally:
            self.open.remove(name)


def test_a_large_file_comes_in_pieces() -> None:
    """No more than a few pieces are held at once, and the archive is whole."""
    blob = random.Random(1).randbytes(3 * PIECE_BYTES + 7)
    shelf = Shelf(large=blob, small=b"{}")
    pieces = list(zipped((name, shelf.file(name)) for name in shelf.files))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))

    assert max(map(len, pieces)) < 2 * PIECE_BYTES
    assert (archive.read("large"), archive.read("small")) == (blob, b"{}")
    assert shelf.open == []


def test_whoever_goes_away_leaves_no_file_open() -> None:
    """An archive that is read no further closes what it had opened."""
    shelf = Shelf(large=bytes(3 * PIECE_BYTES))
    pieces = zipped((name, shelf.file(name)) for name in shelf.files)
    next(pieces)
    assert shelf.open == ["large"]
    pieces.close()

    assert shelf.open == []
