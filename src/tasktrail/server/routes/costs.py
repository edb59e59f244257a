"""What was spent, and every call behind a task's cost."""

from litestar import Response, get
from litestar.params import FromPath

from tasktrail.server.ledger_answers import BudgetList, CostExplanation, Costs
from tasktrail.server.openapi import answers, asking
from tasktrail.server.params import Parameter, id_of, parse_query
from tasktrail.server.problems import AnyRequest
from tasktrail.server.rendering import json_answer, query_of, reader_of

COST_PARAMETERS = (
    Parameter("since", "string", "not before: today, a day, 10m, 24h, 7d or an ISO time"),
    Parameter("until", "string", "before: a day, 10m, 24h, 7d or an ISO time"),
    Parameter("by", "string", "one row for each model, task, session, worker or day"),
    Parameter("parts", "integer", "each row's cost of so many models, the dearest; up to 10"),
    Parameter("zone", "string", "whose days, like Europe/Berlin; the server's unless said"),
    Parameter("task_id", "string", "only that task"),
    Parameter("session_id", "string", "only that session"),
    Parameter("worker_id", "string", "only that worker"),
    Parameter("model", "string", "only that model"),
)


@get(
    "/api/costs",
    sync_to_thread=True,
    operation_class=asking(*COST_PARAMETERS),
    responses=answers(Costs, "invalid_filter", "not_found", "task_not_found"),
)
def show_costs(request: AnyRequest) -> Response[bytes]:
    """What model calls used and cost; figures that nobody knows are null."""
    params = parse_query(query_of(request))
    return json_answer(reader_of(request).ledger.costs(params))


@get("/api/budgets", sync_to_thread=True, responses=answers(BudgetList))
def show_budgets(request: AnyRequest) -> Response[bytes]:
    """The budgets of `budgets.toml`, and what came nearest to each of late."""
    return json_answer(reader_of(request).ledger.budgets())


@get(
    "/api/tasks/{task_id:str}/costs",
    sync_to_thread=True,
    responses=answers(CostExplanation, "bad_request", "task_not_found"),
)
def explain_costs(request: AnyRequest, task_id: FromPath[str]) -> Response[bytes]:
    """Every call, bucket and price behind a task's cost."""
    return json_answer(reader_of(request).ledger.explain(id_of(task_id)))
