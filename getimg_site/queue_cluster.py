"""The queue's three clusters, as django-q2 reads them. A doorbell only: the job table is the truth.

retry must exceed (queue_limit + workers + 1) / workers × timeout, or a waiting task rings twice. recycle: a worker that
ends by itself looks like a lost one to the supervisor, so none does.
"""

from typing import Any


def clusters(*, default_workers: int, gpu_workers: int, training_workers: int, redis_url: str) -> dict[str, Any]:
    """Return django-q2's settings; without Redis the queue lies in the database, with a broker of our own."""
    if redis_url:
        place = {"redis": redis_url, "broker_class": "getimg_site.redis_broker.PatientRedis"}
    else:
        place = {"orm": "default", "broker_class": "getimg_site.broker.DoorbellBroker"}
    gpu = {"workers": gpu_workers, "queue_limit": 2 * gpu_workers, "timeout": 3600, "retry": 8 * 3600, "poll": 0.02}
    # A training lasts hours; whoever is ended at its limit is gone on with from its checkpoint.
    training = {**gpu, "workers": training_workers, "queue_limit": training_workers, "timeout": 2 * 86400, "poll": 0.5}
    training["retry"] = 4 * training["timeout"]
    return {
        "name": "default",
        "workers": default_workers,
        "queue_limit": 4,
        "timeout": 300,
        "retry": 3600,
        "max_attempts": 1,
        "ack_failures": True,
        "catch_up": False,
        "save_limit": -1,
        "poll": 0.05,
        "guard_cycle": 0.5,
        "recycle": 10**9,
        "bulk": 1,
        "label": "Queue",
        "ALT_CLUSTERS": {"gpu": gpu, "training": training},
        **place,
    }
