"""Guards: every one is where the table says, and is removed from outside."""

import subprocess
import sys

import pytest

from tasktrail.chaos.faults import FAULTS
from tasktrail.chaos.guards import GUARDS, find, remove
from tasktrail.chaos.injection import FAULTS as CALL_FAULTS
from tasktrail.chaos.syscalls import CUT
from tasktrail.chaos.trouble import ChaosFailed

TARGETS = [target for guard in GUARDS.values() for target in guard.replaces]


@pytest.mark.parametrize("target", TARGETS)
def test_every_guard_is_still_in_the_product(target: str) -> None:
    """Who renames a guarded place renames it in the table, or its control proves nothing."""
    owner, name = find(target)

    assert callable(getattr(owner, name))


def test_guards_can_be_removed_from_a_process() -> None:
    """In a process of its own: this one keeps all of them."""
    program = (
        "from tasktrail.chaos.guards import GUARDS, find, remove\n"
        "for name, guard in GUARDS.items():\n"
        "    targets = [find(one) for one in guard.replaces]\n"
        "    before = [getattr(*one) for one in targets]\n"
        "    remove(name)\n"
        "    assert all(getattr(*one) is not old for one, old in zip(targets, before)), name\n"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_guard_that_is_gone_is_told() -> None:
    """Nothing is proven by removing what is not there."""
    with pytest.raises(ChaosFailed, match="expected tasktrail"):
        find("tasktrail.store.trail:TrailWriter.no_such_thing")


def test_an_unknown_guard_is_an_error() -> None:
    """A name that is not in the table."""
    with pytest.raises(KeyError):
        remove("no-such-guard")


def test_every_guard_names_a_run_and_a_fault_that_exist() -> None:
    """Else its control would never be tried."""
    faults = {fault.name for fault in FAULTS} | {*CALL_FAULTS, CUT, None}

    assert {guard.run for guard in GUARDS.values()} <= {
        "faults",
        "removals",
        "ext4",
        "xfs",
        "syscalls",
    }
    assert {guard.only for guard in GUARDS.values()} <= faults
