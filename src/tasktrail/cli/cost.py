"""`tasktrail cost`: what was spent, on what, and why a figure is what it is."""

from collections.abc import Iterator

import click

from tasktrail.cli.connect import Answer, connected
from tasktrail.cli.cost_explained import show_explanation
from tasktrail.cli.figures import count_text, money_text
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.ledger import (
    MICRO,
    cost_cell,
    counted,
    exact_usd,
    say_if_behind,
    texts,
    zone_of_user,
)
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.output import Output
from tasktrail.cli.render import Cell, Column, Row, write_table
from tasktrail.model.ledger_filters import GROUPS, TODAY

FIGURES = (
    Column("CALLS", right=True),
    Column("INPUT", right=True, optional=3),
    Column("CACHE READ", right=True, optional=2),
    Column("CACHE WRITE", right=True, optional=1),
    Column("OUTPUT", right=True, optional=4),
    Column("COST", right=True),
)
KEYS = {
    "model": "model",
    "task": "task_id",
    "session": "session_id",
    "worker": "worker_id",
    "day": "day",
}
WARNING_PERCENT = 75  # of a budget, from where on it is said how much is left


@click.command
@click.option("--today", is_flag=True, help="Since midnight, here.")
@click.option("--since", metavar="TIME", help="10m, 24h, 7d, a day or an ISO time.")
@click.option("--until", metavar="TIME", help="Before that time or day.")
@click.option("--by", type=click.Choice(GROUPS), help="One line for each.")
@click.option("--task", "task_id", help="Only that task.")
@click.option("--session", "session_id", help="Only that session.")
@click.option("--worker", "worker_id", help="Only that worker.")
@click.option("--model", help="Only that model.")
@click.option("--zone", metavar="NAME", help="Whose days, like Europe/Berlin; else this machine's.")
@click.option("--explain", metavar="TASK", help="Every call, bucket and price behind TASK's cost.")
@click.option("--budget", type=click.FloatRange(0), metavar="USD", help="Exit with 1 above it.")
@takes_invocation()
def cost(
    invocation: Invocation,
    *,
    today: bool,
    explain: str | None,
    budget: float | None,
    **said: str | None,
) -> int:
    """What was spent, by model unless said otherwise.

    Costs that a source reported are taken as they are, all others are worked out from tokens and
    the list prices of the call's day; a subscription pays differently. Calls that no price is known
    for are listed, never counted as free.
    """
    if today and said["since"]:
        raise click.UsageError("expected --today or --since, found both")
    with connected(invocation) as connection:
        ledger = connection.reader.ledger
        if explain is not None:
            answer = ledger.explain(explain)
        else:
            answer = ledger.costs(_params(invocation, said, today=today))
    if invocation.as_json:
        invocation.output.write_json(answer)
    elif explain is not None:
        show_explanation(invocation.output, answer)
    else:
        show_costs(invocation.output, answer)
    say_if_behind(invocation, behind=bool(answer.get("behind")))
    return _judge(invocation, answer["total"], budget)


def _params(
    invocation: Invocation, said: dict[str, str | None], *, today: bool
) -> dict[str, list[str]]:
    """What is asked; also a server counts days as whoever asks does."""
    params = {"by": ["model"]} | texts(said)
    if today:
        params["since"] = [TODAY]
    if "zone" not in params:
        zone = zone_of_user(invocation.environ)
        if zone is not None:
            params["zone"] = [zone]
    return params


def _judge(invocation: Invocation, total: Answer, budget: float | None) -> int:
    """1 when more than the budget was spent, as far as is known; what is near it is said."""
    if budget is None:
        return 0
    spent, limit = total["cost_micro_usd"] or 0, round(budget * MICRO)
    unpriced = total["unpriced_calls"]
    known = f"; no price of {counted(unpriced, 'call')}" if unpriced else ""
    of = f"{exact_usd(spent)} of {exact_usd(limit)}{known}"
    if spent > limit:
        invocation.output.say(f"over budget: {of}")
        return 1
    if spent * 100 >= limit * WARNING_PERCENT:
        invocation.output.say(f"near the budget: {of}")
    return 0


def show_costs(output: Output, answer: Answer) -> None:
    """The groups, their total below, and on stderr what else must be known of the figures."""
    by = answer["by"]
    key = KEYS[by]
    columns: tuple[Column, ...] = (Column(by.upper(), least=12), *FIGURES)
    if by == "task":
        columns = (*columns, Column("TITLE", flexible=True, least=12))
    rows = [_row(one, one[key], title=one.get("title") or "-") for one in answer["rows"]]
    rows.append(_row(answer["total"], "total", title=""))
    write_table(output, columns, [row[: len(columns)] for row in rows])
    for text in remarks(answer):
        output.say(text)


def _row(figures: Answer, name: str | None, *, title: str) -> Row:
    tokens = figures["tokens"]
    writes = tokens["cache_write_5m"] + tokens["cache_write_1h"]
    return (
        Cell(name or "(not told)", "" if name else "dim"),
        count_text(figures["calls"]),
        count_text(tokens["input_uncached"]),
        count_text(tokens["cache_read"]),
        count_text(writes),
        count_text(tokens["output"] + tokens["reasoning"]),
        cost_cell(figures),
        Cell(title),
    )


def remarks(answer: Answer) -> Iterator[str]:
    """What the figures do not say by themselves."""
    total = answer["total"]
    since, until = answer["since"] or "the beginning", answer["until"] or "now"
    yield f"from {since} to {until}, days in {answer['zone']}; prices: {answer['price_version']}"
    if answer["price_trouble"]:
        yield answer["price_trouble"]
    for one in answer["unpriced_models"]:
        model = one["model"] or "(no model told)"
        used = f"{counted(one['calls'], 'call')}, {counted(one['tokens'], 'token')}"
        yield f"no price is known of {model}: {used}"
    if total["estimated_calls"]:
        calls = counted(total["estimated_calls"], "call")
        yield f"a floor: {calls} may have used more than was told"
    if total["undated_calls"]:
        figures = counted(total["undated_calls"], "figure")
        yield f"the day of {figures} is a guess: no time was told with it"
    compared = total["compared"]
    difference = compared["reported_micro_usd"] - compared["computed_micro_usd"]
    if difference:
        reported = exact_usd(compared["reported_micro_usd"])
        computed = exact_usd(compared["computed_micro_usd"])
        calls = counted(compared["calls"], "call")
        yield f"both costs are known of {calls}: {reported} reported, {computed} by list prices"
    failed = answer["failed_work"]["cost_micro_usd"]
    if failed:
        yield f"{money_text(failed)} of it went into tasks that failed or were cancelled"
