"""OpenAPI says what the routes do."""

from typing import Any

import msgspec

from tasktrail.server.params import ENTRY_PARAMETERS, LOG_PAGE_PARAMETERS
from tests.server.conftest import Client


def read_schema(client: Client) -> dict[str, Any]:
    """The document as a client gets it."""
    return msgspec.json.decode(client.get("/schema/openapi.json").body, type=dict[str, Any])


def test_query_parameters_are_listed(client: Client) -> None:
    """What a filter may be is in the document, beside the id in the path."""
    operation = read_schema(client)["paths"]["/api/tasks/{task_id}/logs"]["get"]
    names = [one["name"] for one in operation["parameters"]]

    assert names[0] == "task_id"
    assert names[1:] == [one.name for one in (*ENTRY_PARAMETERS, *LOG_PAGE_PARAMETERS)]


def test_a_repeatable_parameter_is_an_array(client: Client) -> None:
    """`level` may be said several times, `limit` is a number in bounds."""
    operation = read_schema(client)["paths"]["/api/tasks/{task_id}/logs"]["get"]
    schemas = {one["name"]: one["schema"] for one in operation["parameters"]}

    assert schemas["level"] == {"type": "array", "items": {"type": "string"}}
    assert schemas["limit"] == {"type": "integer", "minimum": 1, "maximum": 10_000}


def test_answers_and_problems_have_their_shapes(client: Client) -> None:
    """Entries are described, errors are problem+json."""
    responses = read_schema(client)["paths"]["/api/tasks/{task_id}/logs"]["get"]["responses"]

    assert responses["200"]["content"]["application/json"]["schema"]["$ref"].endswith("LogPage")
    assert set(responses) == {"200", "400", "404"}
    assert set(responses["404"]["content"]) == {"application/problem+json"}


def test_the_body_of_events_is_described(client: Client) -> None:
    """Both kinds of body are named."""
    operation = read_schema(client)["paths"]["/api/events"]["post"]

    assert set(operation["requestBody"]["content"]) == {"application/json", "application/x-ndjson"}
    assert "202" in operation["responses"]


def test_no_page_loads_scripts_from_elsewhere(client: Client) -> None:
    """The document is JSON; no viewer is served with it."""
    assert client.get("/schema/openapi.json").headers["content-type"].startswith("application/")
    assert client.get("/schema/swagger").status == 404
