"""Seats say how many more records may wait, and when each of them was said."""

from tasktrail.sdk.seats import Seats


def test_there_are_as_many_times_as_seats() -> None:
    """Each is read from the clock when it is taken; then there is none, however often one asks."""
    clock = iter(range(10, 100))
    seats = Seats([], lambda: next(clock))
    seats.offer(3)
    next(clock)

    assert list(seats.stamps) == [11, 12, 13]
    assert list(seats.stamps) == []
    assert next(clock) == 14


def test_no_seat_is_left_after_a_withdrawal() -> None:
    """And none at the beginning, nor where fewer than none are offered."""
    seats = Seats([], lambda: 1)
    first = list(seats.stamps)
    seats.offer(3)
    seats.withdraw()
    withdrawn = list(seats.stamps)
    seats.offer(-2)

    assert (first, withdrawn, list(seats.stamps)) == ([], [], [])
