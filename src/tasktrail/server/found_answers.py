"""The shapes of answers about what was found: over time, by stage, by job, by search; alerts."""

from msgspec import Struct

from tasktrail.server.answers import LogEntry, LogStats, TaskSummary


class HistogramBucket(Struct):
    """How many entries of each level in one stretch of time, and between which."""

    at: str
    total: int
    by_level: dict[str, int]
    first_seq: int | None
    last_seq: int | None


class Histogram(Struct):
    """Entries over time, in stretches of equal length; no entries: no stretches."""

    task_id: str
    total_count: int
    since: str | None
    until: str | None
    bucket_ms: float | None
    buckets: list[HistogramBucket]
    is_partial: bool | None = None  # there are at least so many


class StageName(Struct):
    """Which of the stages of one name."""

    stage: str
    number: int


class Stage(Struct):
    """One time that a stage was gone through; without a status it was only named by entries."""

    stage: str
    attempt: int | None
    status: str | None
    started_at: str | None
    completed_at: str | None
    duration_seconds: float | None
    error: str | None
    first_seq: int
    last_seq: int
    first_at: str
    last_at: str
    entries: int
    warnings: int
    errors: int
    number: int
    parent: StageName | None
    depth: int


class StageList(Struct):
    """A task's stages, first appearance first."""

    task_id: str
    stages: list[Stage]


class DeedColumns(Struct):
    """Deeds in columns, one place each; `worker` and `words` are places in the lists of those."""

    worker: list[int]
    kind: list[str]  # api | tool | said | user | knowledge
    start_ms: list[int]  # since the epoch
    took_ms: list[int | None]  # null for a tool that has not answered
    words: list[int]
    is_failed: list[bool]
    seq: list[int]


class Timeline(Struct):
    """What a task's workers did, told by the first `read` of `total_count` entries."""

    task_id: str
    total_count: int
    read: int
    workers: list[str]  # "" where nobody said who
    words: list[str]
    deeds: DeedColumns


class FileSize(Struct):
    """A file of a trail."""

    name: str
    kind: str  # channel | document
    size: int


class FileList(Struct):
    """The files of a trail."""

    task_id: str
    files: list[FileSize]


class OpenedTask(Struct):
    """All that a page about a task begins with: header, counts, stages, tail."""

    task: TaskSummary
    head: int
    stats: LogStats
    sources: list[str]
    stages: list[Stage]
    total_count: int
    logs: list[LogEntry]
    next_cursor: str | None  # to the entries before them
    is_partial: bool | None = None  # at least so many match


class JobEntry(LogEntry):
    """An entry of a job: `task_id` is the piece of work, `trail_id` the trail it is in."""

    trail_id: str | None = None


class JobLogPage(Struct):
    """A page of the entries of all trails of a job."""

    job_id: str
    total_count: int
    logs: list[JobEntry]
    next_cursor: str | None
    is_partial: bool | None = None  # there are at least so many


class ItemLogPage(Struct):
    """A page of the entries of one piece of a job's work."""

    task_id: str
    job_id: str
    total_count: int
    logs: list[JobEntry]
    next_cursor: str | None
    is_partial: bool | None = None  # there are at least so many


class JobItem(Struct):
    """A piece of work within a stage, and how many entries it has."""

    task_id: str
    log_count: int


class JobStage(Struct):
    """A stage of a job with its pieces of work."""

    stage: str
    tasks: list[JobItem]


class JobStages(Struct):
    """A job's stages, first appearance first; none for a job that nobody knows."""

    job_id: str
    stages: list[JobStage]


class Execution(Struct):
    """One run of a scheduled job; what nobody reported is null."""

    id: str
    job_id: str | None
    task_id: str | None
    status: str
    started_at: str | None
    completed_at: str | None
    duration_ms: float | None
    result_summary: str | None
    error_message: str | None
    log_count: int
    created_at: str | None
    updated_at: str | None


class ExecutionPage(Struct):
    """Executions, newest first."""

    executions: list[Execution]
    count: int
    total: int
    has_more: bool


class ExecutionLogPage(Struct):
    """A page of an execution's entries."""

    execution_id: str
    total_count: int
    logs: list[JobEntry]
    next_cursor: str | None
    is_partial: bool | None = None  # there are at least so many


class SearchLine(Struct, omit_defaults=True):
    """A line of a search: `type` is start, hit, task, progress, end or error."""

    type: str
    limit: int | None = None  # start
    entry: LogEntry | None = None  # hit, from here on
    title: str | None = None  # of its task, where it is known
    task_id: str | None = None  # task, from here on
    session_id: str | None = None
    hits: int | None = None
    latest: LogEntry | None = None
    is_partial: bool | None = None  # it has more hits
    shown: int | None = None  # progress and end, from here on
    found: int | None = None
    searched_bytes: int | None = None
    total_bytes: int | None = None
    searched_trails: int | None = None
    total_trails: int | None = None
    ended: str | None = None  # complete, limit (not all is counted), time or stopped
    is_complete: bool | None = None
    code: str | None = None  # error
    detail: str | None = None


class AlertAnswer(Struct):
    """A figure beyond its limit, or a reason for concern."""

    name: str
    severity: str
    detail: str
    value: float | None
    limit: float | None
    unit: str | None


class AlertLimit(Struct):
    """A figure that is watched; what is not known is null."""

    name: str
    value: float | None
    limit: float
    unit: str


class AlertList(Struct):
    """What is wrong now, and what is watched."""

    alerts: list[AlertAnswer]
    limits: list[AlertLimit]
