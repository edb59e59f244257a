"""Channels and documents have one name on disk each."""

from tasktrail.model.channels import CHANNEL_FILES, DOCUMENT_FILES


def test_files_sort_in_the_order_of_a_task() -> None:
    """The fixed names of the trail, so that a listing reads like the task's life."""
    names = [*DOCUMENT_FILES.values(), *CHANNEL_FILES.values()]

    assert sorted(names) == [
        "01-input.json",
        "02-user-inputs.jsonl",
        "03-webhook-flow.jsonl",
        "04-agent-output.jsonl",
        "05-knowledge-interactions.jsonl",
        "06-final-result.json",
        "07-response-posting.jsonl",
        "08-log.jsonl",
        "09-api-calls.jsonl",
        "10-events.jsonl",
        "metadata.json",
    ]
