"""What Prometheus reads at /metrics: requests by this host's web processes, and how the studio does as a whole.

`prometheus_client` alone, not django-prometheus. Its middleware names a request's view below the one where the API's
requests turn off: they would be one nameless view. Its figures of database and cache come from backends that stand in
place of Django's, where ours do (`getimg_site.postgresql`, `shared_cache`), and count what web processes ask; whether
both answer, and whether migrations are missing, is told here.

The processes of a host share their counts in files (`gunicorn.py` says where); what is in the database is the same for
all hosts and is looked at when it is asked for.
"""

import shutil
import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from prometheus_client.values import MutexValue, get_value_class

from billing.models import DueNotice, LedgerAudit, StripeEvent
from generation import queue_health
from generation.models import WebhookDelivery
from getimg_site import backups, cluster_figures
from getimg_site.views.health import cache_answers

# Counted no further than this.
_COUNTED = 10_000
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

_own = CollectorRegistry()
_REQUESTS = Histogram(
    "getimg_request_seconds",
    "How long requests took, by the view's name.",
    ("method", "view", "status"),
    buckets=_BUCKETS,
    registry=_own,
)


class MetricsMiddleware:
    """Time every request, the API's too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        # Never the path: it is what anybody types, and each would be a series of its own.
        labels = (_known_method(request), match.view_name or "other" if match else "none", str(response.status_code))
        _REQUESTS.labels(*labels).observe(time.perf_counter() - began)
        return response


class _Studio(Collector):
    """Figures of everybody's runs together, none of anybody's."""

    def collect(self) -> Iterator[Metric]:
        free = shutil.disk_usage(settings.DATA_DIR).free
        yield GaugeMetricFamily("getimg_disk_free_bytes", "Room on this host's disk of DATA_DIR.", free)
        try:
            yield from self._figures()
            yield from cluster_figures.collect()
        except DatabaseError:
            yield GaugeMetricFamily("getimg_database_up", "Whether the database answers.", 0)

    def _figures(self) -> Iterator[GaugeMetricFamily]:
        queue = queue_health.look()
        audit = _last_audit()
        wait, mean = queue.oldest_wait, queue.mean_wait
        figures = [
            ("database_up", "Whether the database answers.", 1),
            ("cache_up", "Whether the cache that all hosts share answers.", int(cache_answers())),
            ("migrations_missing", "Migrations of this host's release that were not run.", _missing_migrations()),
            ("runs_waiting", "Runs that wait to be drawn.", queue.waiting),
            ("runs_running", "Runs that are being drawn.", queue.running),
            ("oldest_wait_seconds", "How long the run that could be started has waited.", _seconds(wait)),
            ("mean_wait_seconds", "How long the runs of the last hour waited.", _seconds(mean)),
            ("runs_finished_last_hour", "Runs of the last hour that were drawn.", queue.finished),
            ("runs_failed_last_hour", "Runs of the last hour that failed.", queue.failed),
            ("trainings_waiting", "Trainings that wait.", queue.trainings_waiting),
            ("trainings_running", "Trainings that run.", queue.trainings_running),
            ("trainings_paused", "Whether an operator paused the trainings.", int(queue.trainings_paused)),
            ("stripe_events_failed", "Stripe's events that could not be applied.", _failed_events()),
            ("ledger_audit_faults", "Facts that did not hold at the last audit of the books.", audit[0]),
            ("ledger_audit_timestamp_seconds", "When the last audit of the books ended; 0: never.", audit[1]),
            ("backup_timestamp_seconds", "When the last backup was taken or noted; 0: never.", _last_backup()),
            ("webhooks_waiting", "Webhooks that are still to be delivered.", _waiting_deliveries()),
            ("money_mails_waiting", "Mails about money that have not gone out.", _waiting_mails()),
        ]
        for name, words, value in figures:
            yield GaugeMetricFamily(f"getimg_{name}", words, value)


def text() -> bytes:
    """Return all figures in Prometheus' text format."""
    registry = CollectorRegistry()
    if get_value_class() is MutexValue:  # type: ignore[no-untyped-call]  # the only process
        registry.register(_Requests())
    else:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(_Studio())
    return generate_latest(registry)


class _Requests(Collector):
    """What the only process of this host has counted."""

    def collect(self) -> Iterator[Metric]:
        return iter(_own.collect())


def _known_method(request: HttpRequest) -> str:
    method = request.method or ""
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"


def _seconds(duration: object) -> float:
    return duration.total_seconds() if hasattr(duration, "total_seconds") else 0.0


def _missing_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _last_audit() -> tuple[int, float]:
    """Return how many facts did not hold, and when."""
    last = LedgerAudit.objects.filter(is_open=False).order_by("-ended_at").first()
    return (last.faults, last.ended_at.timestamp()) if last and last.ended_at else (0, 0.0)


def _last_backup() -> float:
    last = backups.newest()
    return last.ended_at.timestamp() if last else 0.0


def _failed_events() -> int:
    return int(StripeEvent.objects.filter(status=StripeEvent.Status.FAILED)[:_COUNTED].count())


def _waiting_deliveries() -> int:
    return WebhookDelivery.objects.filter(status=WebhookDelivery.Status.WAITING)[:_COUNTED].count()


def _waiting_mails() -> int:
    return DueNotice.objects.all()[:_COUNTED].count()
