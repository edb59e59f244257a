"""Files beside a file."""

from pathlib import Path

from tasktrail.ingest.import_siblings import MOST_BYTES, siblings_of


def test_a_sub_agent_has_its_sidecar(tmp_path: Path) -> None:
    """If there is one, and if it is no larger than a sidecar is."""
    (tmp_path / "agent-1.meta.json").write_bytes(b"{}")
    (tmp_path / "agent-2.meta.json").write_bytes(b"x" * (MOST_BYTES + 1))

    assert siblings_of(str(tmp_path / "agent-1.jsonl")) == {"agent-1.meta.json": b"{}"}
    assert siblings_of(str(tmp_path / "agent-2.jsonl")) == {}
    assert siblings_of(str(tmp_path / "agent-3.jsonl")) == {}


def test_a_task_directory_has_its_numbered_files(tmp_path: Path) -> None:
    """And nothing else that lies there."""
    for name in ("01-input.json", "04-agent-output.jsonl", "notes.json", "05-x.tmp"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "06-final-result.json").mkdir()

    assert sorted(siblings_of(str(tmp_path / "metadata.json"))) == [
        "01-input.json",
        "04-agent-output.jsonl",
    ]
    assert siblings_of(str(tmp_path / "other.json")) == {}
