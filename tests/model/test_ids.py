"""Ids become directory names and partitions, never paths."""

import pytest

from tasktrail.model.ids import TrailKey, directory_name, is_directory_name, partition_of


@pytest.mark.parametrize("legal", ["gh-450", "203496bc-0001", "a", "JB_1.x", "x" * 128])
def test_a_legal_id_is_its_own_directory(legal: str) -> None:
    """An id of the legal shape is used as it is."""
    assert directory_name(legal) == legal


@pytest.mark.parametrize(
    "hostile", ["../../x", "a/b", "", ".", "..", ".hidden", "~x", "x" * 129, "nul\0", "é", "a b"]
)
def test_any_other_id_is_hashed(hostile: str) -> None:
    """An id of another shape lives under ~ and 32 hex digits, and is told apart from others."""
    name = directory_name(hostile)

    assert name.startswith("~")
    assert is_directory_name(name)
    assert name != directory_name(hostile + "x")


def test_half_a_surrogate_pair_is_hashed_too() -> None:
    """An id that is no text at all still gets a directory."""
    assert is_directory_name(directory_name("\ud83d"))


def test_a_key_has_one_partition() -> None:
    """The partition is the crc32 of the key, so every process agrees on it."""
    assert [partition_of("gh-450", count) for count in (1, 4, 16)] == [0, 0, 8]


def test_a_trail_is_named_by_family_and_directory() -> None:
    """Journals name a trail without its hostile id."""
    assert TrailKey("tasks", "gh-1").name == "tasks/gh-1"
    assert "/../" not in TrailKey("tasks", "../../x").name
