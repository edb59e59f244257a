"""The owner's side of a trail."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tasktrail.errors import InvalidEvent, StorageFailed
from tasktrail.model.codec import encode
from tasktrail.model.entry import first_h, seal_line, unseal_line
from tasktrail.model.event import Event, parse_event
from tasktrail.model.ids import TrailKey
from tasktrail.store.files import sync_files
from tasktrail.store.layout import Layout
from tasktrail.store.scan import iter_trail
from tasktrail.store.trail import TrailWriter
from tasktrail.store.trail_batch import write_documents
from tests.support.store_trails import (
    KEY,
    POS_STEP,
    RECORDED_AT,
    add,
    event_of,
    files_of,
    new_root,
    open_descriptors,
    record,
)

ALL = range(1, 41)
HOSTILE = ("../../x", "a" * 300, "a\0b")


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A fresh root."""
    return new_root(tmp_path)


@pytest.fixture
def writer(layout: Layout) -> Iterator[TrailWriter]:
    """A writer of a trail that does not exist yet."""
    opened = TrailWriter.open(layout, KEY, keep_below=0)
    yield opened
    opened.close()


def test_entries_are_dense_and_chained_over_all_channels(
    layout: Layout, writer: TrailWriter
) -> None:
    """Numbers rise by one, and each line's seal covers the one before it."""
    add(writer, ALL)
    sync_files(writer.write())
    lines = [line for _, line in iter_trail(layout, KEY, below=None)]
    h = first_h(KEY)
    for line in lines:
        sealed, h = seal_line(unseal_line(line)[0], h)
        assert sealed == line + b"\n"

    assert [msgspec.json.decode(line)["seq"] for line in lines] == list(ALL)
    assert (writer.seq, writer.h) == (40, h)


def test_bytes_do_not_depend_on_how_they_were_written(tmp_path: Path) -> None:
    """One by one, in batches, or with the trail resting in between: the files are the same."""
    found = []
    for step in (1, 7, 40):
        layout = new_root(tmp_path / str(step))
        writer = TrailWriter.open(layout, KEY, keep_below=0)
        for start in range(1, 41, step):
            add(writer, range(start, min(start + step, 41)))
            sync_files(writer.write())
            writer.rest()
        write_documents([writer], force=True)
        writer.close()
        found.append(files_of(layout.trail(KEY)))

    assert found[0] == found[1] == found[2]


def test_nothing_is_on_disk_before_it_is_written(layout: Layout, writer: TrailWriter) -> None:
    """Adding works in memory; the trail's directory comes with its first entry."""
    add(writer, ALL)
    before = layout.trail(KEY).exists()
    write_documents([writer], force=True)
    fds = writer.write()

    assert not before
    assert stat.S_IMODE(layout.trail(KEY).stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in layout.trail(KEY).iterdir()} == {0o600}
    assert sorted(layout.trail(KEY).glob("*.json")) == []
    assert all(os.fstat(fd) for fd in fds)


def test_new_names_are_synced_with_what_they_hold(layout: Layout, writer: TrailWriter) -> None:
    """What is to be synced includes every directory that got a new entry, and only then."""
    add(writer, range(1, 3))
    first = [os.readlink(f"/proc/self/fd/{fd}") for fd in writer.write()]  # noqa: PTH115
    add(writer, range(4, 6))
    second = [os.readlink(f"/proc/self/fd/{fd}") for fd in writer.write()]  # noqa: PTH115
    add(writer, range(5, 6))

    assert set(first) == {
        str(layout.tasks),
        str(layout.trail(KEY)),
        str(layout.channel(KEY, "log")),
        str(layout.channel(KEY, "events")),
    }
    assert str(layout.trail(KEY)) in second
    assert len(writer.write()) == 1
    assert writer.write() == []


def test_a_writer_closes_all_it_opened(layout: Layout, writer: TrailWriter) -> None:
    """Neither a rest nor the end leaves a descriptor open."""
    before = open_descriptors()
    add(writer, ALL)
    sync_files(writer.write())
    while_open = open_descriptors()
    writer.rest()
    resting = open_descriptors()
    writer.find("never:1")
    writer.find("src:3")
    writer.close()

    assert while_open > before
    assert resting == open_descriptors() == before
    assert layout.trail(KEY).exists()


