"""The agent's own part of a story: what engine and knowledge server send while a task is worked on.

The order is the engine's: created, started, the built context, then thoughts, tools and searches,
the raw output, the answer, the end, and how the answer was posted.
"""

from collections.abc import Iterator
from typing import Final

from tasktrail.cli.demo_teller import Fields, Meter, Step, Teller
from tasktrail.cli.demo_texts import Ask, Beat, Plot, Say, Search, Tool

PROVIDER_EVENTS: Final = {
    "github": ("issue_comment", "github-issue-handler", "eyes_reaction"),
    "jira": ("jira:issue_updated", "jira-code-plan", "processing_comment"),
    "slack": ("app_mention", "slack-inquiry", "thread_reply"),
}


def engine_run(
    teller: Teller, plot: Plot, task_id: str, *, conversation_id: str | None = None
) -> Iterator[Step]:
    """The agent's work, from `task:created` to how its answer was posted."""
    session_id, meter, began = teller.uuid(), Meter(teller.rng), teller.elapsed
    yield teller.engine(
        teller.wait(0.1, 0.4),
        task_id,
        "task:created",
        session_id=session_id,
        input_message=f"{plot.title}\n\n{plot.request}",
        source=plot.origin if plot.origin != "dashboard" else "unknown",
        assigned_agent="brain",
    )
    yield teller.engine(
        teller.wait(0.1, 0.3),
        task_id,
        "task:started",
        session_id=session_id,
        conversation_id=conversation_id,
    )
    if plot.origin in PROVIDER_EVENTS:
        yield _context(teller, plot, task_id)
    for beat in plot.beats:
        yield from _beat(teller, meter, task_id, beat)
    yield from _ending(teller, meter, plot, task_id, began)


def _context(teller: Teller, plot: Plot, task_id: str) -> Step:
    return teller.engine(
        teller.wait(0.3, 0.9),
        task_id,
        "task:context_built",
        enriched_prompt=f"You work on {plot.place}.\n\n# {plot.title}\n{plot.request}",
        flow_id=teller.hex_id("flow-", 8),
        source_metadata={"source": plot.origin, "event_type": PROVIDER_EVENTS[plot.origin][0]},
    )


def _beat(teller: Teller, meter: Meter, task_id: str, beat: Beat) -> Iterator[Step]:
    labels: Fields = {"task_id": task_id, "source": "agent"}
    if not isinstance(beat, Search):
        wait = teller.wait(1.5, 4.0)
        yield teller.job(wait, labels, "task:api_call", **meter.call(wait))
    match beat:
        case Say():
            yield teller.engine(
                teller.wait(0.02, 0.06),
                task_id,
                "task:thinking",
                type="thinking",
                content=beat.text,
            )
        case Tool():
            yield from _tool(teller, task_id, beat)
        case Search():
            yield from _search(teller, task_id, beat)
        case Ask():
            yield from _question(teller, task_id, beat)


def _tool(teller: Teller, task_id: str, beat: Tool) -> Iterator[Step]:
    yield teller.engine(
        teller.wait(0.02, 0.06),
        task_id,
        "task:tool_call",
        type="tool_call",
        name=beat.name,
        input=beat.input,
        _tool_use_id=teller.hex_id("toolu_", 24),
    )
    is_slow = beat.name == "Bash"
    yield teller.engine(
        teller.wait(1.0, 5.0) if is_slow else teller.wait(0.1, 0.4),
        task_id,
        "task:tool_result",
        type="tool_result",
        name=beat.name,
        content=beat.result,
        is_error=beat.is_error,
    )


def _search(teller: Teller, task_id: str, beat: Search) -> Iterator[Step]:
    tool, took = "knowledge_query", round(teller.rng.uniform(35, 420), 1)
    kinds = sorted({kind for kind, _, _ in beat.hits})
    yield teller.knowledge(
        teller.wait(0.5, 1.5),
        task_id,
        "knowledge:query",
        tool_name=tool,
        query=beat.query,
        org_id="acme",
        source_types=kinds,
    )
    preview = [
        {"source_type": kind, "source_id": name, "relevance_score": score}
        for kind, name, score in beat.hits
    ]
    yield teller.knowledge(
        teller.wait(0.1, 0.5),
        task_id,
        "knowledge:result",
        tool_name=tool,
        query=beat.query,
        results_count=len(beat.hits) + teller.rng.randint(0, 9),
        results_preview=preview,
        query_time_ms=took,
        cached=teller.rng.random() < 0.2,  # noqa: PLR2004 - one in five
    )
    yield from _documents(teller, task_id, beat)


def _documents(teller: Teller, task_id: str, beat: Search) -> Iterator[Step]:
    """The best hits are fetched and used."""
    best = beat.hits[:2]
    yield teller.knowledge(
        teller.wait(0.02, 0.06),
        task_id,
        "knowledge:tool_call",
        tool_name="fetch_documents",
        parameters={"ids": [name for _, name, _ in best]},
    )
    yield teller.knowledge(
        teller.wait(0.1, 0.4),
        task_id,
        "knowledge:context_used",
        tool_name="fetch_documents",
        contexts_count=len(best),
        relevance_scores=[score for _, _, score in best],
        total_tokens=teller.rng.randint(700, 3_800),
    )


def _question(teller: Teller, task_id: str, beat: Ask) -> Iterator[Step]:
    """The task stands still until somebody has answered."""
    yield teller.engine(teller.wait(0.02, 0.06), task_id, "task:output", content=beat.question)
    yield teller.engine(
        teller.wait(0.02, 0.06), task_id, "task:status", status="blocked", reason=beat.kind
    )
    yield teller.dashboard(
        teller.wait(8.0, 20.0),
        task_id,
        "task:user_input",
        content=beat.answer,
        question_type=beat.kind,
    )
    yield teller.engine(teller.wait(0.2, 0.6), task_id, "task:status", status="active")


def _ending(teller: Teller, meter: Meter, plot: Plot, task_id: str, began: float) -> Iterator[Step]:
    if plot.error:
        yield teller.engine(teller.wait(4.0, 9.0), task_id, "task:failed", error=plot.error)
        return
    raw = "\n".join(beat.text for beat in plot.beats if isinstance(beat, Say))
    yield teller.engine(
        teller.wait(1.0, 3.0), task_id, "task:raw_output", raw_output=f"{raw}\n{plot.result}"
    )
    yield teller.engine(teller.wait(0.01, 0.03), task_id, "task:output", content=plot.result)
    yield teller.engine(
        teller.wait(0.1, 0.3),
        task_id,
        "task:completed",
        status="failed" if plot.failed else "completed",
        result=plot.result,
        duration_seconds=round(teller.elapsed - began, 2),
        cost_usd=round(meter.cost_usd, 6),
        input_tokens=meter.input_tokens,
        output_tokens=meter.output_tokens,
    )
    yield teller.engine(
        teller.wait(0.4, 1.2),
        task_id,
        "task:response_posted",
        method="fallback" if plot.failed else "mcp",
        source=plot.origin,
        mcp_detected=not plot.failed,
        fallback_posted=plot.failed,
    )
