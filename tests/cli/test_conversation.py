"""What a worker said, asked and was answered."""

from pathlib import Path

from msgspec import json

from tasktrail.cli.conversation import MOST_DEEP, Speakers
from tests.cli.commands import json_lines, tasktrail
from tests.cli.services import record
from tests.support.importing import answer, answered, called, lines_of, prompt, said
from tests.support.money import told

LONG = "word " * 4_000


def test_speakers_stand_further_right_the_deeper_they_are() -> None:
    """Up to an edge; who was never introduced stands one step in."""
    speakers = Speakers("w")
    speakers.add("a", "w")
    for n in range(20):
        speakers.add(f"a{n}", f"a{n - 1}" if n else "a")

    assert [speakers.depth_of(name) for name in ("w", "a", "a0", "a19", "stranger", None)] == [
        0,
        1,
        2,
        MOST_DEEP,
        1,
        0,
    ]
    assert Speakers().depth_of("first") == 0


def test_a_recorded_conversation_is_shown_whole(tmp_path: Path) -> None:
    """Text, thinking, calls and results; sub-agents indented; of any length."""
    ids = {"task_id": "gh-1", "session_id": "s-1"}
    events = [
        told("worker:spawned", **ids, worker_id="w-1"),
        told("worker:spawned", **ids, worker_id="w-1.a", parent_worker_id="w-1"),
        told("task:user_input", **ids, worker_id="w-1", content="Do it"),
        told("task:thinking", **ids, worker_id="w-1", content="Hmm"),
        told("task:tool_call", **ids, worker_id="w-1", name="Bash", input={"command": "ls"}),
        told("task:output", **ids, worker_id="w-1.a", content="from below"),
        told("task:tool_result", **ids, worker_id="w-1", name="Bash", content=LONG),
        *(told("task:output", **ids, worker_id="w-1", content=f"line {n}") for n in range(600)),
        told("task:output", **ids, worker_id="other", content="somebody else"),
    ]
    record(tmp_path, [json.decode(event) for event in events])
    done = tasktrail("worker", "w-1", "--show-conversation", "--data", tmp_path)
    lines = done.stdout.splitlines()

    assert len(lines) == 605
    assert [line.split()[-1] for line in lines[:3]] == ["it", "Hmm", '{"command":"ls"}']
    assert (lines[3][:4], lines[3].split()[-2:]) == ("    ", ["from", "below"])
    assert lines[4].endswith(LONG.rstrip()) or LONG in lines[4]
    assert "somebody else" not in done.stdout


def test_a_conversation_that_stayed_a_file_is_read_there(tmp_path: Path) -> None:
    """Where the log file points outside, and nothing of it was imported."""
    log = tmp_path / "elsewhere" / "session.jsonl"
    log.parent.mkdir()
    log.write_bytes(
        lines_of(
            prompt(1, "Fix it"),
            answer(2, said("Looking."), called("Bash", "t1", command="ls")),
            answered(3, "t1", "a.txt"),
        )
    )
    spawned = told("worker:spawned", task_id="gh-1", worker_id="w-1", log_file=str(log))
    record(tmp_path / "root", [json.decode(spawned)])
    show = ("worker", "w-1", "--show-conversation", "--data", tmp_path / "root")
    done = tasktrail(*show)
    rows = json_lines(tasktrail(*show, "--json").stdout)

    assert f"read from {log}, which is not imported" in done.stderr
    assert [row["message"] for row in rows] == [
        "Fix it",
        "Looking.",
        'Bash {"command": "ls"}',
        "a.txt",
    ]
    assert len(done.stdout.splitlines()) == 4
    assert tasktrail("tasks", "--json", "--data", tmp_path / "root").stdout.count("\n") == 1
