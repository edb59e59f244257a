"""Whoever knows a module's place knows where its tests are."""

from pathlib import Path

from tests.house.tree import SOURCES, TESTS, python_files

# Modules whose tests live elsewhere, each with its reason.
TESTED_ELSEWHERE = {
    "__main__.py": "two lines; the command itself is tested in tests/cli",
}


def untested_modules(sources: Path, tests: Path) -> list[str]:
    """Modules that have no test file where one would look for it.

    `store/trail.py` is tested by `store/test_trail.py`, a module of a folder inside a room
    either in the same folder of the tests or in the room's.
    """
    modules = [p.relative_to(sources) for p in python_files(sources) if p.name != "__init__.py"]
    return [
        str(module)
        for module in modules
        if str(module) not in TESTED_ELSEWHERE
        and not any((tests / place).exists() for place in _places(module))
    ]


def _places(module: Path) -> list[Path]:
    test = f"test_{module.stem.strip('_')}.py"
    return [module.parent / test, Path(*module.parts[:1]).with_suffix("") / test]


def orphaned_exceptions(sources: Path) -> list[str]:
    """Names in the list of exceptions that no longer exist."""
    return [name for name in TESTED_ELSEWHERE if not (sources / name).exists()]


def test_every_module_has_its_test_file() -> None:
    """Each source module has a test file of the same name in the same room."""
    assert untested_modules(SOURCES, TESTS) == []


def test_the_exceptions_are_still_needed() -> None:
    """The list of modules tested elsewhere names only modules that exist."""
    assert orphaned_exceptions(SOURCES) == []


def test_a_planted_module_without_tests_is_found(tmp_path: Path) -> None:
    """A new module is named until its test file is there."""
    (tmp_path / "src" / "store").mkdir(parents=True)
    (tmp_path / "src" / "store" / "attic.py").write_text('"""Old things."""\n')
    before = untested_modules(tmp_path / "src", tmp_path / "tests")
    (tmp_path / "tests" / "store").mkdir(parents=True)
    (tmp_path / "tests" / "store" / "test_attic.py").write_text('"""Tests."""\n')

    assert before == ["store/attic.py"]
    assert untested_modules(tmp_path / "src", tmp_path / "tests") == []
