"""Trails as the checker reads them: every damage is seen, nothing is believed."""

from pathlib import Path

from tasktrail.chaos.scenario import prepare_root, settings_of
from tasktrail.chaos.trails import iter_trails, read_trail
from tests.support.chaos_trails import event_line, gap_line, write_trail


def test_a_sound_trail_tells_its_events_in_order(tmp_path: Path) -> None:
    """Producer, number and filler of each, and no damage."""
    write_trail(tmp_path, "tasks/t-1", [event_line("http-1", n) for n in range(3)])
    trail = read_trail(tmp_path / "tasks" / "t-1")

    assert [(one.producer, one.number) for one in trail.told] == [("http-1", n) for n in range(3)]
    assert (trail.entries, trail.torn, trail.breaks) == (3, 0, 0)


def test_a_torn_line_is_counted(tmp_path: Path) -> None:
    """A line without an end, and one that is no JSON."""
    path = write_trail(tmp_path, "tasks/t-1", [event_line("http-1", 0)])
    path.write_bytes(path.read_bytes() + b'\0\0\0\n{"seq":2')

    assert read_trail(path.parent).torn == 2


def test_a_missing_line_breaks_the_chain(tmp_path: Path) -> None:
    """Numbers run without a hole; each line carries the hash of the one before."""
    path = write_trail(tmp_path, "tasks/t-1", [event_line("http-1", n) for n in range(3)])
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[2])

    assert read_trail(path.parent).breaks == 1


def test_an_altered_line_breaks_the_chain(tmp_path: Path) -> None:
    """One byte is enough."""
    path = write_trail(tmp_path, "tasks/t-1", [event_line("http-1", n) for n in range(3)])
    path.write_bytes(path.read_bytes().replace(b"http-1#1", b"http-1#7"))

    assert read_trail(path.parent).breaks == 1


def test_a_gap_is_told(tmp_path: Path) -> None:
    """What it says is kept for the judgement."""
    write_trail(tmp_path, "sessions/tasktrail", [gap_line(stream="s", after="1-0", missing=3)])
    (trail,) = iter_trails(tmp_path)

    assert [(gap.stream, gap.after, gap.missing) for gap in trail.gaps] == [("s", "1-0", 3)]


def test_trails_of_the_product_are_sound(tmp_path: Path) -> None:
    """What the product records is read without its code."""
    (tmp_path / "ledgers").mkdir()
    prepare_root(settings_of(tmp_path / "root", None), tmp_path / "ledgers")
    trails = list(iter_trails(tmp_path / "root"))

    assert sum(len(trail.told) for trail in trails) == 16
    assert sum(trail.torn + trail.breaks for trail in trails) == 0
