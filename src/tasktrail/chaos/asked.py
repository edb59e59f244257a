"""A child process that asks many questions: the command `tasktrail`, one time after the other.

    python -m tasktrail.chaos.asked '[["tasks", "--json"], …]'

What it writes is what the commands write one by one, without a new process for each.
"""

import json
import runpy
import sys


def main(told: str) -> None:
    """Every answer on stdout; it ends with the first command that fails, and with its code."""
    for arguments in json.loads(told):
        sys.argv = ["tasktrail", *arguments]
        try:
            runpy.run_module("tasktrail", run_name="__main__", alter_sys=True)
        except SystemExit as end:
            if end.code:
                sys.stderr.write(f"{' '.join(arguments)} failed\n")
                raise


if __name__ == "__main__":
    main(sys.argv[1])
