"""Money as people read it."""

import pytest

from tasktrail.model.money import exact_text, money_text


@pytest.mark.parametrize(
    ("micro_usd", "text"),
    [
        (0, "$0.00"),
        (1, "$0.000001"),
        (350, "$0.00035"),
        (9_999, "$0.009999"),
        (10_000, "$0.01"),
        (45_000, "$0.045"),
        (55_850, "$0.0559"),
        (999_949, "$0.9999"),
        (999_950, "$1.00"),
        (1_005_000, "$1.01"),
        (1_004_999, "$1.00"),
        (1_234_567_890_123, "$1,234,567.89"),
        (-45_000, "-$0.045"),
    ],
)
def test_small_amounts_show_more_digits(micro_usd: int, text: str) -> None:
    """So that none looks like nothing, or like another; halves are rounded up."""
    assert money_text(micro_usd) == text


def test_amounts_that_are_compared_are_exact() -> None:
    """To the micro-dollar, without zeros behind the cents."""
    assert [exact_text(one) for one in (5_000_001, 5_000_000)] == ["$5.000001", "$5.00"]
