"""A pump's state survives, and a broken one is as good as none."""

from pathlib import Path

import pytest

from tasktrail.ingest.pump_state import (
    OpenGap,
    PumpState,
    parse_id,
    read_pump_state,
    write_pump_state,
)


def test_a_state_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """Everything that is known of a stream is read back, also an open gap."""
    state = PumpState("e", last_id="5-1", counted=7, open_gap=OpenGap("gap:1", 3, "{}", ("1-0",)))
    write_pump_state(tmp_path / "state.json", state)

    assert read_pump_state(tmp_path / "state.json") == state


@pytest.mark.parametrize("blob", [b"", b"{", b"[]", b'{"epoch":1}', b"\xff"])
def test_a_state_that_cannot_be_read_is_none(tmp_path: Path, blob: bytes) -> None:
    """A damaged file costs no event, so it stops nothing."""
    (tmp_path / "state.json").write_bytes(blob)

    assert read_pump_state(tmp_path / "state.json") is None


def test_a_missing_state_is_none(tmp_path: Path) -> None:
    """The first contact with a stream has no state."""
    assert read_pump_state(tmp_path / "state.json") is None


def test_ids_are_ordered_by_their_numbers() -> None:
    """The tenth entry of a millisecond comes after the second."""
    assert sorted(["5-10", "5-2", "4-99", "12-0"], key=parse_id) == ["4-99", "5-2", "5-10", "12-0"]
