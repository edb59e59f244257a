"""What waits is counted, from the checkpoint to the end of the spool."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tasktrail.model.acceptance import Accepted
from tasktrail.service import backlog
from tasktrail.service.backlog import Backlog, count_lines, measure_backlog
from tasktrail.service.parts import Parts, open_parts
from tests.service.rooms import event, settings_in

MINUTE = 60_000_000


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    """A root of two partitions whose recorder does not run, with small segments."""
    with open_parts(settings_in(tmp_path, partitions=2, segment_bytes=2000)) as opened:
        yield opened


def accept(parts: Parts, count: int, at: int = MINUTE) -> None:
    """So many events, each of a task of its own."""
    for number in range(count):
        blob = event(f"gh-{number}")
        parts.spool.append([Accepted(blob, None, f"gh-{number}", at + number)])


def test_nothing_waits_at_first(parts: Parts) -> None:
    """A new root has no backlog, and no age."""
    found = measure_backlog(parts.layout, 2)

    assert found == Backlog()
    assert found.age_seconds(MINUTE) == 0.0


def test_what_waits_is_counted_over_segments_and_partitions(parts: Parts) -> None:
    """Events, bytes, and the age of the oldest."""
    accept(parts, 100)
    found = measure_backlog(parts.layout, 2)

    assert len(list(parts.layout.spool(0).glob("*.jsonl"))) > 1
    assert found.events == 100
    assert found.bytes > 100 * len(event())
    assert found.age_seconds(2 * MINUTE) == 60.0


def test_what_is_recorded_does_not_wait(parts: Parts) -> None:
    """Only what stands behind the checkpoints counts."""
    accept(parts, 50)
    parts.recording.record_now()
    accept(parts, 3, at=2 * MINUTE)
    found = measure_backlog(parts.layout, 2)

    assert found.events == 3
    assert found.oldest_at == 2 * MINUTE


def test_a_huge_backlog_is_estimated(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond what is counted, the rest is taken to be like it."""
    accept(parts, 100)
    monkeypatch.setattr(backlog, "MOST_COUNTED_BYTES", 2000)
    found = measure_backlog(parts.layout, 2)

    assert 90 <= found.events <= 110


def test_a_file_that_is_not_there_has_no_lines(tmp_path: Path) -> None:
    """It was recorded meanwhile, or never written."""
    assert count_lines(tmp_path / "gone.jsonl", 0) == 0
