"""Real history of real agents: totals as they were counted by hand, nothing lost, nothing twice."""

import shutil
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from tests.support.importing import Desk, Event

BUCKETS = (
    "input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
)
REASONING = "reasoning_tokens"
# What was counted independently over all 40 transcripts, by message id, field-wise maximum.
CLAUDE = {
    "input_tokens": 12_439,
    "cache_read_tokens": 39_080_256,
    "cache_write_5m_tokens": 2_275_181 + 54_148,
    "cache_write_1h_tokens": 337_897,
    "output_tokens": 90_717,
}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A place to import from."""
    return Desk(tmp_path)


def imported(desk: Desk, folder: Path) -> list[Event]:
    """The events of a folder of samples."""
    shutil.copytree(folder, desk.files / folder.name, dirs_exist_ok=True)
    desk.run()
    return desk.sink.events()


def calls_of(events: list[Event], *, is_embedded: bool = False) -> dict[str, Counter[str]]:
    """The model calls, each once, with the field-wise maximum of what was told."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for event in events:
        told = event["data"]
        if event["type"] == "task:api_call" and bool(told.get("is_embedded")) is is_embedded:
            call = found[told["call_id"]]
            for name in BUCKETS:
                call[name] = max(call[name], told.get(name, 0))
    return found


def totals(calls: dict[str, Counter[str]]) -> dict[str, int]:
    """The sums over all calls."""
    return {name: sum(call[name] for call in calls.values()) for name in BUCKETS}


def test_transcripts_cost_what_was_counted_by_hand(samples: Path, desk: Desk) -> None:
    """653 calls over 40 files, 13 of them in more than one; copies of a missing file apart."""
    events = imported(desk, samples / "claude_code")
    calls = calls_of(events)
    copies = calls_of(events, is_embedded=True)
    only_copies = {name: call for name, call in copies.items() if name not in calls}

    assert (len(calls), totals(calls)) == (653, CLAUDE)
    assert len(only_copies) == 13
    assert totals(only_copies)["output_tokens"] == 31
    assert sum(totals(only_copies).values()) == 626_709 + 31


def test_every_record_of_a_transcript_is_kept_once(samples: Path, desk: Desk) -> None:
    """4,639 records on 4,638 lines, each whole in one event; copies of a file add none."""
    shutil.copytree(samples / "claude_code", desk.files / "claude_code")
    report = desk.run()

    assert (report.records, report.broken, report.repaired) == (4_639, 0, 1)
    assert report.by_format == {"claude_transcript": 40}


def test_a_rollout_tells_each_call_once(samples: Path, desk: Desk) -> None:
    """66 token counts; the sum of the calls is the session's last total."""
    events = imported(desk, samples / "codex")
    session = "019e1625-789d-76c0-80ab-3724b5ddb799"
    calls = [e["data"] for e in events if e["type"] == "task:api_call" and e["task_id"] == session]
    sums = {name: sum(call.get(name) or 0 for call in calls) for name in (*BUCKETS, REASONING)}

    assert sums["input_tokens"] + sums["cache_read_tokens"] == 6_055_836
    assert sums["cache_read_tokens"] == 4_929_536
    assert (sums["output_tokens"] + sums[REASONING], sums[REASONING]) == (9_118, 1_759)


def test_a_growing_session_adds_what_is_new(samples: Path, desk: Desk) -> None:
    """The second snapshot begins as the first; its sub-agent has a record in the middle."""
    turns = samples / "claude_code/codemie/incremental-subagents"
    main, agent = desk.files / "s.jsonl", desk.files / "s/subagents/agent-a485154.jsonl"
    agent.parent.mkdir(parents=True)
    reports = []
    for turn in ("turn-1", "turn-2"):
        shutil.copyfile(turns / f"{turn}.jsonl", main)
        shutil.copyfile(turns / turn / "subagents/agent-a485154.jsonl", agent)
        reports.append(desk.run())
    alone = Desk(_made(desk.files.parent / "alone"))
    shutil.copytree(desk.files, alone.files, dirs_exist_ok=True)
    alone.run()

    assert reports[1].bytes < main.stat().st_size + agent.stat().st_size
    assert alone.sink.digest() == desk.sink.digest()


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_two_slices_of_a_session_are_one_worker(samples: Path, desk: Desk) -> None:
    """They share no record, and belong to one task."""
    for name in ("4b_7d5121b42a_0.jsonl", "84_324d6610f2_0.jsonl"):
        shutil.copy(samples / "claude_code/entire" / name, desk.files)
    desk.run()
    owners = {(event["task_id"], event["worker_id"]) for event in desk.sink.events()}

    assert owners == {("0cf3db51-1c73-43bb-8d05-dc02739514a5",) * 2}
    assert desk.sink.duplicates == 0


def test_a_run_reports_what_it_cost(samples: Path, desk: Desk) -> None:
    """A stream's own figure stands beside what its calls will be computed to."""
    events = imported(desk, samples / "stream_json")
    ends = {
        event["task_id"]: event["data"]
        for event in events
        if event["type"] in {"task:completed", "task:failed"}
    }
    run = ends["b7ed8fcc-bf12-4f75-922e-7b54f0da1668"]

    assert (run["cost_usd"], len(run["permission_denials"])) == (0.0999967, 2)
    assert desk.run(forgets=True).broken == 0


@pytest.mark.parametrize(
    ("folder", "formats"),
    [
        ("gemini", {"gemini": 3}),
        ("swe_agent", {"swe_agent": 3}),
        ("openhands", {"openhands": 1, "openhands_results": 1}),
        ("inspect_ai", {"inspect_ai": 3}),
        ("aider", {"aider": 1, "aider_analytics": 1}),
        ("github_webhooks", {}),
    ],
)
def test_every_folder_is_known_and_read_without_trouble(
    samples: Path, desk: Desk, folder: str, formats: dict[str, int]
) -> None:
    """By content; again, and without its memory, it adds nothing and says the same."""
    imported(desk, samples / folder)
    before = dict(desk.sink.blobs)
    report = desk.run(forgets=True)

    assert (report.by_format, report.broken, report.unreadable) == (formats, 0, 0)
    assert (desk.sink.blobs, desk.sink.conflicts) == (before, 0)
