"""The time of workers: every host's is added to its own row, and the days are sums over all hosts."""

import time
from datetime import UTC, date, datetime

import pytest
import time_machine

from getimg_site import worker_time
from getimg_site.models import WorkerTime

pytestmark = pytest.mark.django_db

LATE = datetime(2027, 3, 14, 23, 59, tzinfo=UTC)


def test_hosts_add_up_and_clusters_do_not() -> None:
    assert worker_time.counted_since("gpu") is None
    with time_machine.travel(LATE, tick=False):
        worker_time.add("gpu", "one", 60)
        worker_time.add("gpu", "two", 30)
        worker_time.add("training", "one", 5)
    with time_machine.travel(LATE.replace(day=15), tick=False):
        worker_time.add("gpu", "one", 60)
        worker_time.add("gpu", "one", 60)
    assert worker_time.by_day("gpu", date(2027, 3, 14)) == {date(2027, 3, 14): 90, date(2027, 3, 15): 120}
    assert worker_time.by_day("gpu", date(2027, 3, 15)) == {date(2027, 3, 15): 120}
    assert worker_time.counted_since("gpu") == date(2027, 3, 14)
    assert WorkerTime.objects.count() == 4


def test_time_counts_once_and_only_while_the_cluster_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = worker_time.Watch("gpu")
    watch.write(2)
    assert not WorkerTime.objects.exists()

    watch.run()
    assert not watch.is_due()
    monkeypatch.setattr(worker_time, "WRITE_SECONDS", 0.05)
    time.sleep(0.1)
    assert watch.is_due()
    watch.write(2)
    watch.write(2)
    watch.stop()
    time.sleep(0.3)
    watch.write(2)

    assert 0.2 <= WorkerTime.objects.get().seconds < 0.6
