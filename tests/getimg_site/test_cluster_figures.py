from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from generation import lifecycle
from generation.models import Job
from getimg_site import cluster_life
from getimg_site.models import ClusterReport
from tests.generation.runs import claim, make_person, submit
from tests.getimg_site.scraping import TOKEN, figures, read

pytestmark = pytest.mark.django_db

FOLDER = "/var/lib/getimg"


@pytest.fixture(autouse=True)
def _with_token(settings: LazySettings) -> None:
    settings.METRICS_TOKEN = TOKEN
    cache.clear()


def tell(cluster: str, host: str, *, age_seconds: float = 0, **facts: Any) -> None:
    row = {"is_busy": False, "restarts": 0, "memory_bytes": 1, "disk_free_bytes": 1, **facts}
    told_at = timezone.now() - timedelta(seconds=age_seconds)
    ClusterReport.objects.create(host=host, cluster=cluster, folder=FOLDER, told_at=told_at, **row)


def test_what_the_cluster_of_each_host_told_is_read_from_any_host(client: Client) -> None:
    tell("gpu", "gpu-1", is_busy=True, restarts=3, memory_bytes=7, disk_free_bytes=9)
    tell("gpu", "gpu-2", age_seconds=90)

    found = figures(read(client))

    one, two = f"gpu {FOLDER} gpu-1", f"gpu {FOLDER} gpu-2"
    assert (found[f"getimg_cluster_busy {one}"], found[f"getimg_cluster_busy {two}"]) == (1, 0)
    assert found[f"getimg_cluster_restarts_total {one}"] == 3
    assert (found[f"getimg_cluster_memory_bytes {one}"], found[f"getimg_cluster_disk_free_bytes {one}"]) == (7, 9)
    assert found[f"getimg_cluster_silent_seconds {one}"] < 30 < 89 < found[f"getimg_cluster_silent_seconds {two}"]


def test_a_cluster_that_nobody_runs_or_that_is_silent_is_none(client: Client) -> None:
    tell("gpu", "gpu-1")
    tell("gpu", "gpu-2")
    tell("default", "queue-1", age_seconds=90)

    found = figures(read(client))

    assert [found[f"getimg_clusters_up {name}"] for name in ("gpu", "default", "training")] == [2, 0, 0]


def test_of_a_host_that_was_taken_away_nothing_is_told_after_a_day(client: Client) -> None:
    tell("gpu", "gpu-1", age_seconds=2 * 86400)

    assert "gpu-1" not in read(client)


def test_pictures_and_failures_are_told_by_the_host_that_drew(client: Client) -> None:
    user = make_person()
    for host, status, stored in (
        ("gpu-1", Job.Status.FINISHED, 2),
        ("gpu-1", Job.Status.FINISHED, 1),
        ("gpu-1", Job.Status.FAILED, 0),
        ("gpu-2", Job.Status.FINISHED, 1),
    ):
        ended = submit(user, num_images=2)
        claim(f"{host}:gpu:{stored}")
        lifecycle.fail(ended, 1, code="timeout", message="")
        Job.objects.filter(pk=ended.pk).update(status=status, images_stored=stored)

    found = figures(read(client))

    names = ("pictures_last_hour gpu gpu-1", "failed_last_hour gpu gpu-1", "pictures_last_hour gpu gpu-2")
    assert [found[f"getimg_cluster_{name}"] for name in names] == [3, 1, 1]


def test_a_supervisor_has_one_row_and_takes_it_away_when_it_is_told_to_stop() -> None:
    cluster_life.report("gpu", restarts=0)
    cluster_life.report("gpu", restarts=1)
    cluster_life.report("training", restarts=0)

    (row,) = ClusterReport.objects.filter(cluster="gpu")
    assert row.restarts == 1
    assert row.memory_bytes > 10_000_000
    assert row.disk_free_bytes > 0

    cluster_life.leave("gpu")

    assert [row.cluster for row in ClusterReport.objects.all()] == ["training"]
