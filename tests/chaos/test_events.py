"""Numbered events: the same every time, and different from each other."""

from tasktrail.chaos.events import KINDS, event_of, filler_of, kind_of, lane_of


def test_an_event_follows_from_its_name_and_number() -> None:
    """Whoever knows producer and number knows all of it."""
    assert event_of("http-1", 17, 5) == event_of("http-1", 17, 5)
    assert event_of("http-1", 17, 5) != event_of("http-2", 17, 5)


def test_events_that_may_be_sent_again_carry_an_identity() -> None:
    """Only kinds that are named say `src` and `src_seq`."""
    named = {name for name in KINDS if "src_seq" in event_of(f"{name}-1", 3, 5)}

    assert named == {name for name, kind in KINDS.items() if kind.is_named}


def test_of_a_flow_only_the_last_event_names_the_task() -> None:
    """Four events share a webhook's id; the fourth binds it."""
    flow = [event_of("flow-1", number, 5) for number in range(8, 12)]

    assert {event["webhook_event_id"] for event in flow} == {"flow-1-2"}
    assert [event.get("task_id") for event in flow] == [None, None, None, "chaos-2"]


def test_some_events_are_large() -> None:
    """Fillers cross pages now and then, and some need many."""
    sizes = [len(filler_of("http-1", number)) for number in range(1_100)]

    assert max(sizes) == 200_000
    assert sizes.count(8_192) > 5


def test_lanes_are_what_order_is_promised_in() -> None:
    """One for a straight producer, one per flow, one per event of a shuffled one."""
    assert {lane_of("http-1", number) for number in range(9)} == {0}
    assert {lane_of("flow-1", number) for number in range(9)} == {0, 1, 2}
    assert len({lane_of("shuffled-1", number) for number in range(9)}) == 9


def test_a_kind_is_in_its_producer_s_name() -> None:
    """The number behind the dash tells producers of one kind apart."""
    assert kind_of("durable-3").is_durable
    assert not kind_of("sdk-3").is_durable
