"""The table of formats."""

from pathlib import Path

from tasktrail.formats.records import parse_head
from tasktrail.formats.table import FORMATS, format_named, recognise
from tasktrail.formats.translator import Source

DOCS = Path(__file__).parents[2] / "docs" / "importers.md"


def test_formats_are_found_by_their_names() -> None:
    """Each name once."""
    names = [one.name for one in FORMATS]

    assert len(set(names)) == len(names)
    assert format_named("codex") is not None
    assert format_named("nonsense") is None


def test_every_format_is_documented() -> None:
    """The page on importers names each."""
    text = DOCS.read_text(encoding="utf-8")

    assert [one.name for one in FORMATS if f"`{one.name}`" not in text] == []


def test_what_is_no_format_of_ours_is_none() -> None:
    """A page of text, a picture, an empty file, a log line of somebody else."""
    for blob in (b"", b"# Readme\n", b"\x89PNG\r\n", b'{"level":"info","msg":"x"}\n', b"\0" * 99):
        head = parse_head(blob, is_whole=True)

        assert recognise(Source("file"), head) is None
