"""Trajectories of SWE-agent and mini-swe-agent."""

from tests.support.importing import Event, only, recognised, types_of, whole

STEP = {"action": "ls -l\n", "observation": "a.txt", "response": "Look.", "execution_time": 0.5}
HISTORY = [{"role": "system", "content": "You are"}, {"role": "user", "content": "Fix it"}]


def run(status: str | None = "submitted", **stats: float) -> list[Event]:
    """The events of a run."""
    details = {"exit_status": status, "submission": "diff", "model_stats": stats}
    document = {"environment": "e", "trajectory": [STEP], "history": HISTORY, "info": details}
    return whole("swe_agent", document, "repo__issue-1.traj")


def test_a_run_is_a_task_of_its_files_name() -> None:
    """Each step is what was said, the command and its output."""
    events = run()

    assert types_of(events)[:4] == [
        "task:created",
        "task:output",
        "task:tool_call",
        "task:tool_result",
    ]
    assert {event["task_id"] for event in events} == {"repo__issue-1"}
    assert events[0]["data"]["input_message"] == "Fix it"
    assert (events[2]["data"]["name"], events[3]["data"]["duration_ms"]) == ("ls", 500)


def test_only_a_submission_is_a_success() -> None:
    """A run that ran out of its budget failed, and says why."""
    failed = only(run("exit_cost"), "task:failed")[0]["data"]

    assert len(only(run(), "task:completed")) == 1
    assert (failed["status"], failed["error"]) == ("failed", "exit_cost")


def test_figures_that_are_all_nothing_are_not_known() -> None:
    """Calls were made, so a cost of nothing was not kept."""
    unknown = only(run(instance_cost=0, tokens_sent=0, api_calls=3), "task:completed")[0]["data"]
    told = only(run(instance_cost=1.5, tokens_sent=9), "task:completed")[0]["data"]

    assert ("cost_usd" in unknown, unknown["api_calls"]) == (False, 3)
    assert (told["cost_usd"], told["input_tokens"]) == (1.5, 9)


def test_a_bare_list_of_messages_is_a_run_too() -> None:
    """As mini-swe-agent writes it; users' later messages are what its commands printed."""
    messages = [*HISTORY, {"role": "assistant", "content": "ls"}, {"role": "user", "content": "a"}]
    events = whole("swe_agent", messages, "local.traj.json")

    assert types_of(events)[1:] == [
        "swe_agent:system",
        "task:user_input",
        "task:output",
        "task:tool_result",
    ]


def test_trajectories_are_recognised() -> None:
    """By name, or by what a step has."""
    assert recognised('{\n "x": 1\n}', file="a.traj") == "swe_agent"
    assert recognised('{\n "trajectory": [\n {"action": ""}]}') == "swe_agent"
    assert recognised({"trajectory": []}) == "swe_agent"


def test_a_quiet_run_without_an_end_is_over() -> None:
    """It is a guess, and says so."""
    events = whole("swe_agent", HISTORY, "x.traj.json", is_quiet=True)

    assert events[-1]["data"]["inferred"] is True
