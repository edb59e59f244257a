"""rich's bars are told to the task, each by itself."""

import io
from pathlib import Path

from rich.console import Console

from tasktrail.sdk.integrations.rich_progress import Progress
from tests.support.job_programs import EXAMPLES, run_program
from tests.support.outboxes import Told, events_in


def test_each_bar_is_told(told: Told) -> None:
    """Its description, how far it is, and where it stopped."""
    console = Console(file=io.StringIO())
    with told.task(), Progress(console=console) as progress:
        first, second = (
            progress.add_task("reading", total=4),
            progress.add_task("guessing", total=None),
        )
        progress.advance(first, 4)
        progress.update(second, advance=2)
        progress.update(second, advance=3)

    said = [one["data"] for one in told.events if one["type"] == "task:progress"]
    assert [(one["message"], one.get("percent")) for one in said] == [
        *(("reading", 100.0), ("guessing", None), ("guessing", None)),
    ]
    assert said[-1]["metadata"] == {"done": 5, "total": None}


def test_the_example_does_what_it_shows(tmp_path: Path) -> None:
    """Bars of both libraries, each with its last figure."""
    outcome = run_program(EXAMPLES / "progress_bars.py", tmp_path)

    said = [one for one in events_in(tmp_path) if one["type"] == "task:progress"]
    last = {one["data"]["message"]: one["data"].get("percent") for one in said}
    assert outcome.code == 0
    assert last == {"reading": 100.0, "guessing": None, "writing": 100.0}
    assert {one["source"] for one in said} == {"tqdm", "rich"}
