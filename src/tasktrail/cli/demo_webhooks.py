"""Stories that begin outside: a webhook or a chat that becomes a task, and one that does not.

The order of events, and which of them lack a task id, is that of the real producers: the gateway
hears a webhook before there is a task, queues the job, and only then says which task it became, so
the engine may be heard first.
"""

from collections.abc import Iterator
from typing import Final

from tasktrail.cli.demo_engine import PROVIDER_EVENTS, engine_run
from tasktrail.cli.demo_teller import Fields, Step, Teller
from tasktrail.cli.demo_texts import RATE_LIMIT, Plot

SKIPS: Final = (
    ("github", "installation", "installation_event"),
    ("github", "issue_comment", "own_comment_loop_prevention"),
    ("jira", "jira:issue_updated", "event_not_processed"),
    ("github", "issue_comment", "duplicate_within_cooldown"),
)
SENDERS: Final = ("mira-k", "t.okafor", "jlindqvist", "sanne", "raul.p")


def webhook_task(teller: Teller, plot: Plot) -> Iterator[Step]:
    """A webhook that becomes a task, and the agent's whole work on it."""
    number = teller.rng.randint(300, 9_999)
    task_id = {"github": f"gh-{number}", "jira": teller.hex_id("task-", 12)}.get(
        plot.origin, teller.uuid()
    )
    flow_id = teller.uuid()
    event_type, handler, reaction = PROVIDER_EVENTS[plot.origin]
    yield from _arrival(teller, flow_id, plot, number)
    yield teller.gateway(
        teller.wait(0.2, 0.5),
        flow_id,
        "response:immediate",
        task_id=task_id,
        source=plot.origin,
        response_type=reaction,
        target=_target(plot, number),
    )
    yield teller.gateway(
        teller.wait(0.01, 0.05),
        flow_id,
        "webhook:matched",
        source=plot.origin,
        event_type=event_type,
        matched_handler=handler,
    )
    told = _task_told(teller, flow_id, plot, task_id)
    work = engine_run(teller, plot, task_id)
    if teller.rng.random() < 0.5:  # the job is queued first: the engine may be faster  # noqa: PLR2004
        yield next(work)
    yield from told
    yield from work


def _arrival(teller: Teller, flow_id: str, plot: Plot, number: int) -> Iterator[Step]:
    """Received, validated, payload: nobody knows of a task yet."""
    event_type = PROVIDER_EVENTS[plot.origin][0]
    payload = _payload(teller, plot, number)
    yield teller.gateway(
        teller.wait(0.0, 0.1),
        flow_id,
        "webhook:received",
        source=plot.origin,
        event_type=event_type,
        payload_size=len(str(payload)),
    )
    yield teller.gateway(
        teller.wait(0.005, 0.02),
        flow_id,
        "webhook:validated",
        source=plot.origin,
        signature_valid=True,
    )
    yield teller.gateway(
        teller.wait(0.005, 0.02),
        flow_id,
        "webhook:payload",
        source=plot.origin,
        event_type=event_type,
        payload=payload,
    )


def _task_told(teller: Teller, flow_id: str, plot: Plot, task_id: str) -> Iterator[Step]:
    yield teller.gateway(
        teller.wait(0.05, 0.2),
        flow_id,
        "webhook:task_created",
        task_id=task_id,
        source=plot.origin,
        event_type=PROVIDER_EVENTS[plot.origin][0],
        input_message=f"{plot.title}\n\n{plot.request}",
    )
    yield teller.gateway(
        teller.wait(0.05, 0.2),
        flow_id,
        "notification:ops",
        task_id=task_id,
        source=plot.origin,
        notification_type="task_started",
        channel="C02OPS",
    )


def _payload(teller: Teller, plot: Plot, number: int) -> Fields:
    sender = teller.rng.choice(SENDERS)
    if plot.origin == "github":
        return {
            "action": "created",
            "repository": {"full_name": plot.place},
            "issue": {"number": number, "title": plot.title, "state": "open"},
            "comment": {"id": teller.rng.getrandbits(31), "body": plot.request},
            "sender": {"login": sender},
        }
    if plot.origin == "jira":
        fields = {"summary": plot.title, "description": plot.request}
        return {"issue": {"key": plot.place, "fields": fields}, "user": {"name": sender}}
    return {"event": {"type": "app_mention", "channel": plot.place, "text": plot.request}}


def _target(plot: Plot, number: int) -> str:
    if plot.origin == "github":
        return f"{plot.place}#{number}"
    return plot.place if plot.origin == "jira" else f"channel={plot.place}"


def skipped_webhook(teller: Teller) -> Iterator[Step]:
    """A webhook that leads to no task: its flow stays in the holds."""
    source, event_type, reason = teller.rng.choice(SKIPS)
    flow_id = teller.uuid()
    yield teller.gateway(
        teller.wait(0.0, 0.2),
        flow_id,
        "webhook:received",
        source=source,
        event_type=event_type,
        payload_size=teller.rng.randint(2_000, 14_000),
    )
    yield teller.gateway(
        teller.wait(0.005, 0.02), flow_id, "webhook:validated", source=source, signature_valid=True
    )
    yield teller.gateway(
        teller.wait(0.005, 0.02),
        flow_id,
        "webhook:skipped",
        source=source,
        event_type=event_type,
        reason=reason,
    )


def chat_task(teller: Teller, plot: Plot) -> Iterator[Step]:
    """A chat of the dashboard: it says `task:created` itself, the engine says it again."""
    task_id, conversation_id = teller.hex_id("task-", 12), teller.uuid()
    yield teller.dashboard(
        teller.wait(0.0, 0.1),
        task_id,
        "task:created",
        conversation_id=conversation_id,
        input_message=f"{plot.title}\n\n{plot.request}",
        source="dashboard",
        assigned_agent="brain",
    )
    yield from engine_run(teller, plot, task_id, conversation_id=conversation_id)


def undelivered_webhook(teller: Teller, plot: Plot = RATE_LIMIT) -> Iterator[Step]:
    """A webhook whose job could not be queued: its trail never becomes a running task."""
    flow_id, task_id = teller.uuid(), teller.hex_id("task-", 12)
    yield from _arrival(teller, flow_id, plot, teller.rng.randint(300, 9_999))
    yield teller.gateway(
        teller.wait(2.0, 4.0),
        flow_id,
        "notification:ops",
        task_id=task_id,
        source=plot.origin,
        notification_type="task_failed",
        channel=None,
    )
