"""Events that fill every page of the web UI, with whatever texts a test wants to see there."""

from collections.abc import Sequence
from typing import Any

Event = dict[str, Any]
TASK = "story-1"
JOB = "JB_story"
SESSION = "s-story"
WORKER = "w-story"
DAY = "2026-01-02T10:"


def story(texts: Sequence[str] = ("a plain text",), *, task: str = TASK) -> list[Event]:
    """A task with everything: webhook, stages, chat, knowledge, calls, an answer, a failure."""
    said = [part for number, text in enumerate(texts) for part in _turn(task, text, number)]
    return [*_arrival(task, texts[0]), *_session(task, texts), *said, *_end(task, texts[-1])]


def _at(second: int) -> str:
    return f"{DAY}{second // 60 % 60:02d}:{second % 60:02d}Z"


def _arrival(task: str, text: str) -> list[Event]:
    flow = {"webhook_event_id": f"hook-{task}", "task_id": task}
    steps = ("received", "validated", "payload", "matched", "task_created")
    return [
        {"type": f"webhook:{step}", **flow, "timestamp": _at(at), "data": _told(text)}
        for at, step in enumerate(steps)
    ] + [
        {"type": "task:created", "task_id": task, "data": {**_told(text), "title": text}},
        {"type": "task:started", "task_id": task, "timestamp": _at(6)},
    ]


def _told(text: str) -> Event:
    return {
        "source": text,
        "event_type": text,
        "matched_handler": text,
        "payload": {text: [text]},
        "input_message": text,
        "assigned_agent": text,
    }


def _session(task: str, texts: Sequence[str]) -> list[Event]:
    who = {"session_id": SESSION, "worker_id": WORKER, "task_id": task}
    text = texts[0]
    decision = {"event_type": text, "severity": "warning", "message": text, "details": {text: text}}
    config = {"config": {text: text}, "git_branch": text, "git_commit": "abc"}
    return [
        {"type": "session:started", "session_id": SESSION, "timestamp": _at(5), "data": config},
        {"type": "coordinator:event", "session_id": SESSION, "timestamp": _at(6), "data": decision},
        {"type": "worker:spawned", **who, "timestamp": _at(7), "data": {"agent": text, "pid": 7}},
        {
            "type": "worker:spawned",
            **who,
            "worker_id": f"{WORKER}-2",
            "timestamp": _at(8),
            "data": {"parent_worker_id": WORKER, "agent": text},
        },
        {"type": "execution:started", "job_id": JOB, "execution_id": f"PX_{task}", "task_id": task},
    ]


def _turn(task: str, text: str, number: int) -> list[Event]:
    """What an agent says, does, asks and is told, and what its job logs."""
    at, worker = 10 + 3 * number, WORKER if number % 3 else f"{WORKER}-2"
    own = {
        "task_id": task,
        "worker_id": worker,
        "timestamp": _at(at),
        "stage": f"stage {number % 4}",
    }
    tool = {"name": text, "input": {text: text, "command": text}, "_tool_use_id": f"t{number}"}
    result = {
        "name": text,
        "content": text,
        "is_error": number % 2 == 1,
        "_tool_use_id": f"t{number}",
    }
    log = {"message": text, "metadata": {text: text}}
    kinds: list[tuple[str, Event]] = [
        ("task:output", {"content": text}),
        ("task:thinking", {"content": text}),
        ("task:tool_call", tool),
        ("task:tool_result", result),
        ("task:user_input", {"question_type": text, "content": text}),
        ("knowledge:query", {"tool_name": text, "query": text, "source_types": [text]}),
        ("knowledge:result", {"tool_name": text, "query": text, "results_preview": [_hit(text)]}),
        ("task:api_call", {"model": text, "call_id": f"{task}-{number}", "input_tokens": 5}),
        (text if ":" in text else "task:odd", {text: text}),
    ]
    logged = {"type": "task:log", **own, "source": text, "level": "error", "data": log, text: text}
    return [*({"type": kind, **own, "data": told} for kind, told in kinds), logged]


def _hit(text: str) -> Event:
    return {"source_type": text, "source_id": text, "relevance_score": 0.5}


def _end(task: str, text: str) -> list[Event]:
    own = {"task_id": task, "timestamp": _at(900)}
    metrics = {text: text, "steps": 3}
    final = {"status": "failed", "result": text, "error": text, "metrics": metrics}
    return [
        {
            "type": "task:response_posted",
            **own,
            "data": {"method": text, "source": text, "error": text},
        },
        {
            "type": "execution:failed",
            "job_id": JOB,
            "execution_id": f"PX_{task}",
            **own,
            "data": {"error": text},
        },
        {
            "type": "worker:failed",
            **own,
            "worker_id": WORKER,
            "data": {"exit_code": 1, "error": text},
        },
        {"type": "task:completed", **own, "data": final},
    ]


def pages_of(task: str = TASK) -> list[str]:
    """Every page of the web UI, those of the story's own things included."""
    tabs = ("log", "timeline", "chat", "flow", "knowledge", "result", "cost", "files")
    return [
        *(f"/t/{task}/{tab}" for tab in tabs),
        *("/", "/live", "/sessions", f"/sessions/{SESSION}", "/workers", f"/workers/{WORKER}"),
        *("/jobs", f"/jobs/{JOB}", "/search?q=text", "/cost?by=day&budget=1", "/ops"),
        *("/settings", "/help"),
    ]
