"""Only three files sync or rename: nobody else can forget a sync."""

import ast
from pathlib import Path

from tests.house.tree import SOURCES, python_files

ALLOWED = {"store/files.py", "ingest/spool_writer.py", "sdk/outbox_part.py"}
OF_OS = {"fsync", "fdatasync", "replace", "rename", "renames", "link"}
OF_PATHS = {
    "rename",
    "hardlink_to",
}  # Path.replace looks like str.replace: told by its one argument


def durable_calls(folder: Path) -> list[str]:
    """Every call that syncs, renames or links a file outside the rooms' three files."""
    return [
        f"{path.relative_to(folder)}:{node.lineno} {ast.unparse(node.func)}"
        for path in python_files(folder)
        if str(path.relative_to(folder)) not in ALLOWED
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if _is_durable(node, node.func)
    ]


def _is_durable(call: ast.Call, function: ast.Attribute) -> bool:
    if isinstance(function.value, ast.Name) and function.value.id == "os":
        return function.attr in OF_OS
    arguments = len(call.args) + len(call.keywords)
    return function.attr in OF_PATHS or (
        function.attr == "replace" and len(call.args) == 1 and arguments == 1
    )


def test_only_three_files_sync_and_rename() -> None:
    """Every sync, rename and link is in one of the three files that promise it."""
    assert durable_calls(SOURCES) == []


def test_a_planted_rename_is_found(tmp_path: Path) -> None:
    """A rename by `os` or by `pathlib` is named, a string's replace is not."""
    (tmp_path / "planted.py").write_text(
        "os.fsync(1)\nPath('a').replace('b')\n'text'.replace('a', 'b')\n", encoding="utf-8"
    )

    assert durable_calls(tmp_path) == [
        "planted.py:1 os.fsync",
        "planted.py:2 Path('a').replace",
    ]
