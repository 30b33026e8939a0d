import time

import pytest
from django.core.cache import cache

from generation import doorbell
from getimg_site import cluster_life


def test_a_cluster_that_fell_silent_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    cluster_life.beat(doorbell.TRAINING_CLUSTER)
    monkeypatch.setattr(cluster_life, "_SILENT_SECONDS", 0.05)
    cluster_life.beat(doorbell.CLUSTER)
    time.sleep(0.1)

    assert cluster_life.living() == {doorbell.TRAINING_CLUSTER}
