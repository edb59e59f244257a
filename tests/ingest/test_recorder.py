"""From frames to entries: each event once, in its trail, or aside with its reason."""

from pathlib import Path

import pytest

from tasktrail.store.checkpoints import read_checkpoint
from tasktrail.store.dead_letters import iter_dead
from tests.support.workshop import Workshop


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """An empty root with one partition."""
    return Workshop(tmp_path)


def counted(workshop: Workshop) -> tuple[int, int, int, int]:
    """recorded, duplicates, identity conflicts and dead letters of partition 0."""
    checkpoint = read_checkpoint(workshop.layout, 0)
    assert checkpoint is not None
    counters = checkpoint.counters
    return (
        counters.recorded,
        counters.duplicates,
        counters.identity_conflicts,
        counters.dead_letters,
    )


def test_events_are_numbered_densely_over_all_channels(workshop: Workshop) -> None:
    """seq counts the trail, whatever file a line stands in."""
    for event_type in ("task:created", "task:output", "task:log", "odd:one", "task:completed"):
        workshop.accept(event_type)
    workshop.record()

    lines = workshop.lines()
    assert [line["seq"] for line in lines] == [1, 2, 3, 4, 5]
    assert [line["event"]["event_type"] for line in lines][3] == "odd:one"


def test_the_same_identity_is_recorded_once(workshop: Workshop) -> None:
    """A resent event is a duplicate, also out of order and after a restart."""
    for number in (1, 2, 3, 2):
        workshop.accept("task:log", src="a", src_seq=number, data={"message": f"m{number}"})
    workshop.record()
    for number in (1, 3):
        workshop.accept("task:log", src="a", src_seq=number, data={"message": f"m{number}"})
    workshop.record()

    assert [line["id"] for line in workshop.lines()] == ["a:1", "a:2", "a:3"]
    assert counted(workshop) == (3, 3, 0, 0)


