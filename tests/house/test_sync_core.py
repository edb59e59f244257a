"""Only the server is async: everything below it runs in plain threads."""

import ast
from pathlib import Path

from tests.house.tree import SOURCES, python_files

ASYNC = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
ASYNC_LIBRARIES = {"asyncio", "anyio"}
# Files below the server that know of event loops, each with its reason.
ALLOWED = {
    "sdk/coroutines.py",  # a plugin may be written as a coroutine: it is run to its end
}


def async_places(folder: Path) -> list[str]:
    """Every async construct and import of an event loop outside the server room."""
    return [
        f"{path.relative_to(folder)}:{node.lineno}"
        for path in python_files(folder)
        if path.relative_to(folder).parts[0] != "server"
        if str(path.relative_to(folder)) not in ALLOWED
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ASYNC) or _imports_a_loop(node)
        if hasattr(node, "lineno")
    ]


def _imports_a_loop(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(name.name.split(".")[0] in ASYNC_LIBRARIES for name in node.names)
    return isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ASYNC_LIBRARIES


def test_only_the_server_is_async() -> None:
    """No room but the server defines, awaits or runs a coroutine."""
    assert async_places(SOURCES) == []


def test_a_planted_coroutine_is_found(tmp_path: Path) -> None:
    """A coroutine is found in every room but the server."""
    for room in ("store", "server"):
        (tmp_path / room).mkdir()
        (tmp_path / room / "late.py").write_text(
            "import asyncio\nasync def f() -> None: ...\n", encoding="utf-8"
        )

    assert async_places(tmp_path) == ["store/late.py:1", "store/late.py:2"]
