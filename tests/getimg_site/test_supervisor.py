"""The supervisor with a real cluster: whatever ends, stops or goes deaf, runs are drawn again."""

import os
import signal
import socket
import time
import uuid
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.core.cache import cache
from django.utils import timezone
from django_q.models import OrmQ

from generation.models import Job
from getimg_site import cluster_life
from getimg_site.models import ClusterReport, WorkerTime
from tests.flows.clusters import GpuCluster, gpu_cluster, wait_for, wait_until_ended, wait_until_running
from tests.generation.runs import claim, make_person, submit

Status = Job.Status
# What `manage.py supervise gpu` does on a host with folders of its own, but that it need not wait for an hour.
_TIDIES_AT_ONCE = """
import pathlib, sys, django
django.setup()
from django.conf import settings
from getimg_site import supervisor
settings.SCRATCH_DIR, settings.TRAININGS_DIR = map(pathlib.Path, sys.argv[1:])
supervisor._TIDY_SECONDS = 0.0
supervisor.Supervisor("gpu").run()
"""
# The same, where from SIGUSR1 on no file is opened any more, a pipe to another process included.
_RUNS_OUT_OF_FILES = """
import os, resource, signal, django
django.setup()
from getimg_site import supervisor
supervisor._TIDY_SECONDS = 0.0

def run_out(*_):
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))

signal.signal(signal.SIGUSR1, run_out)
supervisor.Supervisor("gpu").run()
"""


def test_a_cluster_is_whole_again_after_any_of_its_processes_was_killed(
    child_environment: dict[str, str], tmp_path: Path
) -> None:
    user = make_person()
    with gpu_cluster(child_environment, tmp_path, ENGINE_NOOP_SECONDS="0") as cluster:
        for role in ("worker", "monitor", "pusher", "sentinel", "main"):
            cluster.await_member("engine")
            main = cluster.pid_of("main")
            cluster.kill(role)
            cluster.await_member("main", other_than=main)
            assert wait_until_ended(submit(user, prompt=role)).status == Status.FINISHED
        assert cluster.supervisor.poll() is None
        # Each of them was whole: nobody waits before the next is started.
        assert cluster.text().count("failed_starts=0") == 5


def test_a_cluster_says_that_it_lives(child_environment: dict[str, str], tmp_path: Path) -> None:
    cache.clear()
    assert cluster_life.living() == frozenset()
    with gpu_cluster(child_environment, tmp_path, ENGINE_NOOP_SECONDS="0", GPU_WORKERS="2") as cluster:
        wait_for(lambda: cluster_life.living() == {"gpu"}, "the cluster's sign of life")
        seen_at = time.monotonic()
        time.sleep(1)
        wait_for(ClusterReport.objects.exists, "the supervisor's report")
        report = ClusterReport.objects.get()
        assert (report.host, report.cluster, report.restarts) == (socket.gethostname(), "gpu", 0)
        assert report.memory_bytes > 50_000_000

        cluster.supervisor.terminate()

        assert cluster.supervisor.wait(60) == 0
        assert not ClusterReport.objects.exists()
    # Two workers' time, written down at the end at the latest.
    counted = WorkerTime.objects.get()
    assert (counted.cluster, counted.host) == ("gpu", socket.gethostname())
    assert 2 <= counted.seconds < 2 * (time.monotonic() - seen_at + 10)


def test_an_engine_that_dies_idle_is_replaced_before_anybody_asks(
    child_environment: dict[str, str], tmp_path: Path
) -> None:
    with gpu_cluster(child_environment, tmp_path, JOB_LEASE_SECONDS="1") as cluster:
        worker = cluster.await_member("worker")
        _await_idle(cluster)
        killed = cluster.kill("engine")

        cluster.await_member("engine", other_than=killed)

        assert cluster.pid_of("worker") == worker


