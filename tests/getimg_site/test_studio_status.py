import pytest
from django.conf import LazySettings
from django.core.cache import cache

from getimg_site import cluster_life, studio_status
from getimg_site.studio_status import Level

pytestmark = pytest.mark.django_db


def test_the_whole_is_as_bad_as_its_worst_part() -> None:
    cache.clear()
    assert studio_status.look().level == Level.BAD
    for cluster in cluster_life.CLUSTERS:
        cluster_life.beat(cluster)

    assert studio_status.look().level == Level.GOOD


def test_without_its_cache_nobody_claims_that_workers_are_gone(settings: LazySettings) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "getimg_site.shared_cache.ForgivingRedisCache", "LOCATION": "redis://127.0.0.1:1"}
    }
    now = studio_status.look()

    assert [part.name for part in now.parts if part.level != Level.GOOD] == ["Progress and limits"]
    assert now.level == Level.SLOW
