"""What a gateway and an agent engine publish: flat string fields, `data` as JSON text.

The payloads are real: recorded GitHub webhooks and agents' own transcripts. Forms and orders are
those of the wire (docs/protocol.md): a gateway never names a task at the top level, an engine's
times have whole seconds.
"""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Fields = dict[str, str]
TOOL_RESULT_CUT = 5_000  # the engine's own cut


def gateway_event(kind: str, webhook_id: str, **sent: object) -> Fields:
    """One entry of the gateway."""
    return {
        "type": kind,
        "webhook_event_id": webhook_id,
        "timestamp": datetime.now(UTC).isoformat(),
        "data": json.dumps(sent),
    }


def webhook_flow(path: Path, task_id: str | None) -> list[Fields]:
    """The gateway's entries for a recorded webhook; without a task it is skipped."""
    name, payload = path.parent.name, json.loads(path.read_bytes())
    webhook_id = str(uuid.uuid4())
    github = {"source": "github", "event_type": name}

    def one(kind: str, **sent: object) -> Fields:
        return gateway_event(kind, webhook_id, **sent)

    flow = [
        one("webhook:received", **github, payload_size=path.stat().st_size),
        one("webhook:validated", source="github", signature_valid=True),
        one("webhook:payload", **github, payload=payload),
    ]
    if task_id is None:
        return [*flow, one("webhook:skipped", **github, reason="event_type_not_processed")]
    named = {"task_id": task_id, "source": "github"}
    reaction = {"response_type": "eyes_reaction", "target": "owner/repo#1"}
    return [
        *flow,
        one("response:immediate", **named, **reaction),
        one("webhook:matched", **github, matched_handler="github-issue-handler"),
        one("webhook:task_created", **named, event_type=name, input_message=f"Handle {name}"),
        one("notification:ops", **named, notification_type="task_started", channel=None),
    ]


def engine_event(kind: str, task_id: str, **sent: object) -> Fields:
    """One entry of the agent engine."""
    return {
        "type": kind,
        "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "task_id": task_id,
        "data": json.dumps({"task_id": task_id, **sent}),
    }


def agent_run(path: Path, task_id: str, *, failed: bool = False) -> list[Fields]:
    """The engine's entries while it runs the recorded agent."""
    session = str(uuid.uuid4())
    output = [engine_event(kind, task_id, **sent) for kind, sent in _recorded(path)]
    ids = {"session_id": session, "conversation_id": session}
    end = {
        "status": "failed" if failed else "completed",
        "result": f"ran {path.name}",
        "duration_seconds": 12.5,
        "cost_usd": 0.123456,
        "input_tokens": 1200,
        "output_tokens": 340,
    }
    return [
        engine_event(
            "task:created",
            task_id,
            session_id=session,
            input_message=f"Run {path.name}",
            source="unknown",
            assigned_agent="brain",
        ),
        engine_event("task:started", task_id, **ids),
        *output,
        engine_event("task:output", task_id, content=f"done with {path.name}"),
        engine_event("task:completed", task_id, **ids, **end),
        engine_event(
            "task:response_posted",
            task_id,
            method="mcp",
            source="github",
            mcp_detected=True,
            fallback_posted=False,
        ),
    ]


def _recorded(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the transcript's assistant said and its tools answered, as the engine tells it."""
    last_tool = "unknown"
    for line in path.read_text(errors="replace").splitlines():
        try:
            content = json.loads(line)["message"]["content"]
        except (ValueError, KeyError, TypeError):
            continue
        for block in content if isinstance(content, list) else []:
            match block.get("type"):
                case "text":
                    yield "task:thinking", {"type": "thinking", "content": block["text"]}
                case "tool_use":
                    last_tool = block["name"]
                    yield "task:tool_call", _call(block)
                case "tool_result":
                    yield "task:tool_result", _result(block, last_tool)


def _call(block: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "tool_call",
        "name": block["name"],
        "input": block["input"],
        "_tool_use_id": block["id"],
    }


def _result(block: dict[str, Any], tool: str) -> dict[str, Any]:
    return {
        "type": "tool_result",
        "name": tool,
        "content": str(block.get("content"))[:TOOL_RESULT_CUT],
        "is_error": bool(block.get("is_error")),
    }
