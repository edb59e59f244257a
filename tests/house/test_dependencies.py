"""What we depend on is bounded, pinned for the tests, and has its reason written down."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import REPOSITORY

REASONS = REPOSITORY / "docs" / "decisions" / "0011-dependencies.md"
CONSTRAINTS = REPOSITORY / "constraints.txt"
ITSELF = "tasktrail"


def declared(repository: Path) -> list[Requirement]:
    """Every requirement that pyproject.toml names, in whatever part, without our own extras."""
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    lines = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *(line for extra in project["project"]["optional-dependencies"].values() for line in extra),
        *(line for group in project["dependency-groups"].values() for line in group),
    ]
    return [one for one in map(Requirement, lines) if one.name != ITSELF]


def pinned() -> dict[str, str]:
    """The exact version of each package in constraints.txt."""
    lines = CONSTRAINTS.read_text(encoding="utf-8").split()
    return {canonicalize_name(name): version for name, version in (x.split("==") for x in lines)}


def unbounded(requirements: list[Requirement]) -> list[str]:
    """Requirements without a lowest version or without a first version that is too new."""
    return [
        str(one)
        for one in requirements
        if not {">=", "<"} <= {specifier.operator for specifier in one.specifier}
    ]


def test_every_dependency_is_bounded() -> None:
    """No new major version of a library reaches a user before we have seen it."""
    assert unbounded(declared(REPOSITORY)) == []


def test_every_dependency_is_pinned_within_its_bounds() -> None:
    """The versions that the tests run with are the ones a user may get."""
    versions = pinned()

    outside = [
        str(one)
        for one in declared(REPOSITORY)
        if canonicalize_name(one.name) not in versions
        or versions[canonicalize_name(one.name)] not in one.specifier
    ]
    assert outside == []


def test_every_dependency_has_its_reason() -> None:
    """Each library stands in the decision that lists them all."""
    text = REASONS.read_text(encoding="utf-8").lower()

    missing = [one.name for one in declared(REPOSITORY) if not re.search(rf"\b{one.name}\b", text)]
    assert missing == []


def test_a_planted_open_end_is_found() -> None:
    """A requirement without an upper bound is named."""
    assert unbounded([Requirement("left>=1"), Requirement("right>=1,<2")]) == ["left>=1"]
