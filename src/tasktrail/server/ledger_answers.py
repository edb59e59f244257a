"""The shapes of the answers about money and about who worked, as OpenAPI shows them."""

from msgspec import Raw, Struct

from tasktrail.server.answers import LogEntry


class Tokens(Struct):
    """Tokens by bucket, none in two; `unsorted`: told only in sum, `input`: all that went in."""

    input_uncached: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    reasoning: int
    unsorted: int
    input: int
    total: int


class Compared(Struct):
    """Calls whose cost was both reported and computed, and the sums of both."""

    calls: int
    reported_micro_usd: int
    computed_micro_usd: int


class Figures(Struct, kw_only=True):
    """What calls come to; a cost that nobody knows is null."""

    calls: int
    failed_calls: int
    estimated_calls: int
    unpriced_calls: int
    undated_calls: int  # and rests, whose time is a guess: their source told none
    tokens: Tokens
    cost_micro_usd: int | None
    cost_usd: float | None
    reported_cost_micro_usd: int
    computed_cost_micro_usd: int
    compared: Compared


class ModelPart(Struct):
    """What a model cost within a row."""

    model: str
    cost_micro_usd: int


class CostRow(Figures, kw_only=True, omit_defaults=True):
    """The figures of one group; the key by which costs were grouped is there."""

    model: str | None = None
    task_id: str | None = None
    session_id: str | None = None
    worker_id: str | None = None
    day: str | None = None
    title: str | None = None
    status: str | None = None
    parts: list[ModelPart] | None = None  # of the dearest models, where they were asked for


class UnpricedModel(Struct):
    """A model that no price is known of."""

    model: str | None
    calls: int
    tokens: int


class Costs(Struct, kw_only=True):
    """What was spent; `behind` is there when the newest may be missing."""

    since: str | None
    until: str | None
    zone: str
    by: str | None
    total: Figures
    failed_work: Figures
    rows: list[CostRow]
    unpriced_models: list[UnpricedModel]
    price_version: str | None
    price_trouble: str | None  # why the user's own prices are not used
    behind: bool = False


class BudgetState(Struct):
    """A budget, and what came nearest to it of late."""

    per: str  # task | session | day
    micro_usd: int
    warn_percent: int
    nearest: str | None  # the dearest task or session of the last day, or today
    spent_micro_usd: int


class BudgetList(Struct, kw_only=True):
    """The budgets of `budgets.toml`."""

    budgets: list[BudgetState]
    trouble: str | None  # why the file is not used
    behind: bool = False


class Price(Struct):
    """Whose price was taken."""

    source: str
    model: str
    provider: str | None


class CostPart(Struct, omit_defaults=True):
    """One bucket of a call, its price and what that comes to."""

    bucket: str
    tokens: int | None
    micro_usd: str
    usd_per_million: str | None = None


class ExplainedCall(Struct, kw_only=True):
    """One call behind a task's cost."""

    call_id: str | None
    kind: str
    trail: str
    seq: int | None
    timestamp: str
    worker_id: str | None
    model: str | None
    provider: str | None
    tier: str | None
    web_searches: int | None
    tellings: int
    is_estimated: bool
    is_undated: bool
    unread_tokens: str | None  # tokens under names that nobody knows
    success: bool | None
    tokens: dict[str, int | None]
    cost_micro_usd: int | None
    reported_cost_micro_usd: int | None
    computed_cost_micro_usd: int | None
    price: Price | None
    parts: list[CostPart]
    unpriced: str | None


class CountedElsewhere(Struct):
    """A call that the task tells of and that belongs to another trail."""

    call_id: str
    seq: int
    counted_in: str


class CostExplanation(Struct, kw_only=True):
    """Every call, bucket and price behind a task's cost."""

    task_id: str
    total: Figures
    price_version: str | None
    price_trouble: str | None
    calls: list[ExplainedCall]
    counted_elsewhere: list[CountedElsewhere]
    behind: bool = False


class WorkerRow(Figures, kw_only=True):
    """A process that executed a task."""

    worker_id: str
    session_id: str | None
    task_id: str | None
    task_title: str | None
    spawned_at: str | None
    completed_at: str | None
    pid: int | None
    status: str | None
    exit_code: int | None
    log_file: str | None
    parent_worker_id: str | None
    agent: str | None


class WorkerAnswer(WorkerRow, kw_only=True):
    """A worker with those that it started."""

    workers: list[WorkerRow]
    behind: bool = False


class WorkerPage(Struct):
    """A page of workers, newest first."""

    workers: list[WorkerRow]
    total_count: int
    next_cursor: str | None
    behind: bool = False


class SessionRow(Figures, kw_only=True):
    """A coordinator run."""

    session_id: str
    title: str | None  # of its first task that has one, by the ids of its tasks
    started_at: str | None
    ended_at: str | None
    exit_reason: str | None
    git_commit: str | None
    branch: str | None
    host: str | None
    pid: int | None
    config: Raw  # as it was sent, null where nothing was
    task_counts: dict[str, int]
    worker_count: int


class SessionTask(Struct):
    """A task of a session."""

    task_id: str
    title: str | None
    status: str
    cost_micro_usd: int | None
    unpriced_calls: int


class SessionAnswer(SessionRow, kw_only=True):
    """A session with its tasks and workers."""

    tasks: list[SessionTask]
    workers: list[WorkerRow]
    behind: bool = False


class SessionPage(Struct):
    """A page of sessions, newest first."""

    sessions: list[SessionRow]
    total_count: int
    next_cursor: str | None
    behind: bool = False


class SessionLogPage(Struct):
    """A page of what a session said beside its tasks."""

    session_id: str
    total_count: int
    logs: list[LogEntry]
    next_cursor: str | None
    is_partial: bool | None = None  # there are at least so many
    unreadable: int | None = None  # entries of the page that are there and cannot be read


class CoordinatorEvent(Struct):
    """What a coordinator decided, was told or ran into."""

    event_id: str
    timestamp: str
    event_type: str
    severity: str
    message: str | None
    context_type: str | None
    context_id: str | None
    session_id: str | None
    task_id: str | None
    worker_id: str | None
    seq: int
    details: Raw


class EventPage(Struct):
    """A page of events of coordinators, newest first."""

    events: list[CoordinatorEvent]
    total_count: int
    next_cursor: str | None
    behind: bool = False
