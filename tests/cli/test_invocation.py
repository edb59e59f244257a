"""One call of a command."""

from pathlib import Path
from typing import Any

import pytest

from tasktrail.cli.invocation import Invocation


def called(**said: Any) -> Invocation:  # noqa: ANN401 - as click hands them over
    """A call with those shared options."""
    unsaid = {"data": None, "server": None, "as_json": False, "color": None, "raw": False}
    return Invocation(**{**unsaid, **said})


def test_a_root_named_outright_is_meant_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--data brings its trails along, whatever LOGS_DIR says of another root."""
    monkeypatch.setenv("LOGS_DIR", "/elsewhere/tasks")
    settings = called(data=str(tmp_path)).settings()

    assert settings.data == tmp_path
    assert settings.logs_dir == tmp_path / "tasks"


def test_logs_dir_counts_where_no_root_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """LOGS_DIR alone says where trails and root are."""
    monkeypatch.setenv("LOGS_DIR", "/elsewhere/tasks")
    settings = called().settings()

    assert (settings.data, settings.logs_dir) == (Path("/elsewhere"), Path("/elsewhere/tasks"))


def test_a_named_server_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """--server overrules TASKTRAIL_URL."""
    monkeypatch.setenv("TASKTRAIL_URL", "http://127.0.0.1:1")

    assert called().settings().url == "http://127.0.0.1:1"
    assert called(server="http://127.0.0.1:2").settings().url == "http://127.0.0.1:2"


def test_a_command_s_own_options_are_settings(tmp_path: Path) -> None:
    """--port of a command overrules PORT; what was not said says nothing."""
    settings = called(data=str(tmp_path)).settings(port=1234, host=None)

    assert (settings.port, settings.host) == (1234, "127.0.0.1")


def test_today_is_a_day() -> None:
    """The day is the local one, as YYYY-MM-DD."""
    today = called().today()

    assert len(today) == len("2026-02-14")
    assert called().now() > 1_700_000_000_000_000