def test_each_host_removes_what_was_left_on_its_own_disk(child_environment: dict[str, str], tmp_path: Path) -> None:
    scratch, trainings = tmp_path / "scratch", tmp_path / "trainings"
    dead, alive, copy = scratch / "a-dead-run", scratch / "a-run", scratch / f"lora-{'0' * 64}"
    training = trainings / uuid.uuid4().hex
    for folder in (dead, alive, copy, training):
        folder.mkdir(parents=True)
    for folder in (dead, training):
        os.utime(folder, (time.time() - 25 * 3600,) * 2)
    program = ("-c", _TIDIES_AT_ONCE, str(scratch), str(trainings))
    with gpu_cluster(child_environment, tmp_path, program=program, ENGINE_NOOP_SECONDS="0"):
        wait_for(lambda: not any(map(Path.exists, (dead, copy, training))), "the host's tidying", 60)

        assert alive.exists()


def test_a_host_that_can_start_no_process_to_tidy_keeps_its_cluster(
    child_environment: dict[str, str], tmp_path: Path
) -> None:
    with gpu_cluster(
        child_environment, tmp_path, program=("-c", _RUNS_OUT_OF_FILES), ENGINE_NOOP_SECONDS="0"
    ) as cluster:
        _await_idle(cluster)
        main = cluster.pid_of("main")

        cluster.supervisor.send_signal(signal.SIGUSR1)
        wait_for(lambda: "Too many open files" in cluster.text(), "a process that cannot be started")
        time.sleep(3 * cluster_life.BEAT_SECONDS)

        assert cluster.supervisor.poll() is None
        assert cluster.pid_of("main") == main


@pytest.mark.long
def test_a_deaf_cluster_is_replaced(child_environment: dict[str, str], tmp_path: Path) -> None:
    with gpu_cluster(child_environment, tmp_path, ENGINE_NOOP_SECONDS="0") as cluster:
        _await_idle(cluster)
        pusher = cluster.await_member("pusher")
        # It is there, and hears nothing any more.
        os.kill(pusher, signal.SIGSTOP)
        job = submit(make_person())

        assert wait_until_ended(job).status == Status.FINISHED

        assert cluster.await_member("pusher") != pusher
        assert "deaf" in cluster.text()


def test_runs_whose_worker_or_ring_was_lost_are_found(child_environment: dict[str, str], tmp_path: Path) -> None:
    user = make_person()
    lost = submit(user, prompt="its worker is gone")
    claim("a worker that is gone")
    Job.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    unheard = submit(user, prompt="its ring is gone")
    with gpu_cluster(child_environment, tmp_path, ENGINE_NOOP_SECONDS="0") as cluster:
        _await_idle(cluster)
        assert wait_until_ended(lost).attempt == 2
        wait_until_ended(unheard)
        late = submit(user, prompt="its ring is gone too")
        OrmQ.objects.all().delete()

        assert wait_until_ended(late).status == Status.FINISHED


@pytest.mark.long
def test_sigterm_ends_every_process_and_sends_the_run_in_hand_back(
    child_environment: dict[str, str], tmp_path: Path
) -> None:
    job = submit(make_person(), steps=100)
    # A lease that would outlast the test: it must not be what brings the run back.
    with gpu_cluster(
        child_environment, tmp_path, ENGINE_NOOP_SECONDS="600", JOB_LEASE_SECONDS="600", JOB_DEADLINE_SECONDS="86400"
    ) as cluster:
        wait_until_running(job)
        members = _everybody(cluster)

        cluster.supervisor.terminate()

        assert cluster.supervisor.wait(60) == 0
        assert not any(_lives(process) for process in members)
        assert Job.objects.get().status == Status.NEW


def test_a_cluster_ends_with_its_supervisor(child_environment: dict[str, str], tmp_path: Path) -> None:
    with gpu_cluster(child_environment, tmp_path) as cluster:
        _await_idle(cluster)
        members = _everybody(cluster)

        cluster.supervisor.kill()

        wait_for(lambda: not any(_lives(process) for process in members), "the end of the cluster")


def _await_idle(cluster: GpuCluster) -> None:
    """Wait until the first ring has been answered: the engine is warm and nothing is asked of it."""
    cluster.await_member("engine")
    wait_for(lambda: "engine started" in cluster.text() and not OrmQ.objects.exists(), "an idle cluster")


def _everybody(cluster: GpuCluster) -> list[psutil.Process]:
    members = [process for processes in cluster.members().values() for process in processes]
    assert len(members) == 6
    return members


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
