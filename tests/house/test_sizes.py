"""Files and functions stay small enough to be read in one go."""

from pathlib import Path
from statistics import median

from tests.house.tree import SOURCES, TESTS, iter_functions, length_of, python_files

MAX_FILE_LINES = 400
MAX_MEDIAN_FILE_LINES = 150
MAX_FUNCTION_LINES = 40
MAX_MEDIAN_FUNCTION_LINES = 9


def long_files(folder: Path) -> list[str]:
    """Files above the limit, with their length."""
    lengths = {path: length_of(path) for path in python_files(folder)}
    return [f"{path}: {lines}" for path, lines in lengths.items() if lines > MAX_FILE_LINES]


def long_functions(folder: Path) -> list[str]:
    """Functions above the limit, with their length."""
    every = [function for path in python_files(folder) for function in iter_functions(path)]
    return [
        f"{function}: {function.lines}" for function in every if function.lines > MAX_FUNCTION_LINES
    ]


def median_function_lines(folder: Path) -> float:
    """The middle length of all functions."""
    return median(f.lines for path in python_files(folder) for f in iter_functions(path))


def median_file_lines(folder: Path) -> float:
    """The middle length of the files that hold code; an `__init__` is a door, not a file."""
    return median(length_of(p) for p in python_files(folder) if p.name != "__init__.py")


def test_no_source_file_is_too_long() -> None:
    """A source file ends before its reader tires."""
    found = long_files(SOURCES)

    assert found == []


def test_no_test_file_is_too_long() -> None:
    """Tests keep the same limit as the code they test."""
    found = long_files(TESTS)

    assert found == []


def test_no_function_is_too_long() -> None:
    """A function fits on a screen, in the code and in the tests."""
    found = long_functions(SOURCES) + long_functions(TESTS)

    assert found == []


def test_the_usual_file_is_short() -> None:
    """Half of all source files are shorter than the aim."""
    assert median_file_lines(SOURCES) <= MAX_MEDIAN_FILE_LINES


def test_the_usual_function_is_short() -> None:
    """Half of all functions are shorter than the aim."""
    assert median_function_lines(SOURCES) <= MAX_MEDIAN_FUNCTION_LINES


def test_a_planted_giant_is_found(tmp_path: Path) -> None:
    """The checks name a file and a function that are too long."""
    body = "\n".join("    pass" for _ in range(MAX_FILE_LINES))
    (tmp_path / "giant.py").write_text(f"def much() -> None:\n{body}\n", encoding="utf-8")

    assert long_files(tmp_path) == [f"{tmp_path / 'giant.py'}: 401"]
    assert long_functions(tmp_path) == [f"{tmp_path / 'giant.py'}:1 much: 401"]
    assert median_function_lines(tmp_path) > MAX_MEDIAN_FUNCTION_LINES
    assert median_file_lines(tmp_path) > MAX_MEDIAN_FILE_LINES
