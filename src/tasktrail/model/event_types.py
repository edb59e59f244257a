"""The event types we know: where each is recorded, and what it means.

The table is the one place that knows them; docs/protocol.md is checked against it. An event type
that is not here is recorded in `events`, as sent.
"""

from typing import Final, NamedTuple

from tasktrail.model.channels import (
    AGENT_OUTPUT,
    API_CALLS,
    EVENTS,
    KNOWLEDGE,
    LOG,
    RESPONSE_POSTING,
    USER_INPUTS,
    WEBHOOK_FLOW,
)


class EventType(NamedTuple):
    """A known event type: its channel, and one line for the docs."""

    channel: str
    meaning: str


EVENT_TYPES: Final[dict[str, EventType]] = {
    "webhook:received": EventType(WEBHOOK_FLOW, "a webhook came in"),
    "webhook:validated": EventType(WEBHOOK_FLOW, "its signature was checked"),
    "webhook:payload": EventType(WEBHOOK_FLOW, "its whole body"),
    "webhook:skipped": EventType(WEBHOOK_FLOW, "it leads to no task; its flow is closed"),
    "webhook:matched": EventType(WEBHOOK_FLOW, "a handler or command matched"),
    "webhook:task_created": EventType(WEBHOOK_FLOW, "a task was made of it; binds the flow"),
    "response:immediate": EventType(WEBHOOK_FLOW, "the first reaction was posted; binds the flow"),
    "notification:ops": EventType(WEBHOOK_FLOW, "operators were told; binds the flow"),
    "task:created": EventType(EVENTS, "the task exists: pending"),
    "task:started": EventType(EVENTS, "the task runs: active"),
    "task:context_built": EventType(EVENTS, "the prompt was enriched"),
    "task:titled": EventType(EVENTS, "the task's title, said outright; the last one stands"),
    "task:status": EventType(EVENTS, "the task's status, said outright"),
    "task:completed": EventType(EVENTS, "the end; `status: failed` makes it a failure"),
    "task:failed": EventType(EVENTS, "the end by an error"),
    "task:metrics": EventType(EVENTS, "figures of the run"),
    "task:thinking": EventType(AGENT_OUTPUT, "what the agent thought"),
    "task:output": EventType(AGENT_OUTPUT, "what the agent said"),
    "task:raw_output": EventType(AGENT_OUTPUT, "the agent's whole raw output"),
    "task:tool_call": EventType(AGENT_OUTPUT, "a tool was called"),
    "task:tool_result": EventType(AGENT_OUTPUT, "what the tool answered"),
    "task:user_input": EventType(USER_INPUTS, "what a person answered"),
    "task:response_posted": EventType(RESPONSE_POSTING, "how the result was posted"),
    "task:log": EventType(LOG, "a log line of a job or plugin"),
    "task:progress": EventType(LOG, "a log line with a percentage"),
    "task:api_call": EventType(API_CALLS, "one model call: tokens, reported cost, duration"),
    "knowledge:query": EventType(KNOWLEDGE, "a knowledge search was asked"),
    "knowledge:result": EventType(KNOWLEDGE, "what the search found"),
    "knowledge:tool_call": EventType(KNOWLEDGE, "a knowledge tool was called"),
    "knowledge:context_used": EventType(KNOWLEDGE, "what of it was used"),
    "stage:started": EventType(EVENTS, "a stage began"),
    "stage:completed": EventType(EVENTS, "a stage ended well"),
    "stage:failed": EventType(EVENTS, "a stage failed"),
    "execution:started": EventType(EVENTS, "a scheduled job's execution began"),
    "execution:completed": EventType(EVENTS, "an execution ended well"),
    "execution:failed": EventType(EVENTS, "an execution failed"),
    "session:started": EventType(EVENTS, "a coordinator run began"),
    "session:ended": EventType(EVENTS, "a coordinator run ended"),
    "worker:spawned": EventType(EVENTS, "a worker process was started"),
    "worker:imported": EventType(EVENTS, "a worker's conversation was imported from a file"),
    "worker:completed": EventType(EVENTS, "a worker ended well"),
    "worker:failed": EventType(EVENTS, "a worker failed"),
    "coordinator:event": EventType(EVENTS, "a decision, trigger or note of a coordinator"),
    "gap": EventType(EVENTS, "entries vanished before they could be read"),
    "loss": EventType(EVENTS, "a producer had to drop entries and says how many"),
}


def channel_of(event_type: str) -> str:
    """The channel in which events of that type are recorded."""
    known = EVENT_TYPES.get(event_type)
    return known.channel if known else EVENTS
