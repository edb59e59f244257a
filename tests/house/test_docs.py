"""Nothing that a user can meet is undocumented, and every law has its test."""

import re
from collections.abc import Iterable
from pathlib import Path

from tasktrail.cli.main import COMMANDS
from tasktrail.model.event_types import EVENT_TYPES
from tasktrail.server.app import ROUTES
from tasktrail.server.metrics import FIGURES, figures, render_text
from tasktrail.service.figures import Metrics
from tasktrail.settings import SETTINGS
from tests.house.tree import REPOSITORY

DOCS = REPOSITORY / "docs"
LAW = re.compile(r"^\| \*\*(L\d+)\*\* \|(.*)\|$", re.MULTILINE)
TEST_FILE = re.compile(r"`(tests/[\w/]+\.py)`")


def missing_words(page: Path, words: Iterable[str]) -> list[str]:
    """The words that do not stand in the page as code."""
    text = page.read_text(encoding="utf-8")
    return [word for word in words if f"`{word}`" not in text]


def untested_laws(architecture: str, repository: Path) -> list[str]:
    """Laws of the ten that name no test, or one that does not exist."""
    named = {law: TEST_FILE.findall(row) for law, row in LAW.findall(architecture)}
    wanted = [f"L{number}" for number in range(1, 11)]
    return [
        f"{law}: {named.get(law)}"
        for law in wanted
        if not named.get(law) or not all((repository / path).is_file() for path in named[law])
    ]


def test_every_setting_is_documented() -> None:
    """Each setting's variable and name stand in docs/settings.md."""
    words = [word for one in SETTINGS for word in (one.env, one.name)]

    assert missing_words(DOCS / "settings.md", words) == []


def test_every_event_type_is_documented() -> None:
    """Each known event type stands in docs/protocol.md."""
    assert missing_words(DOCS / "protocol.md", EVENT_TYPES) == []


def test_every_command_is_documented() -> None:
    """Each command has a heading in docs/cli.md."""
    headings = re.findall(r"^### `tasktrail ([a-z]+)", _page("cli.md"), re.MULTILINE)

    assert list(dict.fromkeys(headings)) == list(COMMANDS)


def test_every_route_is_documented() -> None:
    """Each address that the server answers stands in docs/api.md, with its methods."""
    text = re.sub(r"\{(\w+)\}", "{}", _page("api.md"))
    routes = [
        (methods_of(one), re.sub(r"\{[\w:]+\}", "{}", p)) for one in ROUTES for p in one.paths
    ]

    assert [route for route in routes if f"`{route[0]} {route[1]}`" not in text] == []


def test_every_metric_is_documented() -> None:
    """Each metric that /metrics answers stands in docs/metrics.md, in both forms."""
    text = render_text(Metrics(*range(len(FIGURES)))).decode()
    answered = {line.split(" ")[0] for line in text.splitlines() if not line.startswith("#")}

    assert len(answered) == len(FIGURES)
    assert missing_words(DOCS / "metrics.md", answered) == []
    assert missing_words(DOCS / "metrics.md", figures(Metrics())) == []


def methods_of(route: object) -> str:
    """The methods of a route as the docs write them."""
    return " ".join(sorted(getattr(route, "http_methods", ()))) or "WS"


def _page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_every_law_names_tests_that_exist() -> None:
    """L1 to L10 stand in ARCHITECTURE.md, each with the tests that hold it."""
    architecture = (REPOSITORY / "ARCHITECTURE.md").read_text(encoding="utf-8")

    assert untested_laws(architecture, REPOSITORY) == []


def test_a_missing_word_is_found(tmp_path: Path) -> None:
    """A word that is only part of another one does not count as documented."""
    page = tmp_path / "page.md"
    page.write_text("`task:created_late`, `task:started`\n", encoding="utf-8")

    assert missing_words(page, ["task:created", "task:started"]) == ["task:created"]


def test_a_law_without_a_test_is_found(tmp_path: Path) -> None:
    """A law whose test file is gone is named."""
    (tmp_path / "tests").mkdir()
    rows = [f"| **L{number}** | words | `tests/test_law.py` |" for number in range(1, 10)]
    before = untested_laws("\n".join(rows), tmp_path)
    (tmp_path / "tests" / "test_law.py").touch()

    assert len(before) == 10
    assert untested_laws("\n".join(rows), tmp_path) == ["L10: None"]