def test_an_opened_trail_holds_no_file(layout: Layout) -> None:
    """Thousands of trails can be open at once; looking something up leaves none open either."""
    record(layout, range(1, 5))
    before = open_descriptors()
    writer = TrailWriter.open(layout, KEY, keep_below=500)
    asked = writer.find("src:3"), writer.same_content("src:3", event_of(3))

    assert asked == (True, True)
    assert open_descriptors() == before


def test_a_known_identity_is_found_wherever_it_stands(layout: Layout) -> None:
    """Waiting, written, or written by an owner before: recorded is recorded."""
    record(layout, range(1, 21))
    writer = TrailWriter.open(layout, KEY, keep_below=21 * POS_STEP)
    add(writer, range(30, 35))
    asked = ["src:30", "src:21", "src:5", "src:20", "other:1", "unordered"]
    waiting = [writer.find(identity) for identity in asked]
    writer.write()
    written = [writer.find(identity) for identity in asked]
    add(writer, range(25, 26))
    late = writer.find("src:25")
    writer.close()

    assert waiting == written == [True, False, True, True, False, False]
    assert late


def test_an_identity_without_order_is_looked_up(layout: Layout, writer: TrailWriter) -> None:
    """Event ids of a producer are found without any number in them."""
    writer.add(event_of(1), identity="evt-b", recorded_at=1, pos=1)
    sync_files(writer.write())
    again = TrailWriter.open(layout, KEY, keep_below=2)

    assert [again.find(one) for one in ("evt-a", "evt-b", "evt-c")] == [False, True, False]
    again.close()


def test_identities_that_were_let_go_of_are_read_again(layout: Layout) -> None:
    """Memory is given back; what is known stays known."""
    record(layout, range(1, 21))
    writer = TrailWriter.open(layout, KEY, keep_below=21 * POS_STEP)
    found, held = writer.find("src:5"), writer.loaded_identities
    writer.unload_identities()
    empty = writer.loaded_identities
    add(writer, range(30, 31))

    assert (found, held, empty) == (True, 20, 0)
    assert [writer.find(one) for one in ("src:5", "src:30", "src:25")] == [True, True, False]
    assert writer.loaded_identities == 21
    writer.close()


def test_another_identity_at_a_place_is_not_the_same(writer: TrailWriter) -> None:
    """Where two identities have one hash, the line tells them apart."""
    add(writer, range(1, 3))
    writer.find("src:1")
    places = writer._identities._places  # noqa: SLF001 - nobody can make such a pair
    assert places is not None
    places.add("src:0", places.find("src:1")[0])

    assert writer.find("src:0")
    assert not writer.same_content("src:0", event_of(1))


@pytest.mark.parametrize("is_written", [False, True])
def test_the_same_content_is_told_from_another(writer: TrailWriter, *, is_written: bool) -> None:
    """A re-delivery is the same whenever it is accepted again; other words are not."""
    add(writer, ALL)
    writer.add(event_of(5, text="other"), identity="src:5", recorded_at=9, pos=9_000)
    if is_written:
        writer.write()
        writer.rest()

    assert writer.same_content("src:5", event_of(5))
    assert writer.same_content("src:5", event_of(5, text="other"))
    assert not writer.same_content("src:5", event_of(5, text="third"))
    assert not writer.same_content("src:6", event_of(5))
    assert not writer.same_content("src:41", event_of(41))


def test_a_damaged_line_is_no_proof_of_the_same_content(layout: Layout) -> None:
    """Where what was recorded cannot be read, nobody claims that it is the same."""
    record(layout, range(1, 5))
    path = layout.channel(KEY, "log")
    path.write_bytes(path.read_bytes().replace(b'"event":{', b'"event" {'))
    writer = TrailWriter.open(layout, KEY, keep_below=None)

    assert not writer.same_content("src:1", event_of(1))
    assert writer.damaged == 1
    writer.close()


def test_an_event_that_cannot_be_rendered_changes_nothing(writer: TrailWriter) -> None:
    """It is refused as the bad event it is, and the next one takes its number."""
    event = event_of(1)
    bad = msgspec.structs.replace(event, data={"message": msgspec.Raw(b'"\xff"')})
    with pytest.raises(InvalidEvent, match="can be rendered"):
        writer.add(bad, identity="src:1", recorded_at=1, pos=1)
    h = writer.h
    entry = writer.add(event, identity="src:1", recorded_at=1, pos=1)

    assert h == first_h(KEY)
    assert (entry.seq, writer.documents.task.counts.entries) == (1, 1)


