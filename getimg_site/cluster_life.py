"""Which queue clusters are at work, by what the supervisor of each says now and then.

For people, in the cache that all hosts share: a cluster counts while one host has it, and one that is silent for half a
minute is taken to be gone. For operators, in a row: which host, and how it does; one that was told to stop removes its
row, one that is away leaves it.
"""

import shutil
import socket
from datetime import timedelta

import psutil
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from generation import doorbell
from getimg_site import pulse
from getimg_site.models import ClusterReport

CLUSTERS = (doorbell.CLUSTER, doorbell.TRAINING_CLUSTER, doorbell.COURIER_CLUSTER)
BEAT_SECONDS = 5.0
REPORT_SECONDS = 15.0
# A host that was silent for so long was taken away.
FORGOTTEN_AFTER = timedelta(days=1)
_SILENT_SECONDS = 30


def beat(cluster: str) -> bool:
    """Say that this cluster is whole and takes its tasks."""
    cache.set(_key(cluster), 1, _SILENT_SECONDS)
    return True


def living() -> frozenset[str]:
    """Return the clusters that have said so lately; none, too, where the cache does not answer."""
    said = cache.get_many([_key(cluster) for cluster in CLUSTERS])
    return frozenset(cluster for cluster in CLUSTERS if _key(cluster) in said)


def report(cluster: str, *, restarts: int) -> bool:
    """Write how the cluster that this process supervises does."""
    sign = pulse.read()
    row = ClusterReport(
        **_place(cluster),
        told_at=timezone.now(),
        is_busy=bool(sign and sign.is_busy),
        restarts=restarts,
        memory_bytes=_memory_bytes(),
        disk_free_bytes=shutil.disk_usage(settings.DATA_DIR).free,
    )
    told = ["told_at", "is_busy", "restarts", "memory_bytes", "disk_free_bytes"]
    ClusterReport.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["host", "cluster", "folder"], update_fields=told
    )
    return True


def leave(cluster: str) -> bool:
    """Say nothing more of this cluster, which was told to stop, nor of those that are long gone."""
    ClusterReport.objects.filter(**_place(cluster)).delete()
    ClusterReport.objects.filter(told_at__lt=timezone.now() - FORGOTTEN_AFTER).delete()
    return True


def _place(cluster: str) -> dict[str, str]:
    return {"host": socket.gethostname(), "cluster": cluster, "folder": str(settings.DATA_DIR)[-500:]}


def _memory_bytes() -> int:
    """Return the resident memory of this process and all below it."""
    supervisor, total = psutil.Process(), 0
    for process in (supervisor, *supervisor.children(recursive=True)):
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue  # it ended between the two looks
    return total


def _key(cluster: str) -> str:
    return f"cluster-lives:{cluster}"
