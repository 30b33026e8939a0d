"""Figures of the queue clusters for Prometheus, of every host's, read from the database by whichever host is asked.

A host that draws need not be reached by Prometheus: its supervisor writes how it does (`cluster_life`), and its runs
name it. Of a host that was silent for a day nothing is told any more.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import cast

from django.core.cache import cache
from django.db.models import Count, Q, Sum, Value
from django.db.models.functions import Left, StrIndex
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from accounts.ids import first_id
from generation import queue_health
from generation.models import Job
from getimg_site import cluster_life
from getimg_site.models import ClusterReport

_CACHE_KEY, _CACHE_SECONDS = "cluster-runs", 15
# A supervisor reports every 15 seconds.
_SILENT_SECONDS = 60
_PLACE = ("cluster", "host", "folder")


def collect() -> Iterator[Metric]:
    """Yield what each cluster told last, how many of each kind are up, and what became of the last hour's runs."""
    now = timezone.now()
    reports = list(ClusterReport.objects.filter(told_at__gte=now - cluster_life.FORGOTTEN_AFTER))
    yield from _of_reports(reports, now)
    up = GaugeMetricFamily("getimg_clusters_up", "Supervisors whose cluster is whole.", labels=["cluster"])
    for cluster in cluster_life.CLUSTERS:
        heard = [row for row in reports if row.cluster == cluster and _silence(row, now) < _SILENT_SECONDS]
        up.add_metric([cluster], len(heard))
    yield up
    yield from _of_runs()


def _of_reports(reports: list[ClusterReport], now: datetime) -> Iterator[Metric]:
    gauges: dict[str, tuple[str, Callable[[ClusterReport], float]]] = {
        "silent_seconds": ("How long ago the supervisor reported.", lambda row: _silence(row, now)),
        "busy": ("Whether one of its workers has a task in hand.", lambda row: int(row.is_busy)),
        "memory_bytes": ("Resident memory of its processes; shared pages count in each.", lambda row: row.memory_bytes),
        "disk_free_bytes": ("Room on the disk of its DATA_DIR.", lambda row: row.disk_free_bytes),
    }
    for name, (words, value) in gauges.items():
        gauge = GaugeMetricFamily(f"getimg_cluster_{name}", words, labels=_PLACE)
        for row in reports:
            gauge.add_metric(_place(row), value(row))
        yield gauge
    restarts = CounterMetricFamily(
        "getimg_cluster_restarts", "How often the supervisor had to start its cluster anew.", labels=_PLACE
    )
    for row in reports:
        restarts.add_metric(_place(row), row.restarts)
    yield restarts


def _of_runs() -> Iterator[Metric]:
    labels = ["cluster", "host"]
    pictures = GaugeMetricFamily("getimg_cluster_pictures_last_hour", "Pictures of ended runs.", labels=labels)
    failed = GaugeMetricFamily("getimg_cluster_failed_last_hour", "Runs that failed there.", labels=labels)
    for (cluster, host), (its_pictures, its_failed) in _runs().items():
        pictures.add_metric([cluster, host], its_pictures)
        failed.add_metric([cluster, host], its_failed)
    yield pictures
    yield failed


def _runs() -> dict[tuple[str, str], tuple[int, int]]:
    return cast(dict[tuple[str, str], tuple[int, int]], cache.get_or_set(_CACHE_KEY, _count_runs, _CACHE_SECONDS))


def _count_runs() -> dict[tuple[str, str], tuple[int, int]]:
    """Return pictures and failed runs by cluster and host: who claimed is `host:cluster:start#claim`."""
    recent = Job.objects.filter(
        pk__gte=first_id(timezone.now() - queue_health.WINDOW),
        status__in=[Job.Status.FINISHED, Job.Status.FAILED],
        claimed_by__contains="#",
    )
    worker = Left("claimed_by", StrIndex("claimed_by", Value("#")) - 1)
    counts = (
        recent.annotate(worker=worker)
        .order_by()
        .values_list("worker")
        .annotate(pictures=Sum("images_stored"), failed=Count("pk", filter=Q(status=Job.Status.FAILED)))
    )
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for name, pictures, failed in counts:
        host, cluster = [*str(name).split(":"), ""][:2]
        before = found.get((cluster, host), (0, 0))
        found[cluster, host] = (before[0] + pictures, before[1] + failed)
    return found


def _silence(row: ClusterReport, now: datetime) -> float:
    return max(0.0, (now - row.told_at).total_seconds())


def _place(row: ClusterReport) -> list[str]:
    return [row.cluster, row.host, row.folder]
