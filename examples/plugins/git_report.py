"""Clones a local repository and reports on it: a plugin as a class.

python examples/plugins/run.py git_report '{"repository": ".", "clone": "/tmp/clone"}'
"""

import subprocess
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tasktrail import TaskContext

AUTHORS = 10


class Plugin:
    """What the runner makes one of."""

    name = "git_report"

    def execute(self, params: Mapping[str, str], context: TaskContext) -> dict[str, object]:
        """What the repository holds."""
        clone = Path(params["clone"])
        with context.stage("clone"):
            self._git(context, "clone", "--no-hardlinks", params["repository"], str(clone))
        with context.stage("report"):
            authors = self._git(context, "log", "--format=%an", at=clone)
            branches = self._git(context, "branch", "--all", "--format=%(refname:short)", at=clone)
            files = self._git(context, "ls-files", at=clone)
            report: dict[str, object] = {
                "commits": len(authors),
                "authors": dict(Counter(authors).most_common(AUTHORS)),
                "branches": branches,
                "files": len(files),
                "latest": "".join(self._git(context, "log", "-1", "--format=%s", at=clone)),
            }
            context.logger.info(f"{len(authors)} commits in {len(files)} files", **report)
        return report

    def _git(self, context: TaskContext, *command: str, at: Path | None = None) -> list[str]:
        """The lines of its answer; what it says on stderr is in the task. Raises RuntimeError."""
        log = context.logger.with_source("git")
        log.debug("git " + " ".join(command))
        done = subprocess.run(
            ["git", *command], cwd=at, capture_output=True, text=True, check=False
        )
        for line in done.stderr.splitlines():
            log.info(line)
        if done.returncode:
            raise RuntimeError(f"git {command[0]} ended with {done.returncode}")
        return done.stdout.splitlines()
