"""The scenario: everything it is told to be accepted is recorded by whoever comes after."""

from pathlib import Path

from tasktrail.chaos.checker import Allowed, check
from tasktrail.chaos.scenario import prepare_root, record, settings_of, work


def test_two_lives_accept_and_record_everything(tmp_path: Path) -> None:
    """Without a fault nothing is lost, of course."""
    settings, ledgers = settings_of(tmp_path / "root", None), tmp_path / "ledgers"
    ledgers.mkdir()
    prepare_root(settings, ledgers)
    for life in range(2):
        work(settings, ledgers, life)
    record(settings)
    verdict = check(tmp_path / "root", ledgers, Allowed())

    assert verdict.is_clean
    assert verdict.accepted == verdict.recorded == 2 * 8 + 2 * (3 * 8 + 3 * 8)
