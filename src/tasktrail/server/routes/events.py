"""The way in: events by POST, answered when they are on disk."""

import asyncio

from litestar import Response, post

from tasktrail.server.answers import EventReceipt
from tasktrail.server.body import Share, decoded, read_body, split_events
from tasktrail.server.openapi import EventsOperation, answers
from tasktrail.server.problems import AnyRequest, problem_answer
from tasktrail.server.rendering import backend_of, json_answer

ACCEPTED = 202


@post(
    "/api/events",
    status_code=ACCEPTED,
    operation_class=EventsOperation,
    responses=answers(
        EventReceipt, "invalid_event", "event_too_large", "unsupported_encoding", status=ACCEPTED
    ),
)
async def accept_events(request: AnyRequest) -> Response[bytes]:
    """Events into the spool: an object, an array or NDJSON; answered once they are durable."""
    share = Share(request.app.state["body_budget"])
    try:
        blob = await read_body(request.receive, request.app.state["body_limits"], share)
        return await asyncio.to_thread(_accept, request, blob, share)
    finally:
        share.close()


def _accept(request: AnyRequest, blob: bytes, share: Share) -> Response[bytes]:
    """The answer to a whole body; a bad event that came alone is a bad request."""
    headers, limits = request.headers, request.app.state["body_limits"]
    encoding = headers.get("content-encoding", "")
    blob = decoded(blob, encoding, max_bytes=limits.max_bytes, share=share)
    body = split_events(blob, headers.get("content-type", ""))
    receipt = backend_of(request).accept(body.events)
    if body.is_single and receipt.rejected:
        return problem_answer(receipt.rejected[0].code, receipt.rejected[0].reason)
    rejected = [{"index": one.index, "reason": one.reason} for one in receipt.rejected]
    return json_answer({"accepted": receipt.accepted, "rejected": rejected}, status=ACCEPTED)
