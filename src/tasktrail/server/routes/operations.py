"""How the service is: health, readiness, metrics, holds and dead letters."""

from litestar import Response, get

from tasktrail import __version__
from tasktrail.server.answers import (
    DeadLetterList,
    HealthAnswer,
    HoldList,
    MetricsAnswer,
    ReadinessAnswer,
)
from tasktrail.server.found_answers import AlertList
from tasktrail.server.metrics import PROMETHEUS_TEXT, figures, render_text, wants_json
from tasktrail.server.openapi import also_unavailable, answers, asking
from tasktrail.server.params import OFFSET_PARAMETERS, parse_page_query
from tasktrail.server.problems import AnyRequest
from tasktrail.server.rendering import backend_of, cut_page, json_answer, query_of, reader_of
from tasktrail.service.alerts import alerts, watched
from tasktrail.service.figures import SERVICE_NAME

UNAVAILABLE = 503


@get("/health", sync_to_thread=True, responses=also_unavailable(HealthAnswer))
def show_health(request: AnyRequest) -> Response[bytes]:
    """200 while events can be recorded, perhaps with reasons for concern; else 503."""
    health = backend_of(request).health()
    answer = HealthAnswer(health.status, SERVICE_NAME, __version__, health.reasons, health.gaps)
    return json_answer(answer, status=200 if health.can_record else UNAVAILABLE)


@get("/ready", sync_to_thread=True, responses=also_unavailable(ReadinessAnswer))
def show_readiness(request: AnyRequest) -> Response[bytes]:
    """200 when every part is there, else 503; part by part."""
    readiness = backend_of(request).ready()
    answer = ReadinessAnswer(readiness.ready, readiness.parts)
    return json_answer(answer, status=200 if readiness.ready else UNAVAILABLE)


@get("/metrics", sync_to_thread=True, responses=also_unavailable(MetricsAnswer))
def show_metrics(request: AnyRequest) -> Response[bytes]:
    """Prometheus text; JSON when asked for. 503 with what is known when something is not."""
    metrics = backend_of(request).metrics()
    status = UNAVAILABLE if metrics.trouble else 200
    if wants_json(request.headers.get("accept", "")):
        return json_answer(figures(metrics), status=status)
    return Response(render_text(metrics), status_code=status, media_type=PROMETHEUS_TEXT)


@get("/api/alerts", sync_to_thread=True, responses=answers(AlertList, "bad_request"))
def list_alerts(request: AnyRequest) -> Response[bytes]:
    """What is wrong now: figures beyond their limits, and reasons for concern; what is watched."""
    backend = backend_of(request)
    metrics, health = backend.metrics(), backend.health()
    return json_answer({"alerts": alerts(metrics, health), "limits": watched(metrics)})


@get(
    "/api/holds",
    sync_to_thread=True,
    operation_class=asking(*OFFSET_PARAMETERS),
    responses=answers(HoldList, "invalid_filter"),
)
def list_holds(request: AnyRequest) -> Response[bytes]:
    """Webhook flows that have not bound to a task."""
    page, total = cut_page(reader_of(request).holds(), parse_page_query(query_of(request)))
    return json_answer({"holds": page, "total_count": total})


@get(
    "/api/dead",
    sync_to_thread=True,
    operation_class=asking(*OFFSET_PARAMETERS),
    responses=answers(DeadLetterList, "invalid_filter"),
)
def list_dead_letters(request: AnyRequest) -> Response[bytes]:
    """What could not be recorded, with its reason and bytes."""
    page, total = cut_page(reader_of(request).dead(), parse_page_query(query_of(request)))
    alarm = backend_of(request).health().dead_alarm
    return json_answer({"dead_letters": page, "total_count": total, "alarm": alarm})
