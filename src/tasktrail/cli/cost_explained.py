"""Every call behind a task's cost, written out so that anybody can check it with a pencil."""

from collections.abc import Iterator
from typing import Final

from tasktrail.cli.connect import Answer
from tasktrail.cli.figures import cost_text, count_text
from tasktrail.cli.ledger import counted, exact_usd
from tasktrail.cli.output import Output

NAMES: Final = {
    "input_uncached": "input",
    "cache_read": "cache read",
    "cache_write_5m": "cache write 5 min",
    "cache_write_1h": "cache write 1 h",
    "output": "output",
    "reasoning": "reasoning",
    "request": "per call",
    "web search": "web searches",
}
NAME_CELLS: Final = 18
TOKEN_CELLS: Final = 14


def show_explanation(output: Output, answer: Answer) -> None:
    """The task's total, then each call with its buckets."""
    total = answer["total"]
    unpriced = total["unpriced_calls"]
    without = f" ({count_text(unpriced)} without a price)" if unpriced else ""
    cost = total["cost_micro_usd"]
    output.write_line(
        f"{answer['task_id']}: {cost_text(total) if cost is None else exact_usd(cost)}, "
        f"{counted(total['calls'], 'call')}{without}; prices: {answer['price_version']}"
    )
    if answer["price_trouble"]:
        output.say(answer["price_trouble"])
    for call in answer["calls"]:
        output.write("\n")
        for line in lines_of(call):
            output.write_line(line)
    for one in answer["counted_elsewhere"]:
        output.write("\n")
        output.write_line(
            f"#{one['seq']}  {one['call_id']} is told here and counted in {one['counted_in']}"
        )


def lines_of(call: Answer) -> Iterator[str]:
    """One call: what it was, what it used, and what that comes to."""
    yield "  ".join(_head(call))
    for part in call["parts"]:
        yield _product(part)
    if call["price"] is not None:
        price = call["price"]
        owner = f" of {price['provider']}" if price["provider"] else ""
        told = f"by {price['source']}, {price['model']}{owner}"
        yield f"    = {exact_usd(call['computed_cost_micro_usd'])} {told}"
    elif call["kind"] == "call":
        yield f"    no price: {call['unpriced']}"
    if call["unread_tokens"]:
        yield f"    not counted, under names that are not known: {call['unread_tokens']}"
    if call["reported_cost_micro_usd"] is not None:
        yield f"    = {exact_usd(call['reported_cost_micro_usd'])} as its source reported"


def _head(call: Answer) -> Iterator[str]:
    yield f"#{call['seq']}" if call["seq"] is not None else call["kind"]
    yield f"{call['timestamp']} (a guess)" if call["is_undated"] else call["timestamp"]
    yield call["model"] or "(no model told)"
    if call["call_id"]:
        yield call["call_id"]
    if call["tellings"] > 1:
        yield f"told {call['tellings']} times"
    if call["worker_id"]:
        yield f"worker {call['worker_id']}"
    if call["tier"]:
        yield call["tier"]
    if call["is_estimated"]:
        yield "a floor"
    if call["success"] is False:
        yield "failed"


def _product(part: Answer) -> str:
    name = NAMES[part["bucket"]].ljust(NAME_CELLS)
    amount = exact_usd(part["micro_usd"])
    if part["tokens"] is None:
        return f"    {name}{'':{TOKEN_CELLS}}{'':16} = {amount}"
    tokens = count_text(part["tokens"]).rjust(TOKEN_CELLS)
    rate = f"${part['usd_per_million']}/M".ljust(13)
    return f"    {name}{tokens} x {rate} = {amount}"
