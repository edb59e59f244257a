"""What importers have read, on disk."""

from pathlib import Path

from tasktrail.store.import_memory import SPARE_NOTES, FileMark, ImportMemory, Stamp

STAMP = Stamp(10, 20, 30, 40)


def mark(path: str, offset: int = 0) -> FileMark:
    """A file that was read up to there."""
    return FileMark(path, "codex", STAMP, offset, "guard", '{"a":1}')


def test_a_note_is_there_for_the_next_process(tmp_path: Path) -> None:
    """The last note of a file counts."""
    memory = ImportMemory(tmp_path / "imports")
    memory.note([mark("a", 1), mark("b")])
    memory.note([mark("a", 2)])
    found = ImportMemory(tmp_path / "imports")

    assert (found.find("a"), found.find("b"), found.find("c")) == (mark("a", 2), mark("b"), None)


def test_notes_of_two_processes_stand_together(tmp_path: Path) -> None:
    """None overwrites the other's."""
    one, other = ImportMemory(tmp_path), ImportMemory(tmp_path)
    one.note([mark("a")])
    other.note([mark("b")])

    assert ImportMemory(tmp_path).find("a") == mark("a")
    assert ImportMemory(tmp_path).find("b") == mark("b")


def test_a_damaged_note_costs_that_note(tmp_path: Path) -> None:
    """It only saves work: the file is read again."""
    memory = ImportMemory(tmp_path)
    memory.note([mark("a")])
    path = tmp_path / "files.jsonl"
    path.write_bytes(path.read_bytes() + b"\0\0\n[torn")
    ImportMemory(tmp_path).note([mark("b")])

    assert ImportMemory(tmp_path).find("a") == mark("a")
    assert ImportMemory(tmp_path).find("b") == mark("b")


def test_outdated_notes_do_not_pile_up(tmp_path: Path) -> None:
    """A file that is followed for a year leaves one note."""
    memory = ImportMemory(tmp_path)
    memory.note([mark("a", number) for number in range(SPARE_NOTES + 3)])
    found = ImportMemory(tmp_path)

    assert found.find("a") == mark("a", SPARE_NOTES + 2)
    assert (tmp_path / "files.jsonl").read_bytes().count(b"\n") == 1


def test_stamps_of_a_directory_are_joined() -> None:
    """Every change of a part changes the whole."""
    assert STAMP.joined(Stamp(5, 50, 1, 1)) == Stamp(15, 50, 30, 40)
