"""What a service says of itself: three words for health, one for readiness."""

import pytest

from tasktrail.service.figures import Health, Readiness


@pytest.mark.parametrize(
    ("health", "status"),
    [
        (Health(can_record=True), "healthy"),
        (Health(can_record=True, reasons=("look",)), "degraded"),
        (Health(can_record=False, reasons=("disk",)), "unhealthy"),
        (Health(can_record=False), "unhealthy"),
    ],
)
def test_health_has_three_words(health: Health, status: str) -> None:
    """Recording decides, reasons only colour."""
    assert health.status == status


def test_all_parts_make_ready() -> None:
    """One that is missing is enough."""
    assert Readiness({"a": True, "b": True}).ready
    assert not Readiness({"a": True, "b": False}).ready
