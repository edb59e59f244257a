"""The application: which address leads where, readable from top to bottom.

Gate → /api /tasks /ws /schema /health /ready /metrics → routes
     → everything else                                 → the web UI
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final, cast

from litestar import Litestar
from litestar.datastructures import State
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin

from tasktrail.server.backend import Backend
from tasktrail.server.body import BodyBudget, BodyLimits
from tasktrail.server.first_answers import FirstAnswers
from tasktrail.server.follow_socket import follow_all, follow_task
from tasktrail.server.guards import Application, Gate, Receive, Scope, Send
from tasktrail.server.hub import Hub
from tasktrail.server.openapi import openapi_config
from tasktrail.server.plain import is_plain, show_plain_task, show_plain_tasks, show_style
from tasktrail.server.problems import render_problem
from tasktrail.server.routes.costs import explain_costs, show_budgets, show_costs
from tasktrail.server.routes.events import accept_events
from tasktrail.server.routes.executions import (
    list_execution_logs,
    list_executions,
    show_execution,
)
from tasktrail.server.routes.files import list_files, save_files, show_body, show_file
from tasktrail.server.routes.jobs import list_item_logs, list_job_logs, list_job_stages
from tasktrail.server.routes.logs import (
    list_logs,
    list_seqs,
    list_sources,
    show_entry,
    show_histogram,
    show_stats,
)
from tasktrail.server.routes.operations import (
    list_alerts,
    list_dead_letters,
    list_holds,
    show_health,
    show_metrics,
    show_readiness,
)
from tasktrail.server.routes.search import search_tasks
from tasktrail.server.routes.sessions import (
    list_events,
    list_session_logs,
    list_sessions,
    list_workers,
    show_session,
    show_worker,
)
from tasktrail.server.routes.tasks import (
    list_stages,
    list_tasks,
    open_task,
    show_sections,
    show_task,
    show_timeline,
)
from tasktrail.server.turns import Turns
from tasktrail.server.ui import WebUi
from tasktrail.settings import Settings

ROUTES: Final = (
    accept_events,
    list_events,
    list_sessions,
    show_session,
    list_session_logs,
    list_workers,
    show_worker,
    show_costs,
    show_budgets,
    explain_costs,
    list_tasks,
    show_task,
    list_logs,
    show_stats,
    list_sources,
    show_histogram,
    list_seqs,
    show_entry,
    show_body,
    list_stages,
    show_timeline,
    list_files,
    save_files,
    show_file,
    open_task,
    list_job_logs,
    list_job_stages,
    list_item_logs,
    list_executions,
    show_execution,
    list_execution_logs,
    search_tasks,
    list_alerts,
    list_holds,
    list_dead_letters,
    show_sections,
    show_health,
    show_readiness,
    show_metrics,
    follow_task,
    follow_all,
)
PLAIN_PAGES: Final = (show_plain_tasks, show_plain_task, show_style)
API_PATHS: Final = frozenset({"api", "tasks", "ws", "schema", "health", "ready", "metrics"})
THREADS: Final = 32  # waiting for a sync or for the index holds a thread, not a core
BODIES_IN_MEMORY: Final = 8 * 1024 * 1024  # bytes of all together, and one large body beside them


def build_app(backend: Backend, settings: Settings, *, ui: WebUi | None = None) -> Application:
    """The whole application, as a server runs it."""
    limits = BodyLimits(settings.max_body_bytes, max_event_bytes=settings.max_event_bytes)
    routes = cast("Application", build_routes(backend, limits))
    pages = WebUi() if ui is None else ui
    # a browser shows no key when it goes to a page: where there is one, the page asks by itself
    return Gate(
        Switch(routes, pages if settings.api_key else FirstAnswers(pages, routes)),
        hosts=(settings.host, *settings.allowed_hosts),
        api_key=settings.api_key,
        policy=pages.policy,
    )


class Routes(Litestar):
    """litestar for msgspec alone: where pydantic is installed, its import doubles our start."""

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


def build_routes(backend: Backend | None, limits: BodyLimits) -> Litestar:
    """The routes alone; without a backend they can only be described."""
    state = {
        "backend": backend,
        "hub": Hub(backend) if backend else None,
        "turns": Turns(),
        "body_limits": limits,
        "body_budget": BodyBudget(BODIES_IN_MEMORY, alone_bytes=2 * limits.max_bytes),
    }
    return Routes(
        [*ROUTES, *PLAIN_PAGES],
        state=State(state),
        lifespan=[_lifespan(state["hub"])],
        exception_handlers={Exception: render_problem},
        openapi_config=openapi_config(),
        request_max_body_size=None,  # server/body.py has its own, and streams
        logging_config=None,
    )


class Switch:
    """Sends a request to the routes or to the web UI, by the first part of its path."""

    def __init__(self, routes: Application, pages: Application) -> None:
        self._routes = routes
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the start and end of the server, which the routes hear of."""
        is_ours = scope["type"] != "http" or _is_answered(scope["path"])
        await (self._routes if is_ours else self._pages)(scope, receive, send)


def _is_answered(path: str) -> bool:
    """Whether a route answers there, and not the web UI."""
    return path.split("/")[1] in API_PATHS or is_plain(path)


def _lifespan(hub: object) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    """What lives as long as the server: threads for blocking calls, and waking of followers."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        del app
        threads = ThreadPoolExecutor(THREADS, thread_name_prefix="http")
        asyncio.get_running_loop().set_default_executor(threads)
        if isinstance(hub, Hub):
            with hub.running():
                yield
        else:
            yield
        threads.shutdown(wait=False)

    return lifespan
