"""What a Redis loses: a measurement over real servers that are killed."""

from pathlib import Path

import pytest

from tasktrail.chaos.redis_loss import measure_loss
from tests.support.programs import require_program


@pytest.mark.live
@pytest.mark.parametrize(("fsync", "loses"), [("always", False), ("none", True)])
def test_a_killed_redis_loses_what_it_never_wrote_down(
    tmp_path: Path, fsync: str, *, loses: bool
) -> None:
    """With a log of commands nothing, without one everything."""
    require_program("redis-server")
    loss = measure_loss(tmp_path, fsync, volume_kind=None, rounds=1, seconds=0.3)

    assert loss.answered > 0
    assert loss.lost == (loss.answered if loses else 0)