def test_a_resend_is_known_although_its_trail_was_let_go_of(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound on identities in memory costs another reading, never a second entry."""
    monkeypatch.setattr("tasktrail.ingest.recorder.MOST_IDENTITIES", 1)
    partition = workshop.open()
    for _ in range(3):
        for task in ("a", "b"):
            workshop.accept("task:log", task_id=task, event_id=f"e-{task}")
            partition.step()
    writers = partition._recorder._writers.values()  # noqa: SLF001 - memory is not told
    held = [writer.loaded_identities for writer in writers]
    partition.close()

    assert held == [0, 1]
    assert counted(workshop) == (2, 4, 0, 0)


def test_a_late_lower_number_is_no_duplicate(workshop: Workshop) -> None:
    """Membership decides, never the highest number seen."""
    for number in (1, 5, 3):
        workshop.accept("task:log", src="a", src_seq=number)
    workshop.record()

    assert [line["id"] for line in workshop.lines()] == ["a:1", "a:5", "a:3"]


def test_other_content_under_a_known_identity_is_kept_and_counted(workshop: Workshop) -> None:
    """A producer that reuses an id loses nothing, and the conflict shows."""
    for message in ("one", "two", "two"):
        workshop.accept("task:log", event_id="e", data={"message": message})
    workshop.record()

    assert [line["message"] for line in workshop.lines()] == ["one", "two"]
    assert counted(workshop) == (2, 1, 1, 0)


def test_events_without_identity_are_all_recorded(workshop: Workshop) -> None:
    """Saying the same thing twice is two events; their place in the spool tells them apart."""
    workshop.accept("task:log", data={"message": "again"})
    workshop.accept("task:log", data={"message": "again"})
    workshop.record()

    first, second = (line["id"] for line in workshop.lines())
    assert first != second
    assert first.startswith("spool:0:")


@pytest.mark.parametrize(
    "blob", [b"{}", b'{"type":"x"}', b'{"task_id":"t"}', b'{"type":"x","task_id":"t","data":[]}']
)
def test_what_cannot_be_recorded_goes_aside_alone(workshop: Workshop, blob: bytes) -> None:
    """The dead letter keeps the bytes and the reason; its neighbours are recorded."""
    workshop.accept("task:output", data={"content": "before"})
    workshop.put(blob)
    workshop.accept("task:output", data={"content": "after"})
    workshop.record()

    (letter,) = iter_dead(workshop.layout)
    assert letter.blob == blob
    assert letter.reason.startswith("expected")
    assert [line["content"] for line in workshop.lines()] == ["before", "after"]
    assert counted(workshop) == (2, 0, 0, 1)


def test_many_dead_letters_in_a_row_are_counted_and_stop_nobody(workshop: Workshop) -> None:
    """A bad deploy raises the count that the alarm watches; the next good event resets it."""
    for _ in range(150):
        workshop.put(b"{}")
    workshop.record()
    before = read_checkpoint(workshop.layout, 0)
    workshop.accept("task:output")
    workshop.record()
    after = read_checkpoint(workshop.layout, 0)

    assert before is not None
    assert after is not None
    assert (before.counters.consecutive_dead, after.counters.consecutive_dead) == (150, 0)
    assert len(workshop.lines()) == 1


def test_hostile_ids_stay_inside_the_root(workshop: Workshop) -> None:
    """Path climbers, endless ids and NULs live under a hash, with their true id in line 1."""
    for hostile in ("../../x", "y" * 300, "nul\0id"):
        workshop.accept("task:output", task_id=hostile)
    workshop.record()

    names = sorted(one.name for one in workshop.layout.tasks.iterdir())
    assert all(name.startswith("~") and len(name) == 33 for name in names)
    true_ids = {workshop.lines(name)[0]["event"]["task_id"] for name in names}
    assert true_ids == {"../../x", "y" * 300, "nul\0id"}
    assert not (workshop.layout.root.parent / "x").exists()


def test_what_stands_in_a_trails_place_costs_only_that_trail(
    workshop: Workshop, tmp_path: Path
) -> None:
    """A planted link is not followed: its events go aside, all others are recorded."""
    (workshop.layout.tasks / "linked").symlink_to(tmp_path)
    (workshop.layout.tasks / "filed").write_text("no directory")
    for task_id in ("linked", "good", "filed", "good"):
        workshop.accept("task:output", task_id)
    workshop.record()

    assert [letter.code for letter in iter_dead(workshop.layout)] == ["trail_unusable"] * 2
    assert len(workshop.lines("good")) == 2
    assert not list(tmp_path.glob("*.jsonl"))


def test_dead_letters_are_counted_in_a_row_as_the_spool_has_them(workshop: Workshop) -> None:
    """Events are recorded task by task; what stands between dead letters still ends their row."""
    (workshop.layout.tasks / "filed").write_text("no directory")
    for task_id in ("good", "filed", "good", "filed", "good", "filed"):
        said = {"timestamp": "2026-02-14T10:00:00Z", "data": {"content": "c"}}
        workshop.accept("task:output", task_id, **said)
    workshop.put(b"{}")
    workshop.record()
    checkpoint = read_checkpoint(workshop.layout, 0)

    assert checkpoint is not None
    assert checkpoint.counters.consecutive_dead == 2
    places = [letter.pos for letter in iter_dead(workshop.layout)]
    assert places == sorted(places, key=lambda pos: pos or 0)


def test_a_session_has_a_trail_of_its_own(workshop: Workshop) -> None:
    """Events that name a session and no task, and workers nobody introduced."""
    workshop.accept("session:started", task_id=None, session_id="s-1")
    workshop.accept("worker:spawned", task_id=None, worker_id="w-1")
    workshop.record()

    assert len(workshop.lines("s-1", "sessions")) == 1
    assert len(workshop.lines("unassigned", "sessions")) == 1


def test_a_large_value_is_recorded_whole(workshop: Workshop) -> None:
    """20 MB in one event come back byte for byte."""
    content = "0123456789abcdef" * (20 * 65_536)
    workshop.accept("task:output", data={"content": content})
    workshop.record()

    assert workshop.lines()[0]["content"] == content


def test_a_trail_whose_files_were_let_go_is_written_on(workshop: Workshop) -> None:
    """More live trails than open files cost nothing but opening them again."""
    for turn in range(2):
        for number in range(100):
            workshop.accept("task:log", task_id=f"t-{number}", data={"message": str(turn)})
        workshop.record()
    partition = workshop.open()
    for turn in (2, 3):
        for number in range(100):
            workshop.accept("task:log", task_id=f"t-{number}", data={"message": str(turn)})
        partition.step()
    partition.close()

    for number in (0, 50, 99):
        lines = workshop.lines(f"t-{number}")
        assert [line["message"] for line in lines] == ["0", "1", "2", "3"]
        assert [line["seq"] for line in lines] == [1, 2, 3, 4]
