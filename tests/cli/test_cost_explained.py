"""The lines of an explanation."""

from typing import Any

from tasktrail.cli.cost_explained import lines_of

CALL: dict[str, Any] = {
    "call_id": "msg_1",
    "kind": "call",
    "seq": 4,
    "timestamp": "2026-01-15T12:00:00.000000Z",
    "worker_id": None,
    "model": "m",
    "tier": None,
    "tellings": 1,
    "is_estimated": False,
    "is_undated": False,
    "unread_tokens": None,
    "success": True,
    "reported_cost_micro_usd": None,
    "computed_cost_micro_usd": None,
    "price": None,
    "parts": [],
    "unpriced": "no price of m is known",
}


def test_a_call_without_a_price_says_why() -> None:
    """Where a figure would stand."""
    assert list(lines_of(CALL)) == [
        "#4  2026-01-15T12:00:00.000000Z  m  msg_1",
        "    no price: no price of m is known",
    ]


def test_what_must_be_known_of_a_call_stands_in_its_head() -> None:
    """Told twice, by whom, at which tier, a floor, failed."""
    more = {"tellings": 2, "worker_id": "w", "tier": "speed=fast", "is_estimated": True}
    head = next(iter(lines_of(CALL | more | {"success": False, "call_id": None, "model": None})))

    assert head.endswith("(no model told)  told 2 times  worker w  speed=fast  a floor  failed")


def test_a_rest_is_named_as_what_it_is() -> None:
    """It is no call, so it has no entry and needs no price."""
    rest = CALL | {"kind": "rest of task", "seq": None, "reported_cost_micro_usd": 5_000}

    assert list(lines_of(rest)) == [
        "rest of task  2026-01-15T12:00:00.000000Z  m  msg_1",
        "    = $0.005 as its source reported",
    ]


def test_what_is_paid_by_the_piece_has_no_tokens() -> None:
    """A price of the user's own names no provider."""
    parts = [{"bucket": "web search", "tokens": None, "micro_usd": "30000"}]
    price = {"source": "prices.toml", "model": "m*", "provider": None}
    lines = list(
        lines_of(CALL | {"parts": parts, "price": price, "computed_cost_micro_usd": 30_000})
    )

    assert lines[1].split() == ["web", "searches", "=", "$0.03"]
    assert lines[2] == "    = $0.03 by prices.toml, m*"
