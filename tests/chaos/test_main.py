"""The program: a seed first, a verdict last, its folder gone when all was well."""

from pathlib import Path

import pytest

from tasktrail.chaos.__main__ import ACTS, parse, run
from tasktrail.chaos.volume import why_unavailable


def test_every_act_can_be_asked_for() -> None:
    """With nothing but its name."""
    assert {parse([name]).act for name in ACTS} == set(ACTS)


def test_a_run_tells_seed_and_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And leaves nothing behind when every promise was kept."""
    code = run(["syscalls", "--step", "500", "--seed", "4", "--root", str(tmp_path)])
    said = capsys.readouterr().out

    assert code == 0
    assert said.startswith("seed 4, in ")
    assert said.endswith("every promise was kept\n")
    assert list(tmp_path.iterdir()) == []


def test_what_this_machine_cannot_do_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without root a power cut is skipped, with the reason."""
    if why_unavailable("ext4") is None:
        pytest.skip("the power of ext4 can be cut here")
    code = run(["powercut", "--cuts", "1", "--root", str(tmp_path)])

    assert code == 3
    assert "needs" in capsys.readouterr().out
