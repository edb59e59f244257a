"""Outboxes are taken on in order, remembered, and deleted when nobody writes to them any more."""

import os
from pathlib import Path

import pytest

from tasktrail.model.frame import encode_frame
from tasktrail.sdk.outbox import Outbox
from tasktrail.sdk.outbox_files import OutboxFile, is_taken, list_outboxes, sizes_of
from tasktrail.sdk.records import Renderer, head_of
from tasktrail.sdk.trouble import Trouble

EVENT = b'{"type":"x","task_id":"t"}'


def write(path: Path, *lines: bytes) -> OutboxFile:
    """An outbox file of a dead process, open to be read."""
    path.write_bytes(b"".join(lines))
    return OutboxFile(path)


def line(number: int) -> bytes:
    """A good frame."""
    return encode_frame(1, EVENT, identity=f"ab:{number}")


def numbers(file: OutboxFile, *, max_events: int = 100, max_bytes: int = 1 << 20) -> list[str]:
    """The identities that are read next, `damaged` for frames that are."""
    waiting = file.read(max_events=max_events, max_bytes=max_bytes)
    return [str(one.frame.id) if one.frame else "damaged" for one in waiting]


def test_frames_are_read_in_order_and_passed(tmp_path: Path) -> None:
    """Reading alone passes nothing: only who took them on says so."""
    file = write(tmp_path / "ab.jsonl", line(1), line(2), line(3))
    first = file.read(max_events=2, max_bytes=1 << 20)
    again = numbers(file, max_events=2)
    file.pass_to(first[-1].end)

    assert again == ["ab:1", "ab:2"]
    assert numbers(file) == ["ab:3"]


def test_a_place_is_remembered_over_a_restart(tmp_path: Path) -> None:
    """What was passed but not remembered comes again."""
    file = write(tmp_path / "ab.jsonl", line(1), line(2), line(3))
    file.pass_to(len(line(1)))
    file.remember()
    file.pass_to(2 * len(line(1)))
    file.close()

    assert numbers(OutboxFile(tmp_path / "ab.jsonl")) == ["ab:2", "ab:3"]


def test_a_busy_file_s_place_is_written_now_and_then(tmp_path: Path) -> None:
    """Each time costs a sync; what is told again is told apart."""
    file = write(tmp_path / "ab.jsonl", line(1))
    file.pass_to(5)
    file.remember(at_most_every_seconds=1000)
    early = (tmp_path / "ab.json").exists()
    file.remember(at_most_every_seconds=0)

    assert not early
    assert (tmp_path / "ab.json").exists()


@pytest.mark.parametrize("place", [b"", b"{", b"[1]", b"\xff"])
def test_a_damaged_place_begins_anew(tmp_path: Path, place: bytes) -> None:
    """Twice is once, by the identities."""
    (tmp_path / "ab.json").write_bytes(place)

    assert numbers(write(tmp_path / "ab.jsonl", line(1))) == ["ab:1"]


def test_damaged_frames_are_skipped_to_the_next_good_one(tmp_path: Path) -> None:
    """A power cut may leave NULs or half a line in the middle of a file."""
    torn = line(2)[:20] + b"\n"
    file = write(tmp_path / "ab.jsonl", line(1), torn, b"\x00" * 50 + b"\n", line(4))

    assert numbers(file) == ["ab:1", "damaged", "damaged", "ab:4"]


def test_an_unfinished_line_is_left_alone(tmp_path: Path) -> None:
    """Its process may still be writing it."""
    file = write(tmp_path / "ab.jsonl", line(1), line(2)[:-5])

    assert numbers(file) == ["ab:1"]


def test_a_large_frame_is_read_whole(tmp_path: Path) -> None:
    """One event may be larger than what is read at once."""
    large = encode_frame(1, b'{"type":"%b"}' % (b"x" * (3 << 20)), identity="ab:1")
    file = write(tmp_path / "ab.jsonl", large, line(2))
    (one,) = file.read(max_events=100, max_bytes=1000)

    assert one.frame is not None
    assert len(bytes(one.frame.event)) > 3 << 20
    assert one.end == len(large)


def test_a_living_process_keeps_its_file(tmp_path: Path) -> None:
    """Its lock is held, until it closes the outbox or dies."""
    trouble = Trouble(lambda _text: None)
    outbox = Outbox(tmp_path, clock=lambda: 1, trouble=trouble)
    outbox.append(EVENT, task_id="t")
    file = OutboxFile(outbox.path)
    while_alive = file.is_abandoned()
    outbox.close()

    assert (while_alive, file.is_abandoned()) == (False, True)


