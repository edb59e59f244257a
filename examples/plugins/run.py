"""Runs one of the plugins beside this file as a task.

python examples/plugins/run.py PLUGIN '{"its": "params"}' [TASK]
"""

import json
import logging
import sys
from importlib import import_module

import tasktrail


def main(name: str, params: str, task_id: str | None = None) -> None:
    """Run it, and print what it gave back."""
    logging.getLogger().addHandler(tasktrail.TaskLogHandler())
    logging.getLogger().setLevel(logging.INFO)
    module = import_module(name)
    plugin = getattr(module, "Plugin", module)
    with tasktrail.connect() as client:
        outcome = tasktrail.TaskRunner(client).run(plugin, json.loads(params), task_id=task_id)
    print(json.dumps(outcome, indent=2))


if __name__ == "__main__":
    if len(sys.argv) not in {3, 4}:
        sys.exit(__doc__)
    main(*sys.argv[1:])
