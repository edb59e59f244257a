"""A coordinator's queue and prompts."""

from tests.support.importing import only, recognised, types_of, whole

QUEUE = """# Tasks
- [🟡 w-abc123, trees/gh-450] gh-450: Fix login
[✅ 1a2b3c4, w-00ff11] gh-451: Add search
<!-- META:{"attempts":2} -->
[❌ w-1] gh-452: Third
[⏰ waits for gh-450] gh-453: Fourth
[] gh-454: Fifth
words about [nothing]
"""


def test_each_line_tells_a_task_and_its_status() -> None:
    """By its mark."""
    events = whole("coordinator_queue", QUEUE.encode(), "tasks.md")
    said = {event["task_id"]: event["data"]["status"] for event in only(events, "task:status")}

    assert said == {
        "gh-450": "active",
        "gh-451": "completed",
        "gh-452": "failed",
        "gh-453": "blocked",
        "gh-454": "pending",
    }
    assert only(events, "task:created")[0]["data"]["title"] == "Fix login"


def test_notes_and_what_else_is_known_are_kept() -> None:
    """Worker, worktree, commit, and the comment that belongs to the line before it."""
    events = only(whole("coordinator_queue", QUEUE.encode(), "tasks.md"), "task:status")

    assert (events[0]["worker_id"], events[0]["data"]["worktree"]) == ("w-abc123", "trees/gh-450")
    assert (events[1]["data"]["git_commit"], events[1]["data"]["meta"]) == (
        "1a2b3c4",
        {"attempts": 2},
    )


def test_a_line_that_did_not_change_says_the_same() -> None:
    """Wherever it stands now."""
    before = {one["event_id"] for one in whole("coordinator_queue", QUEUE.encode(), "tasks.md")}
    moved = QUEUE.replace("[❌ w-1] gh-452: Third\n", "") + "[✅ w-1] gh-452: Third\n"
    after = whole("coordinator_queue", moved.encode(), "tasks.md")

    assert [one["task_id"] for one in after if one["event_id"] not in before] == ["gh-452"]


def test_a_prompt_is_the_tasks_input() -> None:
    """Of the task that the file's name names."""
    events = whole("coordinator_prompt", b"Fix the login\nnow", "gh-450-prompt.txt")

    assert types_of(events) == ["task:created"]
    assert (events[0]["task_id"], events[0]["data"]["input_message"]) == (
        "gh-450",
        "Fix the login\nnow",
    )


def test_they_are_recognised_by_name_and_content() -> None:
    """Another list of tasks is none."""
    assert recognised(QUEUE, file="tasks.md") == "coordinator_queue"
    assert recognised("- [ ] buy milk", file="tasks.md") is None
    assert recognised("Fix", file="gh-1-prompt.txt") == "coordinator_prompt"
    assert recognised("", file="gh-1-prompt.txt") is None
