"""Folding stored plain lines in one go."""

import pytest

from tasktrail.model.channels import AGENT_OUTPUT
from tasktrail.model.channels import LOG as LOG_CHANNEL
from tasktrail.model.plain_lines import PlainFold
from tasktrail.model.task import Attempt, Task
from tests.support.make import START

HEAD = b'{"seq":7,"id":"a:7","timestamp":null,"recorded_at":"2026-02-14T10:00:00.000000Z","pos":9'
LOG = (
    HEAD + b',"level":"warning","source":"git","stage":"plan","message":"m","metadata":{}'
    b',"event":{"event_type":"task:log"},"h":"0123456789abcdef"}'
)
OUTPUT = (
    HEAD + b',"type":"output","content":"c","event":{"event_type":"task:output","level":"error"}'
    b',"h":"0123456789abcdef"}'
)


BEGAN = "2026-02-14T09:00:00Z"


def known() -> Task:
    """A task at work, whose next lines may change no more than its counts."""
    return Task(
        "gh-1",
        status="active",
        created_at=BEGAN,
        started_at=BEGAN,
        updated_at=START,
        attempts=[Attempt(1, started_at=BEGAN)],
    )


def test_a_plain_line_counts_and_tells_stage_and_time() -> None:
    """The line itself says the level and stage of a log entry."""
    task = known()
    plain = PlainFold(task)

    assert plain.take(LOG, LOG_CHANNEL)
    assert (task.counts.warnings, task.stage, task.as_of) == (1, "plan", 7)
    plain.finish()
    assert task.updated_at == 1_771_063_200_000_000


@pytest.mark.parametrize(
    "line",
    [
        LOG.replace(b'"metadata"', b'"percent":1,"metadata"'),
        LOG.replace(b'"task:log"', b'"task:progress"'),
        LOG.replace(b'"task:log"', b'"task:log","data":{"attempt":2}'),
        LOG[:-1],
        b"\xff",
    ],
)
def test_what_says_more_is_not_folded(line: bytes) -> None:
    """It changes nothing, and has to go the general way."""
    task = known()

    assert not PlainFold(task).take(line, LOG_CHANNEL)
    assert task == known()


def test_work_that_may_begin_an_attempt_is_not_folded() -> None:
    """Output of a task without an attempt makes one: only the general way can."""
    waiting = Task("gh-1", status="pending", created_at=BEGAN)

    assert PlainFold(known()).take(OUTPUT, AGENT_OUTPUT)
    assert not PlainFold(waiting).take(OUTPUT, AGENT_OUTPUT)
    assert not PlainFold(Task("gh-1")).take(LOG, LOG_CHANNEL)
