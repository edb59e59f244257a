"""A flood, its short version."""

from pathlib import Path

import pytest

from tasktrail.chaos.flood import run_flood
from tasktrail.chaos.report import flood_lines


@pytest.mark.live
@pytest.mark.slow
def test_what_waited_is_recorded_and_no_process_grows(tmp_path: Path) -> None:
    """All of it, once, in order, by recorders that say how much memory they took."""
    said: list[str] = []
    flood = run_flood(
        tmp_path, events=2_000, recorders=1, producers=("sdk", "http"), tell=said.append
    )

    assert flood.outcome.is_clean, (flood.outcome.verdict, flood.outcome.crashes)
    assert flood.outcome.verdict.recorded == flood.outcome.verdict.accepted > flood.sent > 0
    assert set(flood.peaks) == {"recorder-0"}
    assert len(said) == 1
    first, second, *_ = flood_lines(flood)
    assert first.startswith(f"{flood.sent:,} events waited")
    assert "recorder-0 took" in second
    assert flood.sent == 1_000
