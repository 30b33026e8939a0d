"""Which queue clusters are at work: the supervisor of each says so now and then, in the cache that all hosts share.

A cluster counts while one host has it. One that is silent for half a minute is taken to be gone.
"""

from django.core.cache import cache

from generation import doorbell

CLUSTERS = (doorbell.CLUSTER, doorbell.TRAINING_CLUSTER, doorbell.COURIER_CLUSTER)
BEAT_SECONDS = 5.0
_SILENT_SECONDS = 30


def beat(cluster: str) -> bool:
    """Say that this cluster is whole and takes its tasks."""
    cache.set(_key(cluster), 1, _SILENT_SECONDS)
    return True


def living() -> frozenset[str]:
    """Return the clusters that have said so lately; none, too, where the cache does not answer."""
    said = cache.get_many([_key(cluster) for cluster in CLUSTERS])
    return frozenset(cluster for cluster in CLUSTERS if _key(cluster) in said)


def _key(cluster: str) -> str:
    return f"cluster-lives:{cluster}"
