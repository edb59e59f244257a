"""Events as hypothesis makes them: what producers send, and what nobody should."""

from hypothesis import strategies as st

from tasktrail.model.codec import encode
from tasktrail.model.event_types import EVENT_TYPES

words = st.sampled_from(
    ["a", "git", "plan", "Disk full", "naïve", "\u017ftra\u00dfe", "tail\n", "x" * 300]
)
numbers = st.one_of(st.integers(-5, 200), st.floats(allow_nan=False, allow_infinity=False))
odd = st.one_of(
    st.none(),
    st.booleans(),
    numbers,
    st.just(""),
    st.just({"message": "inner"}),
    st.just([1, "two"]),
)
values = st.one_of(words, words, odd)
levels = st.one_of(
    st.sampled_from(["debug", "INFO", "warn", "warning", "Error", "fatal", "loud", " info "]), odd
)
statuses = st.one_of(
    st.sampled_from(["completed", "failed", "running", "blocked", "cancelled", "ok", "?"]), odd
)
times = st.one_of(
    st.sampled_from(
        [
            "2026-02-14T10:00:00Z",
            "2026-02-14T10:00:00.120000+00:00",
            "2026-02-14T12:30:00.5+02:00",
            "2026-02-14T10:00:00.123456Z",
            "2026-02-14",
            "2026-02-14T10:00+01.123456Z",
            "yesterday",
        ]
    ),
    odd,
)
types = st.one_of(
    st.sampled_from(sorted(EVENT_TYPES)),
    st.sampled_from(sorted(EVENT_TYPES)),
    st.sampled_from(["custom:thing", "task:odd"]),
)
ENVELOPE = {
    "timestamp": times,
    "level": levels,
    "source": values,
    "stage": values,
    "worker_id": values,
    "job_id": values,
    "item": values,
    "execution_id": values,
    "session_id": values,
    "attempt": st.one_of(st.integers(0, 3), odd),
    "extra": values,
}
DATA = {
    "level": levels,
    "stage": values,
    "severity": levels,
    "status": statuses,
    "worker_id": values,
    "session_id": values,
    "job_id": values,
    "execution_id": values,
    "attempt": st.one_of(st.integers(0, 3), odd),
    "is_error": st.one_of(st.booleans(), st.sampled_from(["true", 1, 0, "yes"]), odd),
    "method": st.one_of(st.sampled_from(["mcp", "failed"]), odd),
    "message": values,
    "content": values,
    "query": values,
    "error": values,
    "result": values,
    "name": values,
    "input": values,
    "title": values,
    "source": values,
    "percent": numbers,
    "metadata": st.one_of(st.just({"progress": 40}), odd),
    "cost_usd": numbers,
    "duration_seconds": numbers,
    "type": values,
}


def _some(optional: dict[str, st.SearchStrategy[object]]) -> st.SearchStrategy[dict[str, object]]:
    """An object with a few of these keys: fewer keys meet each other more often."""
    names = st.sets(st.sampled_from(sorted(optional)), max_size=4)
    return names.flatmap(lambda few: st.fixed_dictionaries({name: optional[name] for name in few}))


@st.composite
def event_blobs(draw: st.DrawFn, ids: st.SearchStrategy[dict[str, str]]) -> bytes:
    """The JSON of an event that names its trail by one of these ids."""
    envelope, data = draw(_some(ENVELOPE)), draw(_some(DATA))
    return encode({"type": draw(types)} | envelope | draw(ids) | {"data": data})


@st.composite
def task_steps(draw: st.DrawFn, ids: st.SearchStrategy[dict[str, str]]) -> bytes:
    """A step in the life of a task that is tried several times."""
    step: dict[str, object] = {"type": draw(st.sampled_from(STEPS)), **draw(ids)}
    data: dict[str, object] = {}
    if draw(st.booleans()):
        draw(st.sampled_from([step, data]))["attempt"] = draw(st.integers(0, 3))
    if draw(st.booleans()):
        data["status"] = draw(st.sampled_from(["running", "blocked", "failed", "ok", "pending"]))
    if draw(st.booleans()):
        data["percent"] = draw(st.integers(0, 100))
    return encode(step | {"data": data})


STEPS = [
    "task:created",
    "task:started",
    "task:output",
    "task:log",
    "task:progress",
    "task:api_call",
    "task:user_input",
    "task:status",
    "task:completed",
    "task:failed",
    "stage:started",
    "worker:spawned",
    "custom:thing",
]
task_ids = st.sampled_from([{"task_id": "gh-1"}, {"task_id": "gh-1"}, {"task_id": "gh-2"}])
any_ids = st.one_of(task_ids, st.just({"session_id": "s-1"}))
