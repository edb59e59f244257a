"""A full outbox loses what matters least, oldest first, and says so in the trails."""

from pathlib import Path
from typing import Any

import msgspec

from tasktrail.sdk.outbox import Outbox
from tasktrail.sdk.outbox_files import OutboxFile, list_outboxes
from tasktrail.sdk.records import head_of
from tasktrail.sdk.room import Room
from tasktrail.sdk.trouble import Trouble
from tests.support.outboxes import frames_of

PART = 8_000  # bytes
LEVELS = ("debug", "info")


class Full:
    """A job that nobody takes anything from."""

    def __init__(self, directory: Path) -> None:
        self.trouble = Trouble(lambda _text: None)
        self.outbox = Outbox(directory, clock=lambda: 1, trouble=self.trouble, part_bytes=PART)

    def say(self, *events: dict[str, Any]) -> None:
        """Events of one task."""
        for event in events:
            blob = msgspec.json.encode({"type": "task:log", "task_id": "t", **event})
            self.outbox.append(blob, task_id="t")
        self.outbox.sync()

    def make_room(self, max_bytes: int) -> None:
        """Below that limit."""
        Room(self.outbox, max_bytes, trouble=self.trouble).make()

    def events(self) -> list[dict[str, Any]]:
        """Everything that still waits, in order."""
        return [msgspec.json.decode(one.event) for one in frames_of(self.outbox.directory)]


def entries(level: str, *numbers: int) -> list[dict[str, Any]]:
    """Numbered entries of that level."""
    return [{"level": level, "data": {"n": n}} for n in numbers]


def pair(number: int) -> list[dict[str, Any]]:
    """An entry of level debug, and the next one of level info."""
    return entries("debug", number) + entries("info", number + 1)


def kept(events: list[dict[str, Any]], level: str) -> list[int]:
    """The numbers of the entries of that level."""
    return [event["data"]["n"] for event in events if event.get("level") == level]


def test_the_oldest_debug_entries_go_first(tmp_path: Path) -> None:
    """What is newer stays, what is of a higher level stays, and the loss is an entry."""
    job = Full(tmp_path)
    job.say(*(one for n in range(0, 600, 2) for one in pair(n)))
    before = sum(path.stat().st_size for path in list_outboxes(tmp_path))
    job.make_room(before * 3 // 4)

    events = job.events()
    losses = [event["data"]["lost"] for event in events if event["type"] == "loss"]
    missing = sorted({*range(0, 600, 2)} - {*kept(events, "debug")})
    assert missing == list(range(0, 2 * len(missing), 2))
    assert missing
    assert kept(events, "info") == list(range(1, 600, 2))
    assert sum(losses) == len(missing) == job.trouble.lost
    assert {event["task_id"] for event in events if event["type"] == "loss"} == {"t"}


def test_then_entries_of_level_info_go_and_at_last_whole_files(tmp_path: Path) -> None:
    """What a task did and how it ended is kept longest."""
    job = Full(tmp_path)
    output = {"type": "task:output", "data": {"text": "what it did"}}
    job.say(*(one for n in range(300) for one in (*entries("info", n), output)))
    size = sum(path.stat().st_size for path in list_outboxes(tmp_path))
    job.make_room(size * 3 // 4)
    outputs = [event for event in job.events() if event["type"] == "task:output"]
    job.make_room(PART)
    rest = [event for event in job.events() if event["type"] == "task:output"]

    assert len(outputs) == 300
    assert len(rest) < 100
    assert sum(e["data"]["lost"] for e in job.events() if e["type"] == "loss") == job.trouble.lost


def test_what_was_taken_on_is_not_sent_again(tmp_path: Path) -> None:
    """The file is made anew of what is left, and read from its beginning."""
    job = Full(tmp_path)
    job.say(*entries("debug", *range(200)))
    first = list_outboxes(tmp_path)[0]
    reader = OutboxFile(first)
    waiting = reader.read(max_events=3, max_bytes=1 << 20)
    reader.pass_to(waiting[-1].end)
    reader.remember()
    reader.close()
    job.make_room(1)

    assert 0 not in kept(job.events(), "debug")
    assert OutboxFile(first).offset == 0
    assert sum(e["data"]["lost"] for e in job.events() if e["type"] == "loss") == job.trouble.lost


def test_a_file_that_somebody_reads_is_left_alone(tmp_path: Path) -> None:
    """And who had opened it before does not delete the new one in its place."""
    job = Full(tmp_path)
    job.say(*entries("debug", *range(200)))
    first = list_outboxes(tmp_path)[0]
    holder, late = OutboxFile(first), OutboxFile(first)
    assert holder.is_abandoned()
    before = first.read_bytes()
    job.make_room(1)
    untouched = first.read_bytes() == before
    holder.close()
    job.make_room(1)
    assert late.is_abandoned()
    late.delete()

    assert untouched
    assert late.offset == late.size
    assert b'"loss"' in first.read_bytes()


def test_an_outbox_with_room_loses_nothing(tmp_path: Path) -> None:
    """Nothing is even read."""
    job = Full(tmp_path)
    job.say(*entries("debug", *range(40)))
    room = Room(job.outbox, 1 << 20, trouble=job.trouble)
    room.make()

    assert not room.is_needed()
    assert kept(job.events(), "debug") == list(range(40))


def test_entries_that_share_a_line_go_one_by_one(tmp_path: Path) -> None:
    """Those that stay keep their identities; the file only gets smaller."""
    job = Full(tmp_path)
    heads = [head_of({"type": "task:log", "task_id": "t", "level": one}) for one in LEVELS]
    for _ in range(4):
        job.outbox.put_all([(1_000 * n, heads[n % 2], f"m-{n}") for n in range(100)])
    job.outbox.sync()
    before = sum(path.stat().st_size for path in list_outboxes(tmp_path))
    first = {frame.id: frame.event for frame in frames_of(tmp_path)}
    job.make_room(before * 9 // 10)

    left = {one.id: one.event for one in frames_of(tmp_path) if one.id in first}
    thinned_out = job.trouble.lost
    assert 0 < thinned_out <= 200
    assert len(left) == 400 - thinned_out
    assert all(bytes(first[name]) == bytes(event) for name, event in left.items())
    assert sum(b'"info"' in bytes(event) for event in left.values()) == 200
