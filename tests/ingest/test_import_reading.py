"""A file on its way through its translator."""

import os
from pathlib import Path

from tasktrail.ingest.import_reading import (
    CHUNK_BYTES,
    GUARD_BYTES,
    MOST_SHOWN,
    Reading,
    guard_of,
    translate_lines,
)
from tests.support.importing import lines_of, opened, prompt


def read(path: Path, *, takes_rest: bool = False) -> tuple[list[str], int, Reading]:
    """The identities of a transcript's events, where reading ended, and what was found."""
    reading, names, end = Reading(), list[str](), 0
    fd = os.open(path, os.O_RDONLY)
    try:
        translator = opened("claude_transcript")
        for step in translate_lines(fd, translator, reading, offset=0, takes_rest=takes_rest):
            names += [one.identity for one in step.events]
            end = step.offset
    finally:
        os.close(fd)
    return names, end, reading


def test_a_line_may_be_longer_than_what_is_read_at_once(tmp_path: Path) -> None:
    """A picture that was pasted is a line of many megabytes."""
    path = tmp_path / "f"
    path.write_bytes(lines_of(prompt(1, "x" * (CHUNK_BYTES * 2)), prompt(2, "y")))
    names, end, reading = read(path)

    assert (len(names), reading.records, end) == (6, 2, path.stat().st_size)


def test_an_unfinished_line_is_left_for_the_next_time(tmp_path: Path) -> None:
    """Unless it is a whole record already, or nobody will finish it."""
    path = tmp_path / "f"
    whole = lines_of(prompt(1, "a"))
    path.write_bytes(whole + b'{"type":"us')
    _, left, reading = read(path)
    names, taken, _ = read(path, takes_rest=True)

    assert (left, reading.is_unfinished, reading.broken) == (len(whole), True, 0)
    assert (taken, names[-1].split(":")[2]) == (path.stat().st_size, "broken")


def test_a_last_record_without_a_line_end_is_taken(tmp_path: Path) -> None:
    """Most transcripts end so."""
    path = tmp_path / "f"
    path.write_bytes(lines_of(prompt(1, "a")).rstrip())
    _, end, reading = read(path)

    assert (end, reading.records, reading.is_unfinished) == (path.stat().st_size, 1, False)


def test_every_kind_of_damage_is_counted_and_costs_one_line(tmp_path: Path) -> None:
    """Glued is repaired; torn, NULs, text and bytes that are no text are broken."""
    path = tmp_path / "f"
    good = lines_of(prompt(1, "a")).rstrip()
    bad = [b'{"torn', b"\0\0", b"text", b'{"type":"x","a":"\xff"}']
    path.write_bytes(b"\n".join([good, good + lines_of(prompt(2, "b")).rstrip(), *bad, good, b""]))
    names, _, reading = read(path)

    assert (reading.repaired, reading.broken, reading.records) == (1, 4, 5)
    assert len([name for name in names if ":broken:" in name]) == 3  # NULs say nothing


def test_problems_are_all_counted_and_the_first_are_listed(tmp_path: Path) -> None:
    """A file of garbage does not fill the memory."""
    path = tmp_path / "f"
    path.write_bytes(b"garbage\n" * (MOST_SHOWN + 50))
    _, _, reading = read(path)

    assert (reading.broken, len(reading.problems)) == (MOST_SHOWN + 50, MOST_SHOWN)


def test_a_guard_notices_what_was_put_in_anywhere(tmp_path: Path) -> None:
    """In a file of any size: what comes later stands elsewhere then."""
    path = tmp_path / "f"
    blob = bytes(range(256)) * (GUARD_BYTES // 64)
    path.write_bytes(blob)
    fd = os.open(path, os.O_RDONLY)
    before = guard_of(fd, len(blob))
    path.write_bytes(blob[: len(blob) // 2] + b"x" + blob[len(blob) // 2 :])
    after = guard_of(fd, len(blob))
    os.close(fd)

    assert before != after
