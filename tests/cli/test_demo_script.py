"""The demo's script: an endless, gentle stream of events of several producers at once."""

from itertools import islice, takewhile

from tasktrail.cli.demo_script import LIVE_STORIES, play
from tasktrail.model.codec import encode
from tasktrail.model.event import Event, address_of, parse_event
from tasktrail.model.event_types import EVENT_TYPES

# What only Tasktrail and its client may say, and what no known producer sends.
NOT_PLAYED = {"gap", "loss", "task:metrics", "task:titled", "worker:imported"}
MANY = 4_000  # steps: every kind of story several times
ENDS = {"task:completed", "task:failed"}


def played(count: int, seed: int = 7) -> list[Event]:
    """The first events of the script, parsed."""
    return [parse_event(encode(cue.step.event)) for cue in islice(play(seed), count)]


def test_every_event_can_be_recorded() -> None:
    """Each event parses and has an address."""
    events = played(MANY)

    assert all(address_of(event).partition_key for event in events)


def test_the_script_covers_the_catalogue() -> None:
    """Every event type that a producer can send is played, and none that we do not know."""
    assert {event.event_type for event in played(MANY)} == set(EVENT_TYPES) - NOT_PLAYED


def test_the_same_seed_tells_the_same_story() -> None:
    """A script can be played again; another seed tells another one."""
    first = list(islice(play(1), 500))

    assert first == list(islice(play(1), 500))
    assert first != list(islice(play(2), 500))


def test_the_first_task_comes_at_once() -> None:
    """Within the first second a task has its trail."""
    first_second = [cue.step for cue in takewhile(lambda cue: cue.at < 1, play(3))]
    events = [parse_event(encode(step.event)) for step in first_second]

    assert any(event.task_id for event in events)


def test_steps_are_due_in_their_order() -> None:
    """Nothing is due before what came before it."""
    times = [cue.at for cue in islice(play(5), MANY)]

    assert times == sorted(times)


def test_the_stream_is_gentle_and_several_tasks_go_on_at_once() -> None:
    """A few events a second, and most of the time three to six tasks that have not ended."""
    cues = list(islice(play(11), MANY))
    live: set[str] = set()
    sizes = []
    for cue in cues:
        event = parse_event(encode(cue.step.event))
        if event.event_type == "task:started" and event.task_id:
            live.add(event.task_id)
        if event.event_type in ENDS:
            live.discard(event.task_id or "")
        sizes.append(len(live))

    assert 1 < MANY / cues[-1].at < 10
    assert sum(2 <= size <= LIVE_STORIES for size in sizes) > 0.8 * MANY


def test_a_higher_speed_tells_the_same_faster() -> None:
    """Ten times the speed takes a tenth of the time."""
    slow, fast = (list(islice(play(9, speed=speed), 300))[-1].at for speed in (1, 10))

    assert abs(slow / fast - 10) < 0.01


def test_some_tasks_fail_some_ask_and_some_lead_to_nothing() -> None:
    """The demo shows trouble too: failures, questions, skipped webhooks, a second attempt."""
    events = played(MANY)
    ended = [event for event in events if event.event_type == "task:completed"]
    statuses = {bytes(event.data["status"]) for event in ended}

    assert statuses == {b'"completed"', b'"failed"'}
    assert any(event.text("attempt") == "2" for event in ended)
    assert {"task:failed", "task:user_input", "webhook:skipped"} <= {e.event_type for e in events}
