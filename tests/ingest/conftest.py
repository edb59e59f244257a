"""A Redis and a data root for the tests of the pumps."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pumping import Pumping
from tests.support.redis_server import RedisServer


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A redis-server without persistence."""
    with RedisServer(tmp_path / "redis") as server:
        yield server


@pytest.fixture
def pumping(tmp_path: Path) -> Iterator[Pumping]:
    """A data root with a spool."""
    with Pumping(tmp_path / "root") as one:
        yield one
