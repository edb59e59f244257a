"""The arrows between the rooms hold, and every contract can be broken."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.house.tree import REPOSITORY

CONTRACTS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["contracts"]

ROOMS = [
    "chaos",
    "formats",
    "index",
    "ingest",
    "model",
    "query",
    "sdk",
    "server",
    "store",
    "upkeep",
    "cli",
]
SINGLE_FILES = ("__main__", "errors", "service", "settings", "setting_values")

# One forbidden import per contract; together they must break every one of them.
PLANTED = {
    "model/words.py": "import os\nimport tasktrail.store.trail\n",
    "ingest/recorder.py": "import tasktrail.index.rows\n",
    "index/rows.py": "import sqlite3\nimport click\n",
    "query/reader.py": "import sqlite3\nimport redis\nimport litestar\nimport genai_prices\n",
    "sdk/client.py": "import rich\n",
    "store/trail.py": "import tasktrail.store.files\n",
    "store/files.py": "import tasktrail.store.trail\n",
}


def run_linter(folder: Path) -> subprocess.CompletedProcess[str]:
    """The outcome of import-linter for the package under `folder`, with our contracts."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def build_skeleton(folder: Path) -> None:
    """An empty house with every room, and our own contracts beside it."""
    package = folder / "tasktrail"
    for room in ROOMS:
        (package / room).mkdir(parents=True)
        (package / room / "__init__.py").write_text("")
    for name in (*SINGLE_FILES, "__init__"):
        (package / f"{name}.py").write_text("")
    (folder / "pyproject.toml").write_bytes((REPOSITORY / "pyproject.toml").read_bytes())


def test_every_arrow_points_down() -> None:
    """No room imports what it must not, in the tree as it is."""
    outcome = run_linter(REPOSITORY)

    assert outcome.returncode == 0, outcome.stdout


def test_an_empty_house_keeps_every_contract(tmp_path: Path) -> None:
    """A house without imports breaks nothing, so a broken contract is the import's doing."""
    build_skeleton(tmp_path)
    outcome = run_linter(tmp_path)

    assert outcome.returncode == 0, outcome.stdout
    assert outcome.stdout.count("KEPT") == len(CONTRACTS)


def test_every_contract_can_be_broken(tmp_path: Path) -> None:
    """Each contract reports the import that was planted against it."""
    build_skeleton(tmp_path)
    for name, imports in PLANTED.items():
        (tmp_path / "tasktrail" / name).write_text(imports)
    outcome = run_linter(tmp_path)

    unbroken = [c["name"] for c in CONTRACTS if f"{c['name']} BROKEN" not in outcome.stdout]
    assert unbroken == [], outcome.stdout


def test_an_undeclared_room_is_refused(tmp_path: Path) -> None:
    """A room that no layer names fails the check."""
    build_skeleton(tmp_path)
    (tmp_path / "tasktrail" / "attic.py").write_text("")
    outcome = run_linter(tmp_path)

    assert outcome.returncode != 0
    assert "attic" in outcome.stdout
