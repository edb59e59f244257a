"""Budgets, and which of them was crossed."""

import pytest

from tasktrail.model.budgets import Budget, Crossing, crossings_of, event_of, parse_budgets
from tasktrail.model.event import address_of, parse_event

FIVE = Budget("task", 5_000_000)


def test_a_file_of_budgets_is_read() -> None:
    """In whole micro-dollars; a warning comes at 75 % unless another is said."""
    day = '[[budget]]\nper = "day"\nusd = 50.5\n'
    task = '[[budget]]\nper = "task"\nusd = 5\nwarn_percent = 90\n'

    assert parse_budgets(day + task).budgets == (
        Budget("day", 50_500_000, 75),
        Budget("task", 5_000_000, 90),
    )
    assert parse_budgets(None) == parse_budgets("")


@pytest.mark.parametrize(
    "text",
    [
        '[[budget]]\nper = "year"\nusd = 1\n',
        '[[budget]]\nper = "day"\n',
        '[[budget]]\nper = "day"\nusd = -1\n',
        '[[budget]]\nper = "day"\nusd = true\n',
        '[[budget]]\nper = "day"\nusd = 1\nwarn_percent = 0\n',
        '[[budget]]\nper = "day"\nusd = 1\ncolour = 2\n',
        "[budget]\n",
        "budgets = 1\n",
        "no toml",
    ],
)
def test_a_file_with_a_mistake_is_not_used_and_says_so(text: str) -> None:
    """Half of the budgets would be a false safety."""
    found = parse_budgets(text)

    assert found.budgets == ()
    assert (found.trouble or "").startswith("budgets.toml is not used: ")


@pytest.mark.parametrize(
    ("spent", "told"),
    [
        (0, []),
        (3_749_999, []),
        (3_750_000, [False]),
        (5_000_000, [False]),
        (5_000_001, [True]),
    ],
)
def test_a_budget_is_crossed_twice_at_most(spent: int, told: list[bool]) -> None:
    """At its warning, and above its limit, where it is only that; the limit itself may be spent."""
    assert [one.is_exceeded for one in crossings_of(FIVE, "gh-1", spent)] == told
    assert not told or spent >= FIVE.least


def test_a_crossing_is_the_same_however_much_is_spent_later() -> None:
    """Another limit is another crossing."""
    first, later = Crossing(FIVE, "gh-1", 6_000_000, True), Crossing(FIVE, "gh-1", 9_000_000, True)  # noqa: FBT003

    assert first.identity == later.identity
    assert Crossing(Budget("task", 1), "gh-1", 9, is_exceeded=True).identity != first.identity


@pytest.mark.parametrize(
    ("per", "trail"),
    [("task", ("tasks", "x")), ("session", ("sessions", "x")), ("day", ("sessions", "tasktrail"))],
)
def test_a_crossing_stands_in_the_trail_of_what_crossed(per: str, trail: tuple[str, str]) -> None:
    """A day's stands in our own."""
    event = parse_event(event_of(Crossing(Budget(per, 10), "x", 20, is_exceeded=True)))

    assert address_of(event).trail == trail
    assert event.identity == f"budget:{per}:x:100:10"
    assert (event.text("level"), b"budget_exceeded" in event.data_blob) == (None, True)


def test_the_crossing_of_a_task_names_its_session() -> None:
    """So it is found by it; amounts are shown with the digits that tell them apart."""
    spent = Crossing(Budget("task", 45_000), "x", 45_001, is_exceeded=True, session_id="s-1")
    event = parse_event(event_of(spent))

    assert (event.text("session_id"), event.text("task_id")) == ("s-1", "x")
    assert b"task x cost more than its budget: $0.045001 of $0.045" in event.data_blob
