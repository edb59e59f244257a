"""The files of one session, as one stream."""

import json
from collections.abc import Iterator
from pathlib import Path

from tasktrail.formats.translator import Translated
from tasktrail.ingest.import_files import find_files
from tasktrail.ingest.import_merge import MOST_OPEN, Timed, merged, sessions, timed
from tests.support.importing import SESSION, Desk, answer, prompt, said, without_lives


def stream(name: str, *times: int | None) -> Iterator[Timed]:
    """A file whose events have these times."""
    return (Timed(at, [Translated("t", f"{name}{number}", b"")]) for number, at in enumerate(times))


def order(*streams: Iterator[Timed]) -> list[str]:
    """The events in the order in which they come."""
    return [event.identity for events in merged(streams) for event in events]


def test_the_earliest_of_those_that_are_next_comes_first() -> None:
    """Each file keeps its own order."""
    assert order(stream("a", 1, 4, 5), stream("b", 2, 3, 9)) == ["a0", "b0", "b1", "a1", "a2", "b2"]


def test_a_time_that_goes_back_or_is_missing_counts_as_the_one_before() -> None:
    """No file waits for another because of it."""
    assert order(stream("a", 5, None, 1, 6), stream("b", 5, 7)) == [
        "a0",
        "a1",
        "a2",
        "b0",
        "a3",
        "b1",
    ]


def test_events_of_one_time_stay_together() -> None:
    """A record's events are not torn apart."""
    parts = [[Translated("t", name, b"", at) for name, at in (("x", "1"), ("y", "1"), ("z", "2"))]]

    assert [len(one.events) for one in timed(iter(parts))] == [2, 1]


def agent_prompt(number: int) -> dict[str, object]:
    """What a sub-agent was asked."""
    return prompt(number, "look", isSidechain=True, agentId="abc")


def test_sub_agents_stand_where_they_ran(tmp_path: Path) -> None:
    """In both layouts."""
    for layout in ("agent-abc.jsonl", f"{SESSION}/subagents/agent-abc.jsonl"):
        folder = tmp_path / layout.replace("/", "-")
        folder.mkdir()
        desk = Desk(folder)
        last = answer(9, said("Done."), message_id="msg_9")
        desk.write(f"{SESSION}.jsonl", prompt(1, "go"), answer(2, said("x")), last)
        desk.write(layout, agent_prompt(3), agent_prompt(4))
        desk.run()
        events = without_lives(desk.sink.events())

        assert [event["timestamp"] for event in events] == sorted(
            event["timestamp"] for event in events
        )
        assert [event["data"].get("content") for event in events if "agent-" in event["worker_id"]][
            1:
        ] == ["look", "look"]


def test_a_session_that_broke_costs_only_itself(tmp_path: Path) -> None:
    """Its sub-agent is imported all the same."""
    desk = Desk(tmp_path)
    desk.write(f"{SESSION}.jsonl", prompt(1, "go")).chmod(0o000)
    desk.write(f"{SESSION}/subagents/agent-abc.jsonl", agent_prompt(3))
    found = sessions(find_files([desk.files]))

    assert [len(group) for group in found] == [2]


def test_many_sub_agents_are_read_in_groups(tmp_path: Path) -> None:
    """A process may not have very many files open."""
    desk = Desk(tmp_path)
    for number in range(MOST_OPEN + 1):
        desk.write(f"s/subagents/agent-{number}.jsonl", agent_prompt(number % 60))
    groups = [len(group) for group in sessions(find_files([desk.files]))]
    report = desk.run()

    assert groups == [MOST_OPEN, 1]
    assert report.records == MOST_OPEN + 1
    assert json.loads(next(iter(desk.sink.blobs.values())))["session_id"] == SESSION
