"""Files of a trail: as they stand, up to what is recorded."""

from pathlib import Path

import pytest

from tasktrail.errors import FileNotFound
from tests.query.histories import reader_of, staged
from tests.support.make_trails import Trails


def test_files_are_listed_with_their_sizes(tmp_path: Path) -> None:
    """Channels and documents, those that are there."""
    with staged(tmp_path) as trails:
        files = reader_of(trails).files("gh-1")["files"]
        sizes = {one["name"]: one["size"] for one in files}

        assert all(
            (trails.layout.tasks / "gh-1" / name).stat().st_size == size
            for name, size in sizes.items()
        )
    assert {one["kind"] for one in files} == {"channel", "document"}


def test_any_range_of_a_file_can_be_read(tmp_path: Path) -> None:
    """Bytes as they stand on disk; behind its end there is nothing."""
    with staged(tmp_path) as trails:
        whole = (trails.layout.tasks / "gh-1" / "08-log.jsonl").read_bytes()
        with reader_of(trails).file("gh-1", "08-log.jsonl") as file:
            assert file.read(0, file.size) == whole
            assert file.read(5, 7) == whole[5:12]
            assert file.read(file.size, 7) == b""


def test_what_is_not_recorded_yet_is_not_shown(tmp_path: Path) -> None:
    """Its owner may still cut it."""
    with Trails(tmp_path) as trails:
        trails.record(trails.log("in"))
        trails.record(trails.log("out"), move_checkpoint=False)
        with reader_of(trails).file("gh-1", "08-log.jsonl") as file:
            shown = file.read(0, 1 << 20)

    assert shown.endswith(b"\n")
    assert (b'"in"' in shown, b'"out"' in shown) == (True, False)


@pytest.mark.parametrize("name", ["../root.json", "x.txt", "05-knowledge-interactions.jsonl", ""])
def test_no_other_file_is_there(tmp_path: Path, name: str) -> None:
    """No name leads out of the trail."""
    with (
        staged(tmp_path) as trails,
        pytest.raises(FileNotFound),
        reader_of(trails).file("gh-1", name),
    ):
        pass
