"""Every test says in one sentence which behaviour it holds, and asserts it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import SOURCES, TESTS, Function, iter_functions, python_files


def iter_tests(folder: Path) -> Iterator[Function]:
    """Every test function under `folder`."""
    for path in python_files(folder):
        if path.name.startswith("test_"):
            yield from (f for f in iter_functions(path) if f.node.name.startswith("test_"))


def silent_tests(folder: Path) -> list[str]:
    """Tests without a sentence."""
    return [str(test) for test in iter_tests(folder) if not ast.get_docstring(test.node)]


def idle_tests(folder: Path) -> list[str]:
    """Tests that can never fail: no assert, no expected exception, no helper that checks."""
    return [str(test) for test in iter_tests(folder) if not _checks_something(test.node)]


def _checks_something(test: ast.AST) -> bool:
    for node in ast.walk(test):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name == "pytest.raises" or name.split(".")[-1].startswith(
                ("assert_", "expect", "wait_until")
            ):
                return True
    return False


def undocumented_modules(folder: Path) -> list[str]:
    """Modules that do not say what they are for."""
    return [
        str(path)
        for path in python_files(folder)
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]


def test_every_test_has_a_sentence() -> None:
    """A failing test tells what is broken without its code being read."""
    assert silent_tests(TESTS) == []


def test_every_test_can_fail() -> None:
    """No test passes because it checks nothing."""
    assert idle_tests(TESTS) == []


def test_every_module_says_what_it_is_for() -> None:
    """Each source and test module opens with its purpose."""
    assert undocumented_modules(SOURCES) + undocumented_modules(TESTS) == []


def test_a_planted_idle_test_is_found(tmp_path: Path) -> None:
    """A test without sentence and assert is named by both checks."""
    planted = tmp_path / "test_nothing.py"
    planted.write_text("def test_it() -> None:\n    len('')\n", encoding="utf-8")

    assert silent_tests(tmp_path) == [f"{planted}:1 test_it"]
    assert idle_tests(tmp_path) == [f"{planted}:1 test_it"]
    assert undocumented_modules(tmp_path) == [str(planted)]
