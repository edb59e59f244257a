"""What lives in a process is made anew in its forked child, and not kept alive by that."""

import gc
import os
import weakref

from tasktrail.sdk.forking import renew_after_fork


class Renewed:
    """Counts how often it was renewed."""

    def __init__(self) -> None:
        self.times = 0

    def renew(self) -> None:
        """Once more."""
        self.times += 1


def test_the_child_renews_and_the_parent_does_not() -> None:
    """The child says by its exit code how often it was."""
    thing = Renewed()
    renew_after_fork(thing)
    child = os.fork()
    if child == 0:
        os._exit(thing.times)
    _, status = os.waitpid(child, 0)

    assert (os.waitstatus_to_exitcode(status), thing.times) == (1, 0)


def test_a_hook_keeps_nothing_alive() -> None:
    """It cannot be taken back, so it must not hold what it would renew."""
    thing = Renewed()
    found = weakref.ref(thing)
    renew_after_fork(thing)
    del thing
    gc.collect()

    assert found() is None
