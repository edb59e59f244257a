"""The generated parts of docs/ say what the code says."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts import generate_docs
from tests.house.tree import REPOSITORY


def check(repository: Path) -> subprocess.CompletedProcess[str]:
    """The outcome of the generator asked only to look."""
    program = repository / "scripts" / "generate_docs.py"
    return subprocess.run(
        [sys.executable, program, "--check"], capture_output=True, text=True, check=False
    )


def test_the_generated_blocks_are_up_to_date() -> None:
    """No page is behind the code; `make gen` would change nothing."""
    outcome = check(REPOSITORY)

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_every_block_stands_in_exactly_one_page() -> None:
    """What the generator can write is written somewhere, once."""
    docs = (REPOSITORY / "docs").glob("*.md")
    text = "".join(path.read_text(encoding="utf-8") for path in docs)
    stands = {name: text.count(f"<!-- generated: {name} -->") for name in generate_docs.BLOCKS}

    assert stands == dict.fromkeys(generate_docs.BLOCKS, 1)


def test_a_stale_block_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed block is named by the check, which repairs nothing, and rewritten without it."""
    page = tmp_path / "docs" / "format.md"
    page.parent.mkdir()
    page.write_text("<!-- generated: files -->\nold\n<!-- end: files -->\n", encoding="utf-8")
    monkeypatch.setattr(generate_docs, "DOCS", page.parent)
    looked = generate_docs.main(["--check"])
    untouched = page.read_text(encoding="utf-8")
    written = generate_docs.main([])

    assert (looked, written) == (1, 0)
    assert "old" in untouched
    assert "01-input.json" in page.read_text(encoding="utf-8")
