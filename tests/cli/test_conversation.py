"""What a worker said, asked and was answered."""

from pathlib import Path

from msgspec import json

from tests.cli.commands import json_lines, tasktrail
from tests.cli.services import record
from tests.support.importing import answer, answered, called, lines_of, prompt, said
from tests.support.money import told

LONG = "word " * 4_000


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

    assert len(lines) == 606
    assert [line.split()[-1] for line in lines[:3]] == ["it", "Hmm", '{"command":"ls"}']
    assert lines[3] == "    w-1.a"
    assert (lines[4][:4], lines[4].split()[-2:]) == ("    ", ["from", "below"])
    assert lines[5].endswith(LONG.rstrip()) or LONG in lines[5]
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


def test_sub_agents_of_a_file_are_read_from_theirs(tmp_path: Path) -> None:
    """Beside the session's file or in a folder below it; those of another session are not."""
    log = tmp_path / "elsewhere" / "s1.jsonl"
    for place, agent, session in (
        ("s1/subagents/agent-new.jsonl", "new", "s1"),
        ("agent-old.jsonl", "old", "s1"),
        ("agent-other.jsonl", "other", "s2"),
    ):
        path = log.parent / place
        path.parent.mkdir(parents=True, exist_ok=True)
        record_of = answer(3, said(f"from {agent}")) | {"agentId": agent, "isSidechain": True}
        path.write_bytes(lines_of(record_of | {"sessionId": session}))
    log.write_bytes(lines_of(*(one | {"sessionId": "s1"} for one in (prompt(1, "Fix it"),))))
    spawned = told("worker:spawned", task_id="gh-1", worker_id="w-1", log_file=str(log))
    record(tmp_path / "root", [json.decode(spawned)])
    done = tasktrail("worker", "w-1", "--show-conversation", "--data", tmp_path / "root")
    lines = done.stdout.splitlines()

    assert lines[0].endswith("Fix it")
    assert not lines[0].startswith(" " * 8)
    assert sorted(line.split()[-1] for line in lines[1:]) == ["new", "old"]
    assert {line[:4] for line in lines[1:]} == {"    "}
    assert len({line.split()[0] for line in lines}) == len(lines)


def test_sub_agents_stand_where_they_began(tmp_path: Path) -> None:
    """Also where their words were recorded behind all others, as imports do; each one whole."""
    ids = {"task_id": "gh-1", "session_id": "s-1"}

    def says(worker: str, second: int) -> bytes:
        at = f"2026-01-15T12:00:{second:02d}Z"
        return told("task:output", **ids, worker_id=worker, content=f"{worker}@{second}", at=at)

    events = [
        told("worker:spawned", **ids, worker_id="w"),
        told("worker:spawned", **ids, worker_id="a", parent_worker_id="w", agent_type="Explore"),
        told("worker:spawned", **ids, worker_id="b", parent_worker_id="a"),
        *(says("w", second) for second in (1, 5, 3, 9)),
        *(says("a", second) for second in (2, 7)),
        says("b", 6),
    ]
    record(tmp_path, [json.decode(event) for event in events])
    show = ("worker", "w", "--show-conversation", "--data", tmp_path)
    lines = tasktrail(*show).stdout.splitlines()
    rows = json_lines(tasktrail(*show, "--json").stdout)
    edges = {line.split()[-1]: len(line) - len(line.lstrip()) for line in lines}

    said = ["w@1", "Explore", "a@2", "b", "b@6", "a@7", "w@5", "w@3", "w@9"]
    assert [line.split()[-1] for line in lines] == said
    assert edges["a@7"] - edges["w@9"] == edges["Explore"] == edges["b"] - 4 == 4
    assert [row["message"] for row in rows] == [name for name in said if "@" in name]


def test_a_time_that_nobody_told_is_a_dash(tmp_path: Path) -> None:
    """Not 1970, and not the time of the file; sub-agents of a stream are indented."""
    log = tmp_path / "stream.jsonl"
    text = {"type": "text", "text": "Hello"}
    message = {"id": "m", "model": "m", "role": "assistant", "content": [text]}
    line = {"type": "assistant", "session_id": "s", "uuid": "u", "message": message}
    below = line | {"parent_tool_use_id": "t1", "uuid": "v", "message": message | {"id": "n"}}
    init = {"type": "system", "subtype": "init", "session_id": "s", "uuid": "i", "model": "m"}
    log.write_bytes(lines_of(init, line, below))
    spawned = told("worker:spawned", task_id="gh-1", worker_id="w-1", log_file=str(log))
    record(tmp_path / "root", [json.decode(spawned)])
    done = tasktrail("worker", "w-1", "--show-conversation", "--data", tmp_path / "root")
    lines = done.stdout.splitlines()

    edges = [len(line) - len(line.lstrip()) for line in lines]
    assert edges[1] - edges[0] == 4
    assert [" - INFO " in line for line in lines] == [True, True]


def test_a_log_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    """3, and where it was looked for; nothing to show at all is said."""
    gone = told("worker:spawned", task_id="gh-1", worker_id="gone", log_file="/no/such.jsonl")
    silent = told("worker:spawned", task_id="gh-1", worker_id="silent")
    record(tmp_path, [json.decode(one) for one in (gone, silent)])
    lost = tasktrail("worker", "gone", "--show-conversation", "--data", tmp_path)
    nothing = tasktrail("worker", "silent", "--show-conversation", "--data", tmp_path)

    assert (lost.returncode, "/no/such.jsonl" in lost.stderr) == (3, True)
    assert nothing.returncode == 0
    assert "nothing that silent said is recorded here" in nothing.stderr