def test_of_two_who_take_on_one_file_one_gets_it(tmp_path: Path) -> None:
    """The second sees neither a free lock nor, when it is gone, its events again."""
    first = write(tmp_path / "ab.jsonl", line(1))
    second = OutboxFile(tmp_path / "ab.jsonl")
    assert first.is_abandoned()
    locked_out = second.is_abandoned()
    first.delete()
    first.close()

    assert not locked_out
    assert second.is_abandoned()
    assert numbers(second) == []


def test_who_comes_second_goes_on_where_the_first_stopped(tmp_path: Path) -> None:
    """The place is read again once the file is ours."""
    first = write(tmp_path / "ab.jsonl", line(1), line(2))
    second = OutboxFile(tmp_path / "ab.jsonl")
    assert first.is_abandoned()
    first.pass_to(len(line(1)))
    first.remember()
    first.close()

    assert second.is_abandoned()
    assert numbers(second) == ["ab:2"]


def test_deleting_leaves_nothing(tmp_path: Path) -> None:
    """The place goes with its file."""
    file = write(tmp_path / "ab.jsonl", line(1))
    file.pass_to(1)
    file.remember()
    file.delete()

    assert list(tmp_path.iterdir()) == []


def test_outboxes_are_listed_part_by_part(tmp_path: Path) -> None:
    """Each outbox's tenth part comes after its second; nothing else is listed."""
    for name in (
        "b.jsonl",
        "a.10.jsonl",
        "a.2.jsonl",
        "a.jsonl",
        "a.json",
        ".c.jsonl.new",
        "x.log",
    ):
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, ns=(1, 1))

    names = [path.name for path in list_outboxes(tmp_path)]
    assert names == ["a.jsonl", "a.2.jsonl", "a.10.jsonl", "b.jsonl"]
    assert list_outboxes(tmp_path / "nowhere") == []


def test_where_there_is_no_directory_nothing_waits(tmp_path: Path) -> None:
    """Also where something else stands in its place."""
    in_the_way = tmp_path / "outbox"
    in_the_way.write_bytes(b"")

    assert list_outboxes(in_the_way) == list_outboxes(tmp_path / "none") == []


@pytest.mark.parametrize("kind", ["link", "directory", "pipe"])
def test_only_regular_files_are_opened(tmp_path: Path, kind: str) -> None:
    """A link leads elsewhere, a pipe would block."""
    path = tmp_path / "ab.jsonl"
    (tmp_path / "real").write_bytes(line(1))
    if kind == "link":
        path.symlink_to(tmp_path / "real")
    elif kind == "directory":
        path.mkdir()
    else:
        os.mkfifo(path)

    with pytest.raises(OSError, match=r"ab\.jsonl"):
        OutboxFile(path)


def test_what_waits_can_be_asked_of_others(tmp_path: Path) -> None:
    """Another process's pump has taken a file on when its place or its absence says so."""
    path = tmp_path / "ab.jsonl"
    file = write(path, line(1))
    (tmp_path / "cd.jsonl").write_bytes(b"")
    sizes = sizes_of(tmp_path)
    before = is_taken(path, sizes[path])
    file.pass_to(sizes[path])
    file.remember()
    after = is_taken(path, sizes[path])
    path.unlink()

    assert list(sizes) == [path]
    assert (before, after, is_taken(path, 10**9)) == (False, True, True)


def test_entries_that_share_a_line_come_together(tmp_path: Path) -> None:
    """All of a line or none of it, and not more than were asked for if that can be."""
    head = head_of({"type": "task:log", "task_id": "t", "level": "info"})
    bundle = Renderer("ab").render([(1_000 * n, head, "x") for n in range(3)], 1)
    file = write(tmp_path / "ab.jsonl", line(1), bundle, line(5))
    first = numbers(file, max_events=3)
    file.pass_to(len(line(1)))
    (*_, last) = waiting = file.read(max_events=1, max_bytes=1 << 20)
    file.pass_to(last.end)

    assert first == ["ab:1"]
    assert [one.frame.id for one in waiting if one.frame] == ["ab:2", "ab:3", "ab:4"]
    assert numbers(file) == ["ab:5"]
