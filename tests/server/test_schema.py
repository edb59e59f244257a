"""Whatever the OpenAPI document allows, and much that it does not, the service never fails."""

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from tests.server.test_answers import FLOW
from tests.support.running_service import RunningService, start_service

EXAMPLES = int(os.environ.get("TASKTRAIL_EXAMPLES", "0"))  # asked for by who has minutes
FEW = 2  # of each route, every day
SERVER_ERROR = 500
UNAVAILABLE = 503


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A real service that has recorded something."""
    with start_service(tmp_path_factory.mktemp("schema") / "root") as running:
        running.record(FLOW)
        yield running


def test_no_question_makes_the_service_fail(service: RunningService) -> None:
    """Every route, with values that fit its parameters."""
    asked, failures = ask_all(service, GenerationMode.POSITIVE, EXAMPLES or FEW)

    assert asked > 30
    assert failures == []


@pytest.mark.slow
@pytest.mark.skipif(not EXAMPLES, reason="takes minutes: TASKTRAIL_EXAMPLES says how many a route")
def test_no_nonsense_makes_the_service_fail(service: RunningService) -> None:
    """The same with values that do not fit."""
    _, failures = ask_all(service, GenerationMode.NEGATIVE, EXAMPLES)

    assert failures == []


def ask_all(service: RunningService, mode: GenerationMode, examples: int) -> tuple[int, list[str]]:
    """How many routes were asked, and what went wrong."""
    schema = schemathesis.openapi.from_url(f"{service.url}/schema/openapi.json")
    failures: list[str] = []
    operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]
    for operation in operations:
        case = operation.as_strategy(generation_mode=mode)
        ask(case, service.url, failures, examples=examples)
    return len(operations), failures


def ask(cases: Any, url: str, failures: list[str], *, examples: int) -> None:  # noqa: ANN401
    """Asks a few generated questions of one route."""

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def question(case: Any) -> None:  # noqa: ANN401
        response = case.call(base_url=url)
        if response.status_code >= SERVER_ERROR and response.status_code != UNAVAILABLE:
            failures.append(f"{case.method} {case.formatted_path} {case.query}: {response.text}")

    with suppress(Unsatisfiable):  # a route without parameters has no wrong ones
        question()
