"""The doctor looks at a root and its Redis."""

from pathlib import Path

import pytest

from tasktrail.errors import RootUnusable
from tasktrail.service.doctor import ORDER, examine, examined_areas
from tests.service.rooms import settings_in
from tests.support.redis_server import RedisServer
from tests.support.workshop import Workshop


def test_what_is_found_comes_worst_first(tmp_path: Path) -> None:
    """Errors, then warnings, then notes; a root that is sound has notes at most."""
    workshop = Workshop(tmp_path)
    workshop.accept("task:log", data={"message": "m"})
    calm = examine(settings_in(tmp_path))
    workshop.put(b'{"type":"x"}')
    workshop.record()
    workshop.layout.root.chmod(0o755)
    found = examine(settings_in(tmp_path, redis_url="redis://127.0.0.1:1/0"))
    workshop.layout.root.chmod(0o700)

    assert {one.severity for one in calm} <= {"note"}
    assert [one.severity for one in found] == sorted(
        (one.severity for one in found), key=ORDER.__getitem__
    )
    assert {"redis_away", "loose_permissions", "dead_letters"} <= {one.code for one in found}


def test_a_redis_that_may_lose_events_is_told(tmp_path: Path) -> None:
    """One without an append-only file, as it is installed by default."""
    Workshop(tmp_path)
    with RedisServer(tmp_path / "redis") as redis:
        settings = settings_in(tmp_path, redis_url=redis.url)
        codes = [one.code for one in examine(settings)]

    assert "redis_not_durable" in codes
    assert "redis" in examined_areas(settings)
    assert "redis" not in examined_areas(settings_in(tmp_path))


def test_a_redis_that_nobody_named_is_said_not_to_be_looked_at(tmp_path: Path) -> None:
    """A shell without the service's environment does not make its Redis sound."""
    workshop = Workshop(tmp_path)
    before = examine(settings_in(tmp_path))
    for name in ("task_events.json", "task_events.status.json", "task_events.lock"):
        (workshop.layout.pumps / name).touch(mode=0o600)
    found = [one for one in examine(settings_in(tmp_path)) if one not in before]

    assert [(one.code, one.severity) for one in found] == [("redis_not_looked_at", "note")]
    assert "(task_events)" in found[0].message


def test_where_no_root_is_there_is_no_patient(tmp_path: Path) -> None:
    """Nothing is made in its place."""
    with pytest.raises(RootUnusable):
        examine(settings_in(tmp_path))

    assert list(tmp_path.iterdir()) == []
