"""`tasktrail tasks`."""

from pathlib import Path

import pytest

from tasktrail.cli.connect import Answer
from tasktrail.cli.figures import Fields
from tasktrail.cli.tasks import COLUMNS, find_tasks, stage_text, table_of
from tasktrail.model.filters import EntryFilter, TaskFilter
from tasktrail.model.times import MICROSECONDS, parse_time
from tests.cli.commands import json_lines, tasktrail
from tests.cli.readers import MemoryReader
from tests.cli.screens import PIPE
from tests.cli.services import accept, begin, serving


def task_events(number: int) -> list[Fields]:
    """A task that has failed, one that runs, or one that is pending."""
    task_id, origin = f"gh-{number}", "github" if number % 2 else "jira"
    said = {"title": f"Title {number}", "source": origin}
    events: list[Fields] = [{"type": "task:created", "task_id": task_id, "data": said}]
    if number % 3 == 0:
        failed = {"status": "failed", "result": "no", "cost_usd": 0.5, "duration_seconds": 3}
        return [*events, {"type": "task:completed", "task_id": task_id, "data": failed}]
    if number % 3 == 1:
        progress = {"message": "edit", "percent": 40}
        labels = {"task_id": task_id, "stage": "edit", "level": "warning"}
        return [*events, {"type": "task:progress", **labels, "data": progress}]
    return events


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with six tasks."""
    accept(tmp_path, [event for number in range(1, 7) for event in task_events(number)])
    return tmp_path


def ids(root: Path, *options: str) -> list[str]:
    """The ids of the tasks that the command lists."""
    done = tasktrail("tasks", "--json", "--data", root, *options)
    assert done.returncode == 0, done.stderr
    return [task["task_id"] for task in json_lines(done.stdout)]


def test_the_newest_task_comes_first(root: Path) -> None:
    """Without filters every task is listed, the newest first."""
    assert ids(root) == ["gh-6", "gh-5", "gh-4", "gh-3", "gh-2", "gh-1"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--status", "running"], ["gh-4", "gh-1"]),
        (["--status", "failed", "--status", "pending"], ["gh-6", "gh-5", "gh-3", "gh-2"]),
        (["--source", "jira"], ["gh-6", "gh-4", "gh-2"]),
        (["--search", "title 3"], ["gh-3"]),
        (["--since", "1h", "--limit", "2"], ["gh-6", "gh-5"]),
        (["--since", "2999-01-01"], []),
    ],
)
def test_filters_say_which_tasks(root: Path, options: list[str], expected: list[str]) -> None:
    """Every filter of the command reaches the reader."""
    assert ids(root, *options) == expected


def test_the_table_shows_at_a_glance_how_tasks_stand(root: Path) -> None:
    """Status, stage, progress, cost, trouble and title stand on one line per task."""
    done = tasktrail("tasks", "--data", root)
    lines = {line.split()[2]: line for line in done.stdout.splitlines()[1:]}

    assert done.stdout.startswith("STATUS     TASK  STAGE")
    assert lines["gh-6"].split() == [
        "✕",
        "failed",
        "gh-6",
        "-",
        "-",
        "$0.50",
        "0",
        "1",
        "Title",
        "6",
    ]
    assert "● active   gh-4  edit ▓▓▓▓░░░░░░ 40%" in lines["gh-4"]
    assert lines["gh-4"].endswith("1    0  Title 4")
    assert done.stderr == "6 of 6 tasks\n"


def test_a_task_that_fell_silent_says_for_how_long() -> None:
    """Its process may have died without a word; where all speak there is no such column."""
    reader = MemoryReader()
    reader.add("task:started")
    active = {**reader.task("gh-1"), "unpriced_calls": 0}
    over = {**active, "status": "completed", "completed_at": active["started_at"]}
    heard = parse_time(active["updated_at"]) or 0
    columns, rows = table_of([active, over], PIPE, heard + 7_620 * MICROSECONDS)
    place = [column.title for column in columns].index("SILENT")

    assert [one[place] for one in rows] == [("2h07m", "yellow"), ("", "yellow")]
    assert table_of([active, over], PIPE, heard + MICROSECONDS)[0] is COLUMNS


def test_an_empty_root_lists_nothing(tmp_path: Path) -> None:
    """No task is no failure."""
    done = tasktrail("tasks", "--data", begin(tmp_path))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "0 of 0 tasks\n")


def test_a_server_lists_the_same(root: Path) -> None:
    """The list by HTTP is the list of the root, and the address is said."""
    with serving(root) as url:
        remote = tasktrail("tasks", "--json", "--server", url)
        talk = tasktrail("tasks", "--server", url).stderr

    assert remote.stdout == tasktrail("tasks", "--json", "--data", root).stdout
    assert talk == f"6 of 6 tasks · {url}/\n"


def test_an_unknown_status_is_a_usage_error(root: Path) -> None:
    """What was expected and found is said in one line."""
    done = tasktrail("tasks", "--status", "odd", "--data", root)

    assert (done.returncode, done.stdout) == (2, "")
    assert "found 'odd'" in done.stderr


class PagedReader:
    """Tasks in pages of at most two."""

    def __init__(self, count: int) -> None:
        self._ids = [str(number) for number in range(count)]

    def tasks(self, wanted: TaskFilter, *, limit: int = 200, cursor: str | None = None) -> Answer:
        """A page, with the place of the next one as its cursor."""
        del wanted
        start = int(cursor or 0)
        end = start + min(limit, 2)
        tasks = [{"task_id": one} for one in self._ids[start:end]]
        following = str(end) if end < len(self._ids) else None
        return {"tasks": tasks, "total_count": len(self._ids), "next_cursor": following}

    def task(self, task_id: str) -> Answer:
        """Not asked for."""
        raise NotImplementedError(task_id)

    def logs(self, task_id: str, wanted: EntryFilter, **paging: object) -> Answer:
        """Not asked for."""
        raise NotImplementedError(task_id, wanted, paging)

    def holds(self) -> list[Answer]:
        """None."""
        return []

    def dead(self) -> list[Answer]:
        """None."""
        return []


@pytest.mark.parametrize(("limit", "expected"), [(1, 1), (3, 3), (5, 5), (9, 5)])
def test_a_long_list_is_read_in_pages(limit: int, expected: int) -> None:
    """As many tasks as were asked for, each once, over however many pages."""
    found = find_tasks(PagedReader(5), TaskFilter(), limit)

    assert [task["task_id"] for task in found.tasks] == [str(n) for n in range(expected)]
    assert (found.total, found.is_behind) == (5, False)


def test_a_stage_shows_progress_only_while_it_runs() -> None:
    """A bar beside a task that has ended would say nothing."""
    running = {"stage": "edit", "percent": 40.0, "status": "active"}

    assert stage_text(running, PIPE) == "edit ▓▓▓▓░░░░░░ 40%"
    assert stage_text({**running, "status": "failed"}, PIPE) == "edit"
    assert stage_text({**running, "stage": None, "percent": None}, PIPE) == "-"
