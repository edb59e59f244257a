"""What the tests of the SDK share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.outboxes import Told


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    """A job in a data root of its own."""
    job = Told(tmp_path / "root")
    yield job
    job.close()
