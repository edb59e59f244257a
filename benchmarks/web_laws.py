"""Which goals of the web UI hold that are yes or no: its browser tests in full, counted by goal.

    python benchmarks/web_laws.py [--short]

What is measured in milliseconds is printed by `web_log.py` and `web_pages.py`; here stand the goals
that a test of `tests/acceptance` decides. `--short` takes the tests as the suite runs them.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

HERE = Path(__file__).parents[1]


class Goal(NamedTuple):
    """A goal, and the tests that decide it."""

    bar: str
    words: str
    file: str
    begins: str = "test_"


GOALS = (
    Goal("U9", "a reader is never moved", "test_web_ui", "test_a_reader_is_never_moved"),
    Goal("U11", "100 lost connections: 0 lost, 0 doubled", "test_web_reconnect", "test_lost_conn"),
    Goal("U11", "10 kills of the server: 0 lost, 0 doubled", "test_web_reconnect", "test_a_server"),
    Goal("U13", "a permalink is exact, unfolded, marked", "test_web_ui", "test_a_permalink"),
    Goal("U16", "axe: every page, both themes, all states", "test_web_axe"),
    Goal("U17", "first error and its link by 3 keys; all reached", "test_web_keys"),
    Goal("U18", "200 hostile texts in every field: 0 run", "test_web_hostile"),
    Goal("U23", "the eight walks", "test_web_walks"),
)


class Outcome(NamedTuple):
    """A test, and how it ended."""

    name: str
    is_passed: bool


def outcomes(*, is_short: bool) -> Iterator[Outcome]:
    """Every browser test that decides a goal; those that were skipped decide none."""
    files = [f"tests/acceptance/{name}.py" for name in sorted({one.file for one in GOALS})]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        environment = os.environ | ({} if is_short else {"TASKTRAIL_WEB": "whole"})
        subprocess.run(
            [*command, f"--junitxml={report}", *files],
            cwd=HERE,
            env=environment,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        cases = ET.parse(report).iter("testcase")  # noqa: S314 - pytest wrote it just now
    for case in cases:
        if case.find("skipped") is None:
            file = str(case.get("classname")).rpartition(".")[2]
            is_passed = case.find("failure") is None and case.find("error") is None
            yield Outcome(f"{file}::{case.get('name')}", is_passed)


def main() -> int:
    """Prints the table; fails where a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--short", action="store_true")
    is_short = parser.parse_args().short
    found = list(outcomes(is_short=is_short))
    is_met = True
    for bar, words, file, begins in GOALS:
        own = [one for one in found if one.name.startswith(f"{file}::{begins}")]
        passed = sum(one.is_passed for one in own)
        is_kept = 0 < passed == len(own)
        is_met &= is_kept
        sign = "ok  " if is_kept else "MISS"
        print(f"{sign} {bar:4} {words:58} {passed} of {len(own)} tests", flush=True)
    if is_short:
        print("shortened: fewer times, pages and states than the words above say")
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
