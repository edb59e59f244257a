"""The task summary, and the fold that makes it of entries.

`apply` is called for every entry of a trail in the order of `seq`; the same entries give the same
summary wherever it runs: in the recorder (metadata.json), in the index, in a reader without one.
Unknown is not zero: a figure nobody reported is `None`.
"""

from collections.abc import Callable
from typing import Final

from msgspec import Raw, Struct, field

from tasktrail.model.channels import EVENTS, WEBHOOK_FLOW
from tasktrail.model.codec import MOST_INTEGER, integer_of, number_of, plain_text, text_of
from tasktrail.model.entry import Entry
from tasktrail.model.event import Event
from tasktrail.model.event_types import channel_of
from tasktrail.model.shapes import percent_of
from tasktrail.model.statuses import TERMINAL, outcome_of, parse_status
from tasktrail.model.times import parse_time, utc_text
from tasktrail.model.view import STARTS, WORK_CHANNELS, attempt_of, level_of, sent_at

TITLE_CHARACTERS: Final = 200  # a title is the first line of the input, this long at most
MICRO_USD: Final = 1_000_000
GUESS_MICROSECONDS: Final = 86_400_000_000  # quiet for longer, and what follows is a new attempt
MOST_USD: Final = 1_000_000_000  # beyond it a number is nonsense, not a cost
INPUT_KEYS: Final = ("input_message", "prompt", "message")
AGENT_KEYS: Final = ("assigned_agent", "agent_type", "agent")
ORIGIN_KEYS: Final = ("source", "provider")
ORIGIN_FAMILIES: Final = frozenset({"task", "webhook", "response", "notification"})
PLAIN_IDS: Final = ("session_id", "job_id", "worker_id")


class Attempt(Struct):
    """One try at the task: how and when it began and ended."""

    number: int
    status: str = "active"
    started_at: str | None = None
    completed_at: str | None = None
    worker_id: str | None = None
    error: str | None = None
    cost_micro_usd: int | None = None

    @property
    def is_over(self) -> bool:
        """Whether a terminal event stands for it."""
        return self.status in TERMINAL


class Counts(Struct):
    """How much a trail holds, and how much of it is trouble."""

    entries: int = 0
    warnings: int = 0
    errors: int = 0
    by_channel: dict[str, int] = field(default_factory=dict)


class Task(Struct):
    """What a trail says of its task, as of the entry `as_of`."""

    task_id: str
    kind: str = "task"
    title: str | None = None
    status: str = "detected"
    source: str | None = None  # the origin: github, jira, …
    agent: str | None = None
    session_id: str | None = None
    job_id: str | None = None
    worker_id: str | None = None
    conversation_id: str | None = None
    flow_id: str | None = None
    created_at: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    updated_at: int = 0  # µs since the epoch; told as text
    duration_seconds: float | None = None
    cost_micro_usd: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    pr_number: int | None = None
    stage: str | None = None
    percent: float | None = None
    error: str | None = None
    counts: Counts = field(default_factory=Counts)
    attempts: list[Attempt] = field(default_factory=list)
    as_of: int = 0
    is_created: bool = False
    guessed: int = 0  # the attempt whose end nobody told: what is told of it replaces it

    @property
    def is_over(self) -> bool:
        """Whether the latest attempt has ended."""
        return self.status in TERMINAL


def apply(task: Task, entry: Entry) -> None:
    """The task after the entry; entries must come in the order of `seq`, each once."""
    event = entry.event
    channel = channel_of(event.event_type)
    count(task, channel, level_of(event))
    task.as_of = entry.seq
    task.updated_at = entry.recorded_at
    if task.created_at is None:
        task.created_at = utc_text(sent_at(event, entry.recorded_at))
    stage = event.text("stage")
    if stage is not None:
        task.stage = stage
    if channel in WORK_CHANNELS or event.event_type in STARTS:
        _activity(task, entry)
    if channel in {EVENTS, WEBHOOK_FLOW}:
        _learn(task, event)
    rule = _RULES.get(event.event_type)
    if rule:
        rule(task, entry)


def count(task: Task, channel: str, level: str, *, entries: int = 1) -> None:
    """So many more entries of that channel and level."""
    counts = task.counts
    counts.entries += entries
    counts.by_channel[channel] = counts.by_channel.get(channel, 0) + entries
    if level == "warning":
        counts.warnings += entries
    elif level in {"error", "critical"}:
        counts.errors += entries


