"""The fold of stages: begun, ended, nested, begun again."""

from tasktrail.model.codec import Fields, as_raw
from tasktrail.model.stages import COMPLETED, FAILED, STARTED, StageTold, fold_stages

SECOND = 1_000_000


def told(
    seq: int, event_type: str, name: str, worker: str | None = None, **data: object
) -> StageTold:
    """What an entry of second `seq` tells."""
    fields: Fields = {key: as_raw(value) for key, value in data.items()}
    return StageTold(seq, event_type, name, worker, seq * SECOND, None, fields)


def test_a_stage_that_begins_again_is_numbered() -> None:
    """The first of them ends, at the latest, before the second."""
    first, again = fold_stages([told(1, STARTED, "a"), told(4, STARTED, "a")])

    assert [(one.number, one.first_seq, one.last_seq) for one in (first, again)] == [
        (1, 1, 3),
        (2, 4, None),
    ]


def test_an_end_is_of_the_workers_own_stage() -> None:
    """Else of whoever has that stage open, and of the latest of those."""
    begun = [told(1, STARTED, "a", "w-1"), told(2, STARTED, "a", "w-2")]

    own = fold_stages([*begun, told(3, COMPLETED, "a", "w-1")])
    others = fold_stages([*begun, told(3, COMPLETED, "a", "w-3")])

    assert [one.status for one in own] == ["completed", "active"]
    assert [one.status for one in others] == ["active", "completed"]


def test_a_stage_lies_within_what_its_worker_has_open() -> None:
    """What has ended holds nothing more."""
    events = [told(1, STARTED, "a"), told(2, STARTED, "b"), told(3, COMPLETED, "b")]

    _, inner, beside = fold_stages([*events, told(4, STARTED, "c")])

    assert [(one.parent and one.parent.name, one.depth) for one in (inner, beside)] == [
        ("a", 1),
        ("a", 1),
    ]


def test_seconds_lie_between_its_events() -> None:
    """Where it never began, they are what its end says: seconds first, then milliseconds."""
    timed = [told(1, STARTED, "a"), told(3, COMPLETED, "a", duration_seconds=99)]
    said = [told(5, COMPLETED, "b", duration_seconds=7, duration_ms=1), told(6, FAILED, "c")]

    stages = fold_stages([*timed, *said, told(7, COMPLETED, "d", duration_ms=1_500)])

    assert [one.seconds for one in stages] == [2.0, 7.0, None, 1.5]


def test_a_failure_says_why() -> None:
    """By its error, else by its message; an end well has none."""
    ends = [told(1, FAILED, "a", error="x", message="y"), told(2, FAILED, "b", message="y")]

    stages = fold_stages(
        [*ends, told(3, FAILED, "c", error=None), told(4, COMPLETED, "d", error="x")]
    )

    assert [one.error for one in stages] == ["x", "y", None, None]
