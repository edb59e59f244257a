"""The lines of one segment: complete ones only, and only what is on disk."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tasktrail.errors import StorageFailed
from tasktrail.ingest.spool_lines import CHUNK, DurableLines
from tasktrail.ingest.spool_segments import Segment
from tasktrail.store.files import sync_files


def nothing() -> None:
    """What the world does during a sync, unless a test says more."""


class Bench:
    """A segment file, its reader, and a disk that remembers how long the file was when synced."""

    def __init__(self, folder: Path, content: bytes) -> None:
        self.segment = Segment.at(folder, 0)
        self.segment.path.write_bytes(content)
        self.synced: list[int] = []
        self.directories = 0
        self.meanwhile: Callable[[], None] = nothing
        self.lines = DurableLines(self.segment, 0, sync=self.sync)

    def sync(self, fds: Sequence[int]) -> None:
        """A real sync, and whatever others do at that moment."""
        sync_files(fds)
        self.synced.append(os.fstat(fds[0]).st_size)
        self.directories += len(fds) - 1
        self.meanwhile()

    def add(self, content: bytes) -> None:
        """What a writer appends."""
        with self.segment.path.open("ab") as file:
            file.write(content)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A segment of two lines."""
    bench = Bench(tmp_path, b"a\nb\n")
    yield bench
    bench.lines.close()


def read_bytes_of_this_process() -> int:
    """How many bytes this process has asked the system for since it started."""
    text = Path("/proc/self/io").read_text(encoding="ascii")
    return int(text.split("rchar:")[1].split()[0])


def test_complete_lines_are_read_once(bench: Bench) -> None:
    """Each line comes once, without its line end, later ones by the next call."""
    first, nothing_new = bench.lines.read(), bench.lines.read()
    bench.add(b"c\n")

    assert (first, nothing_new) == ([b"a", b"b"], [])
    assert bench.lines.read() == [b"c"]


def test_an_unterminated_line_is_left_alone(bench: Bench) -> None:
    """It is being written or torn: it comes when it is complete, whole."""
    bench.add(b"half")
    first, nothing_new = bench.lines.read(), bench.lines.read()
    bench.add(b" a line\n")

    assert (first, nothing_new) == ([b"a", b"b"], [])
    assert bench.lines.read() == [b"half a line"]


def test_lines_are_synced_before_they_are_returned(bench: Bench) -> None:
    """No line is handed out before a sync that began after it was written."""
    bench.lines.read()
    bench.add(b"c\n")
    bench.lines.read()

    assert bench.synced == [4, 6]


def test_lines_written_during_the_sync_wait_for_the_next(bench: Bench) -> None:
    """The sync may not have taken them along: a power cut could still lose them."""
    bench.meanwhile = lambda: bench.add(b"late\n")
    first = bench.lines.read()
    bench.meanwhile = nothing
    second = bench.lines.read()

    assert (first, second) == ([b"a", b"b"], [b"late"])
    assert bench.synced == [4, 9]


def test_a_torn_tail_written_again_at_the_same_length_is_synced(bench: Bench) -> None:
    """The file is as long as at the last sync, its end is not what was synced."""
    bench.add(b"to")
    bench.lines.read()
    os.truncate(bench.segment.path, 4)
    bench.add(b"c\n")
    lines = bench.lines.read()

    assert lines == [b"c"]
    assert bench.synced == [6, 6]


def test_a_torn_tail_written_again_during_the_sync_is_not_returned(bench: Bench) -> None:
    """What stands there now was read by nobody and synced by nobody."""
    bench.add(b"torn")

    def write_again() -> None:
        os.truncate(bench.segment.path, 4)
        bench.add(b"c\nd\n")

    bench.meanwhile = write_again
    first = bench.lines.read()
    bench.meanwhile = nothing

    assert first == [b"a", b"b"]
    assert bench.lines.read() == [b"c", b"d"]
    assert bench.synced == [8, 8]


def test_a_failed_sync_returns_nothing(bench: Bench) -> None:
    """The owner stops and opens the spool anew; nothing unsynced was recorded."""

    def fail() -> None:
        raise StorageFailed("cannot sync")

    bench.meanwhile = fail

    with pytest.raises(StorageFailed):
        bench.lines.read()


def test_the_name_of_the_segment_is_synced_once(bench: Bench) -> None:
    """A segment whose name is lost in a power cut takes its lines along."""
    bench.lines.read()
    bench.add(b"c\n")
    bench.lines.read()

    assert bench.directories == 1


def test_a_line_longer_than_a_chunk_is_whole(tmp_path: Path) -> None:
    """Nothing is cut, however long, and its neighbours come as well."""
    long = b"x" * (2 * CHUNK + 5)
    bench = Bench(tmp_path, b"a\n" + long + b"\nb\n")
    found: list[bytes] = []
    while more := bench.lines.read():
        found.extend(more)
    bench.lines.close()

    assert found == [b"a", long, b"b"]


def test_a_long_segment_is_synced_once(tmp_path: Path) -> None:
    """Catching up reads chunk after chunk and pays for one sync."""
    line = b"x" * 1_023 + b"\n"
    bench = Bench(tmp_path, line * (3 * CHUNK // 1_024))
    chunks = 0
    while bench.lines.read():
        chunks += 1
    bench.lines.close()

    assert chunks >= 3
    assert len(bench.synced) == 1


def test_a_torn_line_is_not_read_again_and_again(bench: Bench) -> None:
    """Waiting behind a large torn line costs no more than looking whether it changed."""
    bench.add(b"x" * CHUNK)
    bench.lines.read()
    bench.lines.read()
    before = read_bytes_of_this_process()
    for _ in range(50):
        bench.lines.read()
    cost = read_bytes_of_this_process() - before
    bench.add(b"\n")

    assert cost < CHUNK
    assert bench.lines.read() == [b"x" * CHUNK]


def test_a_torn_line_that_gave_way_to_a_whole_one_of_its_length_is_read(bench: Bench) -> None:
    """That the file is as long as before does not mean that nothing happened."""
    bench.add(b"torn")
    first, nothing_new = bench.lines.read(), bench.lines.read()
    os.truncate(bench.segment.path, 4)
    bench.add(b"new\n")

    assert (first, nothing_new) == ([b"a", b"b"], [])
    assert bench.lines.read() == [b"new"]


def test_the_rest_is_what_no_line_end_follows(bench: Bench) -> None:
    """In a segment that nobody appends to any more the torn end can be told."""
    bench.add(b"torn")
    bench.lines.read()

    assert bench.lines.rest() == b"torn"


def test_a_segment_that_lost_its_name_is_noticed(bench: Bench) -> None:
    """Another owner recorded and deleted it, or somebody put another file in its place."""
    before = bench.lines.is_in_place
    bench.segment.path.rename(bench.segment.path.with_suffix(".old"))
    after = bench.lines.is_in_place
    bench.segment.path.write_bytes(b"a\nb\n")

    assert (before, after, bench.lines.is_in_place) == (True, False, False)
