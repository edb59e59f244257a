"""What keeps a run from a verdict has a code of its own."""

from tasktrail.chaos.trouble import ChaosFailed, Unavailable
from tasktrail.errors import TasktrailError


def test_troubles_are_told_apart() -> None:
    """A run that failed and a machine that cannot are different answers."""
    assert {ChaosFailed.code, Unavailable.code} == {"chaos_failed", "unavailable"}
    assert issubclass(Unavailable, TasktrailError)
