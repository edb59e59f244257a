"""The figures for monitoring: one table of name, kind and help, as Prometheus text or as JSON."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tasktrail.service.figures import Metrics

PROMETHEUS_TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
JSON: Final = "application/json"


class Figure(NamedTuple):
    """One row of the table: where the value is, and what it is called."""

    field: str
    name: str  # of a counter: without `_total`, which the format adds
    kind: str  # gauge | counter
    help: str


FIGURES: Final = (
    Figure("queue_depth", "tasktrail_queue_depth", "gauge", "Events accepted and not yet recorded"),
    Figure(
        "queue_lag_seconds", "tasktrail_queue_lag_seconds", "gauge", "Age of the oldest of them"
    ),
    Figure("events_recorded", "tasktrail_events_recorded", "counter", "Events recorded in trails"),
    Figure("dead_letters", "tasktrail_dead_letters", "counter", "Events that cannot be recorded"),
    Figure(
        "processing_rate", "tasktrail_processing_rate", "gauge", "Events recorded per second, 60 s"
    ),
    Figure("disk_used_percent", "tasktrail_disk_used_percent", "gauge", "Use of the data volume"),
    Figure("tasks", "tasktrail_tasks", "gauge", "Tasks that have a trail"),
    Figure("spool_bytes", "tasktrail_spool_bytes", "gauge", "Bytes accepted and not yet recorded"),
    Figure("duplicates", "tasktrail_duplicates", "counter", "Events seen before and left out"),
    Figure(
        "identity_conflicts",
        "tasktrail_identity_conflicts",
        "counter",
        "Events that share an identity and differ",
    ),
    Figure("gaps", "tasktrail_gap", "counter", "Places where accepted events are missing"),
    Figure("damaged_frames", "tasktrail_damaged_frames", "counter", "Spool lines that were broken"),
    Figure("holds", "tasktrail_holds", "gauge", "Webhook flows that name no task yet"),
    Figure(
        "index_lag_bytes", "tasktrail_index_lag_bytes", "gauge", "Recorded and not yet in the index"
    ),
    Figure(
        "events_accepted", "tasktrail_events_accepted", "counter", "Events accepted since the start"
    ),
    Figure(
        "events_rejected", "tasktrail_events_rejected", "counter", "Events refused since the start"
    ),
)


class _Figures(Collector):
    """The figures as Prometheus families; what is not known is left out."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        """Each known figure of the table."""
        for figure in FIGURES:
            value = getattr(self._metrics, figure.field)
            if value is not None:
                family = CounterMetricFamily if figure.kind == "counter" else GaugeMetricFamily
                yield family(figure.name, figure.help, value=value)


def render_text(metrics: Metrics) -> bytes:
    """The figures as Prometheus reads them."""
    registry = CollectorRegistry()
    registry.register(_Figures(metrics))
    return generate_latest(registry)


def figures(metrics: Metrics) -> dict[str, object]:
    """The seven figures as JSON, and what is in the way of the others if anything is."""
    answer = {
        "queue_depth": metrics.queue_depth,
        "queue_lag": metrics.queue_lag_seconds,
        "events_processed": metrics.events_recorded,
        "events_failed": metrics.dead_letters,
        "processing_rate": metrics.processing_rate,
        "disk_usage": metrics.disk_used_percent,
        "tasks_processed": metrics.tasks,
    }
    return answer | ({"error": "; ".join(metrics.trouble)} if metrics.trouble else {})


def wants_json(accept: str) -> bool:
    """Whether an Accept header asks for JSON before text."""
    kinds = [kind.partition(";")[0].strip().lower() for kind in accept.split(",")]
    if JSON not in kinds:
        return False
    return "text/plain" not in kinds or kinds.index(JSON) < kinds.index("text/plain")
