"""The application as a whole: the route table is what DESIGN promises."""

from tasktrail.server.app import API_PATHS, ROUTES, build_routes
from tasktrail.server.body import BodyLimits

PROMISED = {
    ("POST", "/api/events"),
    ("GET", "/api/tasks"),
    ("GET", "/api/tasks/{task_id}"),
    ("GET", "/api/tasks/{task_id}/logs"),
    ("GET", "/api/tasks/{task_id}/logs/stats"),
    ("GET", "/api/tasks/{task_id}/logs/sources"),
    ("GET", "/api/tasks/{task_id}/logs/histogram"),
    ("GET", "/api/tasks/{task_id}/logs/index"),
    ("GET", "/api/tasks/{task_id}/logs/{seq}"),
    ("GET", "/api/tasks/{task_id}/logs/{seq}/body"),
    ("GET", "/api/tasks/{task_id}/stages"),
    ("GET", "/api/tasks/{task_id}/timeline"),
    ("GET", "/api/tasks/{task_id}/files"),
    ("GET", "/api/tasks/{task_id}/files.zip"),
    ("GET", "/api/tasks/{task_id}/files/{name}"),
    ("GET", "/api/tasks/{task_id}/open"),
    ("GET", "/api/jobs/{job_id}/logs"),
    ("GET", "/api/jobs/{job_id}/stages"),
    ("GET", "/api/jobs/{job_id}/tasks/{task_id}/logs"),
    ("GET", "/api/executions"),
    ("GET", "/api/executions/{execution_id}"),
    ("GET", "/api/executions/{execution_id}/logs"),
    ("GET", "/api/search"),
    ("GET", "/api/sessions"),
    ("GET", "/api/sessions/{session_id}"),
    ("GET", "/api/sessions/{session_id}/logs"),
    ("GET", "/api/workers"),
    ("GET", "/api/workers/{worker_id}"),
    ("GET", "/api/events"),
    ("GET", "/api/costs"),
    ("GET", "/api/budgets"),
    ("GET", "/api/tasks/{task_id}/costs"),
    ("GET", "/api/alerts"),
    ("GET", "/api/holds"),
    ("GET", "/api/dead"),
    ("GET", "/tasks/{task_id}/logs"),
    ("GET", "/health"),
    ("GET", "/ready"),
    ("GET", "/metrics"),
}


def test_the_routes_are_the_promised_ones() -> None:
    """No route is missing, and none is there that nobody promised."""
    paths = build_routes(None, BodyLimits(1)).openapi_schema.paths or {}
    found = {
        (method, path)
        for path, item in paths.items()
        for method in ("GET", "POST", "PUT", "DELETE", "PATCH")
        if getattr(item, method.lower())
    }

    assert found == PROMISED


def test_every_route_is_told_from_the_pages() -> None:
    """The first part of each route's path is one that never shows the web UI."""
    firsts = {path.split("/")[1] for route in ROUTES for path in route.paths}

    assert firsts | {"schema"} == API_PATHS


def test_the_routes_are_made_without_pydantic() -> None:
    """Its import would double the time that a service takes to start."""
    plugins = [type(plugin).__module__ for plugin in build_routes(None, BodyLimits(1)).plugins]

    assert plugins
    assert not [module for module in plugins if "pydantic" in module]
