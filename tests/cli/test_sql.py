"""`tasktrail sql`."""

from pathlib import Path

import pytest

from tests.cli.commands import json_lines, tasktrail
from tests.cli.services import log_event, record


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with a few entries."""
    folder = tmp_path_factory.mktemp("sql")
    record(
        folder,
        [
            log_event("cloning", source="git"),
            log_event("=cmd|' /C calc'!A1", level="error", source="git"),
            log_event("\x1b[2Jbad", level="error", source="tool"),
        ],
    )
    return folder


def test_rows_are_a_table(root: Path) -> None:
    """Numbers stand right, what is NULL is a dash, and the count is said."""
    done = tasktrail(
        "sql", "SELECT source, count(*) AS n, NULL AS x FROM task_logs GROUP BY 1", "--data", root
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout == "source  n  x\ngit     2  -\ntool    1  -\n"
    assert done.stderr == "2 rows\n"


def test_rows_are_objects(root: Path) -> None:
    """Keyed by column, with the message as the trail has it."""
    done = tasktrail(
        "sql", "SELECT message, level FROM task_logs ORDER BY id", "--json", "--data", root
    )

    assert json_lines(done.stdout)[0] == {"message": "cloning", "level": "info"}
    assert json_lines(done.stdout)[2]["message"] == "\x1b[2Jbad"


def test_values_that_a_spreadsheet_would_run_are_text(root: Path) -> None:
    """In CSV they begin with a quote."""
    query = "SELECT message FROM task_logs WHERE level = 'error' ORDER BY id"
    done = tasktrail("sql", query, "--csv", "--data", root)

    assert done.stdout.splitlines()[:2] == ["message", "'=cmd|' /C calc'!A1"]


def test_content_cannot_act_on_the_terminal(root: Path) -> None:
    """In a table it is spelled out, as everywhere."""
    done = tasktrail("sql", "SELECT message FROM task_logs WHERE source = 'tool'", "--data", root)

    assert "\\x1b[2Jbad" in done.stdout


@pytest.mark.parametrize(
    "query",
    [
        "SELEC 1",
        "DELETE FROM entries",
        "DROP TABLE trails",
        "ATTACH '/tmp/x' AS y",
        "SELECT * FROM",
    ],
)
def test_what_may_not_be_asked_is_refused(root: Path, query: str) -> None:
    """Exit code 2, one line, and nothing has changed."""
    done = tasktrail("sql", query, "--data", root)
    after = tasktrail("sql", "SELECT count(*) AS n FROM task_logs", "--json", "--data", root)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert json_lines(after.stdout) == [{"n": 3}]


def test_a_question_that_never_ends_is_ended(root: Path) -> None:
    """Exit code 5 after the time that it may take."""
    forever = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
    done = tasktrail("sql", forever, "--seconds", "1", "--data", root)

    assert (done.returncode, done.stdout) == (5, "")


def test_a_server_is_not_asked_in_sql(root: Path) -> None:
    """It has no route for that; the option says so before anything is tried."""
    assert tasktrail("sql", "SELECT 1", "--server", "http://127.0.0.1:9").returncode == 2
    assert (
        tasktrail(
            "sql",
            "SELECT 1 AS one",
            "--json",
            "--data",
            root,
            environ={"TASKTRAIL_URL": "http://127.0.0.1:9"},
        ).returncode
        == 0
    )
