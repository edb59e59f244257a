"""The source tree as the house checks see it: files, functions, tracked files.

Everything takes the folder to look at, so that each check can be shown to fail on a planted tree.
"""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = REPOSITORY / "src" / "tasktrail"
TESTS = REPOSITORY / "tests"

FUNCTION_NODES = (ast.FunctionDef, ast.AsyncFunctionDef)


class Function(NamedTuple):
    """One function of the tree, with the lines from its `def` to its end."""

    path: Path
    node: ast.FunctionDef | ast.AsyncFunctionDef

    @property
    def lines(self) -> int:
        """How many lines it has, docstring included, decorators not."""
        return (self.node.end_lineno or self.node.lineno) - self.node.lineno + 1

    def __str__(self) -> str:
        return f"{self.path}:{self.node.lineno} {self.node.name}"


def python_files(folder: Path) -> list[Path]:
    """Every Python file under `folder`, in order; nothing that was generated."""
    return sorted(p for p in folder.rglob("*.py") if not {"_web", "__pycache__"} & set(p.parts))


def iter_functions(path: Path) -> Iterator[Function]:
    """Every function of a file, also nested ones and methods."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, FUNCTION_NODES):
            yield Function(path, node)


def length_of(path: Path) -> int:
    """The number of lines of a file."""
    return len(path.read_text(encoding="utf-8").splitlines())


def tracked_files(repository: Path) -> list[Path]:
    """Files that git has or would take: what a reader of the repository gets to see."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=repository,
        check=True,
        capture_output=True,
    )
    names = listed.stdout.decode().split("\0")
    return sorted(path for name in names if name and (path := repository / name).is_file())