def only_counts(task: Task, channel: str, *, is_special: bool) -> bool:
    """Whether an entry of that channel changes nothing but counts, stage and times.

    `is_special`: it names an attempt or tells a progress.
    """
    if channel in {EVENTS, WEBHOOK_FLOW} or task.created_at is None:
        return False
    if channel not in WORK_CHANNELS:
        return True
    if is_special or not task.attempts:
        return False
    attempt = task.attempts[-1]
    if attempt.started_at is None:
        return False
    return attempt.is_over or (task.status == "active" and task.started_at is not None)


def count_in(task: Task, channel: str, level: str, *, seq: int, recorded_at: int) -> None:
    """The task after an entry that only counts."""
    count(task, channel, level)
    task.as_of = seq
    task.updated_at = recorded_at


def is_known(text: str | None) -> bool:
    """Whether a value says anything: `unknown` is what producers send for nothing."""
    return bool(text) and text != "unknown"


def first_known(event: Event, names: tuple[str, ...]) -> str | None:
    """The first of the keys of `data` whose text says anything."""
    texts = (text_of(event.data.get(name)) for name in names)
    return next((text for text in texts if is_known(text)), None)


def _learn(task: Task, event: Event) -> None:
    """Fill in what is not yet known; a known value is never replaced."""
    for name in PLAIN_IDS:
        if getattr(task, name) is None:
            setattr(task, name, event.text(name))
    for name in ("conversation_id", "flow_id"):
        if getattr(task, name) is None:
            setattr(task, name, first_known(event, (name,)))
    if event.event_type.partition(":")[0] in ORIGIN_FAMILIES:
        task.source = task.source or first_known(event, ORIGIN_KEYS)
    task.agent = task.agent or first_known(event, AGENT_KEYS)
    task.title = task.title or _title(event)
    if task.pr_number is None:
        task.pr_number = integer_of(event.data.get("pr_number"))


def _title(event: Event) -> str | None:
    title = first_known(event, ("title",))
    if title is None and event.event_type in {"task:created", "webhook:task_created"}:
        lines = (first_known(event, INPUT_KEYS) or "").strip().splitlines()
        title = lines[0] if lines else None
    return _short(title) if title else None


def _short(title: str) -> str:
    """What is cut says so."""
    return title if len(title) <= TITLE_CHARACTERS else title[: TITLE_CHARACTERS - 1] + "…"


def _titled(task: Task, entry: Entry) -> None:
    """A title that was given to the task itself replaces what its input made of it."""
    title = first_known(entry.event, ("title",))
    if title is not None:
        task.title = _short(title)


def _current(task: Task, entry: Entry) -> Attempt:
    """The attempt that the event belongs to; a higher `attempt` number opens a new one."""
    number = attempt_of(entry.event)
    if not task.attempts:
        _open_attempt(task, number or 1)
    elif number is not None and number > task.attempts[-1].number:
        _open_attempt(task, number)
    if number is None:
        return task.attempts[-1]
    return next((one for one in task.attempts if one.number == number), task.attempts[-1])


def _open_attempt(task: Task, number: int) -> None:
    task.attempts.append(Attempt(number))
    if task.is_over:
        task.status, task.completed_at, task.error = "active", None, None
        task.duration_seconds = task.percent = None


def _activity(task: Task, entry: Entry) -> None:
    attempt = _current(task, entry)
    if attempt.started_at is None:
        attempt.started_at = _when(entry)
    if not attempt.is_over and attempt is task.attempts[-1]:
        task.status = "active"
        if task.started_at is None:
            task.started_at = _when(entry)
    if entry.event.event_type == "task:progress":
        percent = percent_of(entry.event)
        task.percent = task.percent if percent is None else percent


def _when(entry: Entry) -> str:
    return utc_text(sent_at(entry.event, entry.recorded_at))


def _created(task: Task, entry: Entry) -> None:
    """The first `task:created` says when; until it comes, the first entry did."""
    if task.status == "detected":
        task.status = "pending"
    if not task.is_created:
        task.is_created = True
        task.created_at = _when(entry)


def _spawned(task: Task, entry: Entry) -> None:
    """A worker spawned after the end is a new attempt; a worker's own worker is not."""
    if "parent_worker_id" in entry.event.data:
        return
    attempt = _current(task, entry)
    if attempt.is_over and attempt is task.attempts[-1]:
        since = _since_guess(task, attempt, entry)
        if since is not None and since <= 0:  # it belongs to what was before the end
            return
        if since is not None and since < GUESS_MICROSECONDS:
            _reopen(task, attempt)
        else:
            _open_attempt(task, attempt.number + 1)
        attempt = task.attempts[-1]
    attempt.worker_id = task.worker_id = entry.event.text("worker_id") or task.worker_id
    attempt.started_at = attempt.started_at or _when(entry)
    if attempt is task.attempts[-1]:
        task.status = "active"
        task.started_at = task.started_at or attempt.started_at


