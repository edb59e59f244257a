"""A child process with a guard removed.

    python -m tasktrail.chaos.weakened GUARD MODULE [ARGUMENT…]

Only control runs start it. It is the module's own program, but for the one guard.
"""

import runpy
import sys

from tasktrail.chaos.guards import remove


def main(arguments: list[str]) -> None:
    """Run the module without the guard."""
    guard, module, *rest = arguments
    remove(guard)
    sys.argv = [module, *rest]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
