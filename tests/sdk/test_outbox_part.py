"""A part is written to at stated places; the verbs beside it leave whole files."""

from pathlib import Path

from tasktrail.sdk.outbox_part import Part, append_durably, replace_file, to_disk


def test_a_write_that_is_made_again_changes_nothing(tmp_path: Path) -> None:
    """The same bytes at the same place; what was cut back is gone."""
    part = Part.new(tmp_path / "ab.jsonl")
    for _ in range(2):
        part.write_rest(b"one\n", 0, 0)
    part.write_rest(b"half", 4, 0)
    part.cut_back(4)
    part.size = 4
    part.sync(to_disk)
    part.close()
    part.close()

    assert (tmp_path / "ab.jsonl").read_bytes() == b"one\n"
    assert part.synced == 4


def test_replacing_and_appending_leave_whole_files(tmp_path: Path) -> None:
    """The verbs that remember how far an outbox was taken on."""
    replace_file(tmp_path / "place", b"1\n")
    replace_file(tmp_path / "place", b"2\n")
    append_durably(tmp_path / "dead", b"a\n")
    append_durably(tmp_path / "dead", b"b\n")

    assert (tmp_path / "place").read_bytes() == b"2\n"
    assert (tmp_path / "dead").read_bytes() == b"a\nb\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dead", "place"]
