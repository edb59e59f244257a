"""The channels of a trail, in the order of a task's life: name in answers → file on disk."""

from typing import Final

USER_INPUTS: Final = "user_inputs"
WEBHOOK_FLOW: Final = "webhook_flow"
AGENT_OUTPUT: Final = "agent_output"
KNOWLEDGE: Final = "knowledge_interactions"
RESPONSE_POSTING: Final = "response_posting"
LOG: Final = "log"
API_CALLS: Final = "api_calls"
EVENTS: Final = "events"

CHANNEL_FILES: Final = {
    USER_INPUTS: "02-user-inputs.jsonl",
    WEBHOOK_FLOW: "03-webhook-flow.jsonl",
    AGENT_OUTPUT: "04-agent-output.jsonl",
    KNOWLEDGE: "05-knowledge-interactions.jsonl",
    RESPONSE_POSTING: "07-response-posting.jsonl",
    LOG: "08-log.jsonl",
    API_CALLS: "09-api-calls.jsonl",
    EVENTS: "10-events.jsonl",
}
CHANNELS: Final = tuple(CHANNEL_FILES)

METADATA: Final = "metadata"
INPUT: Final = "input"
FINAL_RESULT: Final = "final_result"
DOCUMENT_FILES: Final = {
    METADATA: "metadata.json",
    INPUT: "01-input.json",
    FINAL_RESULT: "06-final-result.json",
}
