"""Errors are known by a stable code."""

import inspect

from tasktrail import errors
from tasktrail.errors import Overloaded, TasktrailError


def every_error() -> list[type[TasktrailError]]:
    """All classes of the tree."""
    classes = (one for _, one in inspect.getmembers(errors, inspect.isclass))
    return [one for one in classes if issubclass(one, TasktrailError)]


def test_every_error_has_a_code_of_its_own() -> None:
    """Clients tell errors apart by code, never by text."""
    codes = [one.code for one in every_error()]

    assert len(set(codes)) == len(codes)


def test_every_error_stands_in_the_drawn_tree() -> None:
    """The module's docstring is the map."""
    drawn = errors.__doc__ or ""

    assert all(one.__name__ in drawn for one in every_error())


def test_an_overload_says_when_to_come_back() -> None:
    """Doors turn it into Retry-After."""
    assert Overloaded("full", retry_after_seconds=7).retry_after_seconds == 7
