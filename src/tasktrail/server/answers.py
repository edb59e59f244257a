"""The shapes of the answers, as OpenAPI shows them.

The reader answers with ready rows, so nothing is converted here; a test holds real answers against
these shapes, so that what is documented is what is sent.
"""

from msgspec import Raw, Struct

Json = dict[str, Raw]


class Attempt(Struct):
    """One try at a task."""

    number: int
    status: str
    started_at: str | None = None
    completed_at: str | None = None
    worker_id: str | None = None
    error: str | None = None
    cost_micro_usd: int | None = None


class TaskCounts(Struct):
    """How much a trail holds, and how much of it is trouble."""

    entries: int
    warnings: int
    errors: int
    by_channel: dict[str, int]


class TaskSummary(Struct):
    """A task as it is answered everywhere; what nobody reported is null."""

    task_id: str
    kind: str
    title: str | None
    status: str
    source: str | None
    agent: str | None
    session_id: str | None
    job_id: str | None
    worker_id: str | None
    conversation_id: str | None
    flow_id: str | None
    created_at: str | None
    started_at: str | None
    completed_at: str | None
    updated_at: str | None
    duration_seconds: float | None
    cost_micro_usd: int | None
    cost_usd: float | None
    input_tokens: int | None
    output_tokens: int | None
    pr_number: int | None
    stage: str | None
    percent: float | None
    error: str | None
    counts: TaskCounts
    attempts: list[Attempt]
    as_of: int
    reported_cost_micro_usd: int | None = None  # what its end told; the cost counts its calls
    calls: int = 0
    unpriced_calls: int = 0  # that the cost leaves out
    undated_calls: int = 0  # whose time is a guess
    last_at: str | None = None  # the own time of its latest entry
    last_message: str | None = None


class TaskPage(Struct):
    """A page of tasks, newest first."""

    tasks: list[TaskSummary]
    total_count: int
    next_cursor: str | None


class LogEntry(Struct):
    """An entry as it is answered everywhere; `event` holds what else its producer sent."""

    id: str
    seq: int
    task_id: str | None
    timestamp: str
    recorded_at: str
    level: str
    source: str
    stage: str | None
    channel: str
    event_type: str
    message: str
    metadata: Raw
    percent: float | None
    worker_id: str | None
    job_id: str | None
    session_id: str | None
    execution_id: str | None
    item: str | None
    attempt: int | None
    fields: Json
    event: Raw
    size: int | None = None  # of the whole message in bytes; with `preview` only
    shortened: list[str] | None = None  # what is not whole; with `preview` only


class LogPage(Struct):
    """A page of a task's entries."""

    task_id: str
    total_count: int
    logs: list[LogEntry]
    next_cursor: str | None
    is_partial: bool | None = None  # there are at least so many: a text, too frequent to count
    unreadable: int | None = None  # entries of the page that are there and cannot be read


class LogStats(Struct):
    """How many entries of each level, source, stage, channel and event type."""

    total: int
    by_level: dict[str, int]
    by_source: dict[str, int]
    by_stage: dict[str, int]
    by_channel: dict[str, int]
    by_event_type: dict[str, int]
    is_partial: bool | None = None  # there are at least so many


class TaskSections(Struct, omit_defaults=True):
    """A task's files as one object; a key is there when its file is."""

    task_id: str
    metadata: Json | None = None
    input: Json | None = None
    user_inputs: list[Json] | None = None
    webhook_flow: list[Json] | None = None
    agent_output: list[Json] | None = None
    knowledge_interactions: list[Json] | None = None
    final_result: Json | None = None
    response_posting: list[Json] | None = None
    log: list[Json] | None = None
    api_calls: list[Json] | None = None
    events: list[Json] | None = None


class RejectedEvent(Struct):
    """An event that was not accepted."""

    index: int
    reason: str


class EventReceipt(Struct):
    """What became of the events; what is accepted is on disk."""

    accepted: int
    rejected: list[RejectedEvent]


class HoldList(Struct):
    """Webhook flows that have not bound to a task."""

    holds: list[Json]
    total_count: int


class DeadLetterList(Struct):
    """What could not be recorded, with its reason."""

    dead_letters: list[Json]
    total_count: int
    alarm: str | None  # said while many came in a row; the others are recorded all the same


class HealthAnswer(Struct):
    """Whether we can record, and what is not as it should be."""

    status: str
    service: str
    version: str
    reasons: tuple[str, ...]
    gaps: int | None  # places where accepted events are missing, since the root's birth


class ReadinessAnswer(Struct):
    """Whether every part is there, part by part."""

    ready: bool
    parts: dict[str, bool]


class MetricsAnswer(Struct):
    """The seven figures of a recorder; what is not known is null."""

    queue_depth: int | None
    queue_lag: float | None
    events_processed: int | None
    events_failed: int | None
    processing_rate: float | None
    disk_usage: float | None
    tasks_processed: int | None


class ProblemAnswer(Struct):
    """An error: RFC 9457, with a stable code."""

    type: str
    title: str
    status: int
    code: str
    detail: str
