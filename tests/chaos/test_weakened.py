"""A weakened process is the program it was told, but for one guard."""

import subprocess
from pathlib import Path

from tasktrail.chaos.processes import tasktrail


def test_a_weakened_command_is_the_command(tmp_path: Path) -> None:
    """It takes the same arguments and says the same."""
    arguments = ("config", "--json", "--data", str(tmp_path / "root"))
    plain = subprocess.run(tasktrail(*arguments), capture_output=True, check=False)
    command = tasktrail(*arguments, without="dedupe")
    weakened = subprocess.run(command, capture_output=True, check=False)

    assert weakened.returncode == 0
    assert weakened.stdout == plain.stdout != b""
