"""Model calls as rows: one telling, and the call that all tellings come to."""

from itertools import permutations

from tasktrail.index.call_rows import CallRow, Telling, call_row_of, merged, priced, telling_of
from tasktrail.index.prices import PriceBook
from tasktrail.model.ids import TrailKey
from tests.support.make import entry

NO_PRICES = PriceBook(None, None)
NAMES = {1: "tasks/a", 2: "tasks/b"}


def telling(trail: int = 1, seq: int = 1, recorded: int = 10, **more: object) -> Telling:
    """A telling of the call `id:m`."""
    nothing = dict.fromkeys(Telling._fields)
    flags = {"is_embedded": 0, "is_sidechain": 0, "is_estimated": 0, "is_undated": 0}
    place = {"name": "id:m", "trail": trail, "seq": seq, "recorded": recorded, "at": recorded}
    return Telling(**(nothing | flags | place | more))  # type: ignore[arg-type]


def test_a_call_is_named_by_its_id_or_its_place() -> None:
    """An id holds over the whole root; without one every telling is a call of its own."""
    key = TrailKey("tasks", "gh-1")
    named = telling_of(entry(3, "task:api_call", data={"call_id": "msg_1"}), key, 7)
    nameless = telling_of(entry(3, "task:api_call", data={}), key, 7)

    assert (named.name, named.trail, named.seq) == ("id:msg_1", 7, 3)
    assert nameless.name == "at:tasks/gh-1:3"


def test_a_call_in_a_sessions_trail_is_the_sessions() -> None:
    """But that of workers nobody introduced is no session: its worker will tell."""
    one = entry(1, "task:api_call", data={"worker_id": "w"})

    assert telling_of(one, TrailKey("sessions", "s-1"), 1).session_id == "s-1"
    assert telling_of(one, TrailKey("sessions", "unassigned"), 1).session_id is None


def test_a_single_telling_is_its_own_call() -> None:
    """So it needs no second row."""
    one = telling(output=5, input_uncached=2, tier="speed=fast", web_searches=1)

    assert merged([one], NAMES, NO_PRICES) == CallRow(0, 1, None, None, one)


def test_a_time_that_was_told_is_better_than_a_guess() -> None:
    """Whichever telling has the call; where all are guesses, the call's time is one."""
    guess = telling(1, 1, 10, at=99, is_undated=1)
    both = merged([guess, telling(2, 1, 20, at=5)], NAMES, NO_PRICES).telling
    guesses = merged([guess, telling(2, 1, 20, at=5, is_undated=1)], NAMES, NO_PRICES).telling

    assert (both.trail, both.at, both.is_undated) == (1, 5, 0)
    assert (guesses.at, guesses.is_undated) == (99, 1)


def test_tokens_that_nobody_can_read_make_a_call_a_floor() -> None:
    """They are kept beside it."""
    data = {"input_tokens": 1, "output_tokens": 1, "audio_tokens": 7}
    told = telling_of(entry(1, "task:api_call", data=data), TrailKey("tasks", "gh-1"), 1)

    assert (told.unread, told.is_estimated) == ("audio_tokens=7", 1)


def test_whose_a_call_is_does_not_depend_on_the_order_of_reading() -> None:
    """The first that was recorded has it; ties are settled by the trail's name."""
    every = [
        telling(2, 1, 10, output=1),
        telling(1, 9, 10, output=9, session_id="s"),
        telling(1, 1, 20, output=5),
    ]
    calls = {merged(some, NAMES, NO_PRICES) for some in permutations(every)}
    (call,) = calls

    assert (call.telling.trail, call.telling.seq, call.telling.output) == (1, 9, 9)
    assert (call.tellings, call.telling.session_id) == (3, "s")


def test_main_conversations_come_before_others() -> None:
    """A side chat told it first, and it is not the side chat's."""
    side, main = telling(2, 1, 10, is_sidechain=1), telling(1, 1, 20)

    assert merged([side, main], NAMES, NO_PRICES).telling.trail == 1


def test_embedded_copies_count_only_alone() -> None:
    """Where the call is told itself, the copy's figures are left out."""
    copy, own = telling(1, 1, 10, output=99, is_embedded=1), telling(2, 1, 20, output=5)

    assert merged([copy, own], NAMES, NO_PRICES).telling.output == 5
    assert merged([copy], NAMES, NO_PRICES).telling.output == 99


def test_the_reported_cost_is_the_cost() -> None:
    """What the prices say stands beside it, and in its place where nothing was reported."""
    assert CallRow(0, 1, 5, "x", telling(reported=7)).cost == 7
    assert CallRow(0, 1, 5, "x", telling()).cost == 5
    assert CallRow(0, 1, None, None, telling(reported=0)).cost == 0


def test_a_failed_call_without_tokens_is_not_unpriced() -> None:
    """It used nothing; what used something and has no cost is."""
    assert not CallRow(0, 1, None, None, telling(success=0)).is_unpriced
    assert CallRow(0, 1, None, None, telling(success=0, output=3)).is_unpriced
    assert CallRow(0, 1, None, None, telling()).is_unpriced


def test_rows_go_into_columns_and_back() -> None:
    """In the order of the table."""
    row = CallRow(1, 2, 3, "prices.toml", telling(output=1, tier="t"))

    assert call_row_of(row.columns) == row


def test_the_rest_of_a_task_has_no_price_of_its_own() -> None:
    """It is a difference of reported money."""
    rest = CallRow(2, 1, None, None, telling(model="claude-sonnet-4-5", input_uncached=5, output=5))

    assert priced(rest, PriceBook(None, "0.2.3")) == rest
