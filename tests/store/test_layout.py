"""Names on disk."""

from pathlib import Path

import pytest

from tasktrail.model.ids import TrailKey
from tasktrail.store.layout import Layout, layout_of

ROOT = Path("/data/trail")


@pytest.mark.parametrize("trail_id", ["../../x", "a" * 300, "a\0b", "/etc/passwd", ".", "~x", ""])
def test_a_hostile_id_stays_inside_its_family(trail_id: str) -> None:
    """Whatever an id says, its trail is a directory right below its family."""
    path = layout_of(ROOT).trail(TrailKey("tasks", trail_id))

    assert path.parent == ROOT / "tasks"
    assert path.name.startswith("~")
    assert len(path.name) == 33


def test_trails_of_tasks_can_stand_elsewhere() -> None:
    """LOGS_DIR moves the tasks, and only them."""
    layout = layout_of(ROOT, Path("/logs"))

    assert layout.trail(TrailKey("tasks", "gh-1")) == Path("/logs/gh-1")
    assert layout.trail(TrailKey("sessions", "s1")) == ROOT / "sessions" / "s1"
    assert layout.channel(TrailKey("tasks", "gh-1"), "log") == Path("/logs/gh-1/08-log.jsonl")


def test_a_hostile_stream_stays_among_the_dead_letters() -> None:
    """The name of a Redis stream is no path either."""
    layout = layout_of(ROOT)

    assert layout.dead("redis-task_events").name == "redis-task_events.jsonl"
    assert layout.dead("redis-../../x").parent == layout.dead_letters


def test_no_two_names_are_the_same() -> None:
    """Every file and directory of a root has a name of its own."""
    layout = layout_of(ROOT)
    names = [
        value
        for value in (getattr(Layout, name) for name in dir(Layout))
        if isinstance(value, property)
    ]
    fixed = [one.fget(layout) for one in names if one.fget]
    numbered = [
        layout.spool(0),
        layout.append_lock(0),
        layout.partition_lock(0),
        layout.checkpoint(0),
        layout.touched(0),
        layout.touched_before(0),
        layout.dead(0),
        layout.dead("redis-task_events"),
        layout.holds(0),
    ]

    assert len({*fixed, *numbered}) == len(fixed) + len(numbered)


def test_parents_come_before_their_directories() -> None:
    """Directories are listed in an order in which they can be made."""
    directories = layout_of(ROOT).directories(2)

    seen = {ROOT.parent}
    for directory in directories:
        assert directory.parent in seen
        seen.add(directory)
    assert layout_of(ROOT).spool(1) in seen