def is_guess(event: Event) -> bool:
    """Whether an end was not told, but taken for granted because nothing more was heard."""
    return plain_text(event.data.get("inferred")) == "true"


def _since_guess(task: Task, attempt: Attempt, entry: Entry) -> int | None:
    """How long after a guessed end of the same worker it is, in µs; `None` after any other end."""
    if attempt.number != task.guessed or attempt.completed_at is None:
        return None
    if attempt.worker_id != entry.event.text("worker_id"):
        return None
    ended_at = parse_time(attempt.completed_at)
    return None if ended_at is None else sent_at(entry.event, entry.recorded_at) - ended_at


def _went_on(attempt: Attempt, entry: Entry) -> bool:
    """Whether the same worker was heard of after the end that was taken for granted."""
    worker_id = entry.event.text("worker_id")
    ended_at = attempt.completed_at
    return worker_id == attempt.worker_id and ended_at is not None and _when(entry) > ended_at


def _reopen(task: Task, attempt: Attempt) -> None:
    """The end that was taken for granted was none."""
    attempt.status, attempt.completed_at, attempt.error = "active", None, None
    task.status, task.completed_at, task.error = "active", None, None
    task.guessed, task.duration_seconds = 0, None


def _said_status(task: Task, entry: Entry) -> None:
    status = parse_status(text_of(entry.event.data.get("status")))
    if status in TERMINAL:
        _ended(task, entry)
    elif status and not _current(task, entry).is_over:
        task.status = status


def _ended(task: Task, entry: Entry) -> None:
    """The first terminal event of an attempt stands; a later one may only name the error."""
    attempt = _current(task, entry)
    error = error_of(entry.event)
    guesses = is_guess(entry.event)
    if attempt.number == task.guessed and (not guesses or _went_on(attempt, entry)):
        _reopen(task, attempt)
    if attempt.is_over:
        if attempt.status == "failed" and attempt.error is None:
            attempt.error = error
            if attempt is task.attempts[-1]:
                task.error = error
        return
    task.guessed = attempt.number if guesses else 0
    attempt.status = outcome_of(entry.event) or "completed"
    attempt.completed_at = _when(entry)
    attempt.error = error if attempt.status == "failed" else None
    _add_figures(task, attempt, entry.event)
    if attempt is task.attempts[-1]:
        task.status, task.completed_at = attempt.status, attempt.completed_at
        task.error = attempt.error
        task.duration_seconds = number_of(entry.event.data.get("duration_seconds"))


def error_of(event: Event) -> str | None:
    """Why it failed, in the producer's words; a failed completion may say it in `result`."""
    if outcome_of(event) != "failed":
        return None
    text = plain_text(event.data.get("error"))
    if not text and event.event_type == "task:completed":
        text = plain_text(event.data.get("result"))
    return text if text and text != "null" else None


def _add_figures(task: Task, attempt: Attempt, event: Event) -> None:
    """Reported cost and tokens add up over attempts."""
    attempt.cost_micro_usd = micro_usd(event.data.get("cost_usd"))
    task.cost_micro_usd = _sum(task.cost_micro_usd, attempt.cost_micro_usd)
    task.input_tokens = _sum(task.input_tokens, integer_of(event.data.get("input_tokens")))
    task.output_tokens = _sum(task.output_tokens, integer_of(event.data.get("output_tokens")))


def _sum(known: int | None, more: int | None) -> int | None:
    """The sum; what no 64 bits can hold is nonsense, and is left out."""
    if more is None or abs((known or 0) + more) > MOST_INTEGER:
        return known
    return (known or 0) + more


def micro_usd(raw: Raw | None) -> int | None:
    """Dollars as integer micro-dollars; `None` when no amount is given."""
    dollars = number_of(raw)
    if dollars is None or abs(dollars) > MOST_USD:
        return None
    return round(dollars * MICRO_USD)


_RULES: Final[dict[str, Callable[[Task, Entry], None]]] = {
    "task:created": _created,
    "task:status": _said_status,
    "task:completed": _ended,
    "task:failed": _ended,
    "worker:spawned": _spawned,
    "task:titled": _titled,
}
