"""Trails as they are recorded by now: waited for, read on, or said to be behind."""

from pathlib import Path

from tasktrail.query.present_trails import PresentTrails
from tests.support.make_trails import Trails, key_of


def present(trails: Trails) -> PresentTrails:
    """One that does not wait."""
    return PresentTrails(trails.layout, trails.root, trails.index, wait_seconds=0)


def test_a_question_about_a_trail_sees_all_that_is_recorded(tmp_path: Path) -> None:
    """Whatever the index has of it."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("a"))
        trails.index_all()
        trails.record(trails.log("b"))
        asked = present(trails)

        assert asked.on_trail(key_of(), lambda view: view.head) == 2
        assert asked.is_behind


def test_trails_that_advanced_are_known_unless_there_are_too_many(tmp_path: Path) -> None:
    """`None` says that nobody looks at them all."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("a"))
        asked = present(trails)
        few = asked.ahead({}, asked.recorded())
        trails.record(*(trails.log("a", task_id=f"gh-{n}") for n in range(201)))

        assert few == {key_of(): trails.pos[0] - 201 * 100}
        assert asked.ahead({}, asked.recorded()) is None


def test_a_damaged_index_is_as_good_as_none(tmp_path: Path) -> None:
    """The trail itself answers."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("a"))
        trails.index_all()
        trails.database.close()
        trails.layout.index.write_bytes(b"no database" * 1_000)

        assert present(trails).on_trail(key_of(), lambda view: view.head) == 1
