"""The one place in the accept path where secrets will be taken out, before the first durable write.

Every door (HTTP, pumps, outboxes) calls `redact` on the event's bytes before they reach the spool.
No rule exists yet: bytes pass through untouched.
"""


def redact(event: bytes) -> bytes:
    """The event without its secrets; today exactly the bytes that came in."""
    return event