@pytest.mark.parametrize("trail_id", HOSTILE)
def test_a_hostile_id_stays_in_the_root_and_is_not_lost(tmp_path: Path, trail_id: str) -> None:
    """Its directory is a hash, its true id stands in line 1, and the trail can be reopened."""
    layout = new_root(tmp_path)
    key = TrailKey("tasks", trail_id)
    record(layout, range(1, 3), key=key)
    again = TrailWriter.open(layout, key, keep_below=300)
    again.close()
    (directory,) = layout.tasks.iterdir()
    first = msgspec.json.decode((directory / "08-log.jsonl").read_bytes())

    assert directory.name.startswith("~")
    assert first["event"]["task_id"] == trail_id
    assert again.seq == 2
    assert {path.name for path in tmp_path.iterdir()} == {"root"}


def test_documents_are_written_when_due(layout: Layout, writer: TrailWriter) -> None:
    """The first entry shows at once, mere progress when the caller's time has come."""
    add(writer, range(2, 4))
    writer.write()
    write_documents([writer], force=False)
    shown = [layout.document(KEY, "metadata").read_bytes()]
    for force in (False, True):
        writer.add(event_of(4), identity="x", recorded_at=RECORDED_AT, pos=1)
        writer.write()
        write_documents([writer], force=force)
        shown.append(layout.document(KEY, "metadata").read_bytes())

    as_of = [msgspec.json.decode(blob)["as_of"] for blob in shown]
    assert as_of == [2, 2, 4]


@pytest.mark.parametrize("as_of", [1, 99])
def test_documents_of_another_entry_are_renewed(layout: Layout, as_of: int) -> None:
    """Behind or ahead of the entries, documents are put right at the next occasion."""
    record(layout, range(1, 5))
    whole = files_of(layout.trail(KEY))
    path = layout.document(KEY, "metadata")
    path.write_bytes(b'{"as_of":%d}' % as_of)
    layout.document(KEY, "input").unlink(missing_ok=True)
    writer = TrailWriter.open(layout, KEY, keep_below=500)
    write_documents([writer], force=False)
    writer.close()

    assert files_of(layout.trail(KEY)) == whole


def test_a_trail_that_somebody_removed_is_a_failure(layout: Layout, writer: TrailWriter) -> None:
    """Entries are never written where no name leads to them."""
    add(writer, range(1, 2))
    sync_files(writer.write())
    writer.rest()
    layout.trail(KEY).rename(layout.root / "elsewhere")
    add(writer, range(2, 3))

    with pytest.raises(StorageFailed, match="is gone"):
        writer.write()


def test_a_volume_that_is_gone_is_a_failure(layout: Layout, writer: TrailWriter) -> None:
    """A missing family directory is the disk's trouble, not a bad event."""
    add(writer, range(1, 2))
    layout.tasks.rmdir()

    with pytest.raises(StorageFailed, match="ENOENT"):
        writer.write()


def test_a_very_long_entry_comes_back_byte_for_byte(layout: Layout, writer: TrailWriter) -> None:
    """Nothing is cut, however long the text is."""
    text = "words" * 4_000_000
    event = parse_event(b'{"type":"task:output","data":{"content":"%b"}}' % text.encode())
    writer.add(event, identity="a:1", recorded_at=1, pos=1)
    sync_files(writer.write())
    ((_, line),) = iter_trail(layout, KEY, below=None)

    assert msgspec.json.decode(line)["content"] == text


def test_a_time_that_stands_in_is_no_content(writer: TrailWriter) -> None:
    """From a copy, or by a pipe, an event is the same; a time that is told counts."""

    def told(**fields: object) -> Event:
        return parse_event(encode({"type": "x", "task_id": KEY.id, "event_id": "e"} | fields))

    guess = {"timestamp_is_estimated": True}
    writer.add(told(timestamp="2026-01-01", **guess), identity="e", recorded_at=1, pos=1)

    assert writer.same_content("e", told(timestamp="2025-01-01", **guess))
    assert writer.same_content("e", told(**guess))
    assert not writer.same_content("e", told(timestamp="2026-01-01"))
    assert not writer.same_content("e", told(data={"x": 1}, **guess))
