"""Redis as queue and cache, chosen by environment alone."""

import subprocess
import sys
from pathlib import Path

import pytest
import redis
from django_q.models import OrmQ

from generation import doorbell
from generation.models import Job
from tests.flows.clusters import gpu_cluster, wait_for, wait_until_ended
from tests.generation.runs import balance, make_person, submit
from tests.processes import free_port
from tests.rules.tree import ROOT

GPU_QUEUE = "django_q:gpu:q"


@pytest.fixture
def on_redis(child_environment: dict[str, str], redis_url: str) -> dict[str, str]:
    """Return the environment of a child that finds its queue and cache on an empty Redis."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    return {**child_environment, "REDIS_URL": redis_url}


def generate(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "generate", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180, check=False)


def test_a_run_goes_through_with_redis_as_queue_and_cache(
    on_redis: dict[str, str], redis_url: str, tmp_path: Path
) -> None:
    user = make_person(credits=10)
    with gpu_cluster(on_redis, tmp_path) as cluster, redis.Redis.from_url(redis_url) as client:
        cluster.await_member("engine")
        said = generate(on_redis, "a red fox", "--user", user.email, "--num-images", "2")

        assert said.returncode == 0, said.stderr
        paths = [Path(line.split("  ")[0]) for line in said.stdout.splitlines()]
        assert [path.read_bytes()[:4] for path in paths] == [b"\x89PNG"] * 2
        # Nothing went through the database's queue, and the cache holds what the queue says of itself.
        assert not OrmQ.objects.exists()
        wait_for(lambda: client.llen(GPU_QUEUE) == 0, "an empty queue")
        assert client.keys()
    assert balance(user) == 8


def test_a_run_whose_ring_redis_forgot_is_drawn_all_the_same(
    on_redis: dict[str, str], redis_url: str, tmp_path: Path
) -> None:
    user = make_person(credits=10)
    with gpu_cluster(on_redis, tmp_path) as cluster:
        cluster.await_member("engine")
        # This process's queue is the database's: nobody on Redis hears of the run but from the reaper.
        job = submit(user)
        OrmQ.objects.filter(key=doorbell.CLUSTER).delete()

        assert wait_until_ended(job).status == Job.Status.FINISHED


def test_a_run_is_accepted_while_redis_is_away(child_environment: dict[str, str]) -> None:
    user = make_person(credits=10)
    nobody_listens = {**child_environment, "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}

    said = generate(nobody_listens, "a red fox", "--user", user.email, "--timeout", "0.5")

    assert "Still waiting" in said.stderr
    assert Job.objects.get().status == Job.Status.NEW
    assert balance(user) == 9
