"""Stories of jobs and of a coordinator: what programs send that log through our own client.

Jobs have stages, items, progress and logs of several components at every level; a coordinator
starts workers, decides, and gives a failed task a second attempt.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from tasktrail.cli.demo_teller import Fields, Meter, Step, Teller


class Line(NamedTuple):
    """A log entry of a job; `{n}` in its text is some figure."""

    level: str
    source: str
    text: str


class Stage(NamedTuple):
    """A phase of a job: what it logs while it counts to its end."""

    name: str
    lines: tuple[Line, ...]


class Job(NamedTuple):
    """A kind of job; `error` is why it sometimes fails in its last stage."""

    title: str
    item: str
    stages: tuple[Stage, ...]
    error: str = ""


TROUBLE: Final = frozenset({"error", "critical"})  # only a stage that fails logs at these levels
ORDERS: Final = Job(
    "Nightly import of orders",
    "orders.csv.gz",
    (
        Stage("fetch", (
            Line("info", "http", "GET /exports/orders.csv.gz: 200, {n} kB"),
            Line("debug", "http", "connection reused, TLS 1.3"),
        )),
        Stage("validate", (
            Line("info", "parser", "{n} rows read"),
            Line("warning", "parser", "row {n}: unknown currency 'XBT', kept as text"),
            Line("debug", "parser", "schema 14 matches the header"),
        )),
        Stage("load", (
            Line("info", "db", "COPY orders: {n} rows in one transaction"),
            Line("warning", "db", "lock on orders held for {n} ms by autovacuum"),
            Line("info", "db", "{n} rows upserted"),
        )),
    ),
)  # fmt: skip
BACKUP: Final = Job(
    "Weekly backup of the media bucket",
    "media-bucket",
    (
        Stage("snapshot", (
            Line("info", "volume", "snapshot of {n} GB begun"),
            Line("debug", "volume", "copy-on-write reserve at {n} MB"),
        )),
        Stage("upload", (
            Line("info", "s3", "part {n} uploaded"),
            Line("warning", "s3", "503 SlowDown, next try in 4 s"),
            Line("error", "s3", "part {n} refused: 403 RequestTimeTooSkewed"),
            Line("critical", "clock", "the clock is {n} s behind the server's"),
        )),
    ),
    error="upload gave up after 5 tries: RequestTimeTooSkewed (the clock of this host is slow)",
)  # fmt: skip
REPORT: Final = Job(
    "Monthly revenue report",
    "revenue.pdf",
    (
        Stage("query", (
            Line("info", "warehouse", "revenue_by_region: {n} rows"),
            Line("debug", "warehouse", "{n} ms in the planner"),
        )),
        Stage("render", (
            Line("info", "pdf", "page {n} laid out"),
            Line("warning", "pdf", "font 'Inter' has no glyph U+20BF, fallback used"),
        )),
        Stage("send", (
            Line("info", "mail", "{n} recipients accepted"),
        )),
    ),
)  # fmt: skip
JOBS: Final = (ORDERS, BACKUP, REPORT)


def job_task(teller: Teller, job: Job) -> Iterator[Step]:
    """One execution of a scheduled job, from its start to its end."""
    job_id = teller.hex_id("JB_", 6).upper()
    began = teller.elapsed
    labels: Fields = {
        "task_id": job_id,
        "job_id": job_id,
        "execution_id": teller.hex_id("PX_", 8),
    }
    yield teller.job(
        teller.wait(0.0, 0.1), labels, "task:created", title=job.title, source="scheduler"
    )
    yield teller.job(teller.wait(0.05, 0.1), labels, "task:started")
    yield teller.job(teller.wait(0.01, 0.05), labels, "execution:started", trigger="cron")
    fails = bool(job.error) and teller.rng.random() < 0.6  # noqa: PLR2004 - three of five
    for stage in job.stages:
        at_its_end = fails and stage is job.stages[-1]
        yield from _stage(teller, labels, job, stage, error=job.error if at_its_end else "")
    yield from _ended(teller, labels, began, error=job.error if fails else "")


def _stage(teller: Teller, labels: Fields, job: Job, stage: Stage, *, error: str) -> Iterator[Step]:
    labels = {**labels, "stage": stage.name, "item": job.item}
    yield teller.job(teller.wait(0.1, 0.4), labels, "stage:started")
    rounds = teller.rng.randint(5, 9)
    last = rounds // 2 if error else rounds
    for done in range(1, last + 1):
        line = teller.rng.choice(stage.lines)
        if not error and line.level in TROUBLE:
            line = stage.lines[0]
        yield _log(teller, labels, line)
        yield teller.job(
            teller.wait(0.3, 0.9),
            {**labels, "level": "info", "source": line.source},
            "task:progress",
            message=f"{job.item}: part {done} of {rounds}",
            percent=round(100 * done / rounds),
        )
    if error:
        yield from (_log(teller, labels, line) for line in stage.lines if line.level in TROUBLE)
        yield teller.job(teller.wait(0.2, 0.6), labels, "stage:failed", error=error)
    else:
        yield teller.job(teller.wait(0.2, 0.6), labels, "stage:completed")


def _log(teller: Teller, labels: Fields, line: Line) -> Step:
    figure = teller.rng.randint(2, 4_000)
    return teller.job(
        teller.wait(0.8, 2.4),
        {**labels, "level": line.level, "source": line.source},
        "task:log",
        message=line.text.format(n=figure),
        metadata={"host": f"job-{teller.rng.randint(1, 4)}"},
    )


def _ended(teller: Teller, labels: Fields, began: float, *, error: str) -> Iterator[Step]:
    word = "failed" if error else "completed"
    took = round(teller.elapsed - began, 2)
    said = {"error": error} if error else {"result_summary": "all stages done"}
    yield teller.job(teller.wait(0.05, 0.2), labels, f"execution:{word}", **said)
    if error:
        yield teller.job(teller.wait(0.01, 0.05), labels, "task:failed", error=error)
        return
    yield teller.job(
        teller.wait(0.01, 0.05),
        labels,
        "task:completed",
        status="completed",
        result="all stages done",
        duration_seconds=took,
    )


def coordinator_run(teller: Teller) -> Iterator[Step]:
    """A coordinator, its workers and one issue that needs two attempts."""
    session_id = teller.hex_id("s-", 8)
    task_id = f"gh-{teller.rng.randint(300, 9_999)}"
    session: Fields = {"session_id": session_id}
    task: Fields = {**session, "task_id": task_id}
    config = {"max_workers": 3, "model": "claude-sonnet-4-5", "poll_seconds": 30}
    git_info = {"commit": teller.hex_id("", 10), "branch": "main"}
    yield teller.job(
        teller.wait(0.0, 0.2), session, "session:started", config=config, git_info=git_info
    )
    yield _decision(teller, session, "trigger", f"issue {task_id} has the label agent", task_id)
    yield teller.job(
        teller.wait(0.2, 0.5),
        task,
        "task:created",
        title="Search results jump while typing",
        source="github",
        assigned_agent="coder",
    )
    yield from _attempt(teller, task, number=1, error="tests failed: 2 of 64 (search.spec.ts)")
    yield _decision(teller, session, "decision", "one more attempt, with the failing test", task_id)
    yield from _attempt(teller, task, number=2, error="")
    yield teller.job(teller.wait(0.5, 2.0), session, "session:ended", exit_reason="normal")


def _decision(teller: Teller, labels: Fields, kind: str, message: str, task_id: str) -> Step:
    return teller.job(
        teller.wait(0.3, 1.2),
        labels,
        "coordinator:event",
        event_type=kind,
        severity="info",
        message=message,
        context_type="task",
        context_id=task_id,
        details={"queue": teller.rng.randint(0, 6)},
    )


def _attempt(teller: Teller, task: Fields, *, number: int, error: str) -> Iterator[Step]:
    worker_id, meter, began = teller.hex_id("w-", 6), Meter(teller.rng), teller.elapsed
    labels: Fields = {**task, "worker_id": worker_id, "attempt": number}
    pid = teller.rng.randint(2_000, 60_000)
    yield teller.job(teller.wait(0.3, 1.0), labels, "worker:spawned", pid=pid)
    for stage in ("plan", "edit", "test"):
        at_its_end = error if stage == "test" else ""
        yield from _worker_stage(teller, {**labels, "stage": stage}, meter, error=at_its_end)
    word = "failed" if error else "completed"
    ended: Fields = {"error": error} if error else {"result": "fixed, 64 of 64 tests pass"}
    yield teller.job(
        teller.wait(0.5, 1.5),
        labels,
        "task:completed",
        status=word,
        duration_seconds=round(teller.elapsed - began, 2),
        cost_usd=round(meter.cost_usd, 6),
        input_tokens=meter.input_tokens,
        output_tokens=meter.output_tokens,
        **ended,
    )
    yield teller.job(teller.wait(0.1, 0.4), labels, f"worker:{word}", exit_code=1 if error else 0)


def _worker_stage(teller: Teller, labels: Fields, meter: Meter, *, error: str) -> Iterator[Step]:
    yield teller.job(teller.wait(0.1, 0.3), labels, "stage:started")
    for _ in range(teller.rng.randint(2, 3)):
        wait = teller.wait(2.0, 5.0)
        yield teller.job(wait, labels, "task:api_call", **meter.call(wait))
        text = f"{labels['stage']}: {teller.rng.randint(2, 9)} files looked at"
        yield teller.job(
            teller.wait(0.2, 0.8), {**labels, "source": "coder"}, "task:output", content=text
        )
    if error:
        yield teller.job(teller.wait(0.1, 0.3), labels, "stage:failed", error=error)
    else:
        yield teller.job(teller.wait(0.1, 0.3), labels, "stage:completed")
