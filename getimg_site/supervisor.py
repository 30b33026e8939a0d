"""Keeps one queue cluster alive and progressing, and runs the reaper.

django-q2 restarts its own children, but a child that dies by SIGKILL may take the lock of the
in-memory queue with it, and the cluster then looks healthy and runs nothing (upstream issue 23). So the
whole group is started anew whenever one of its processes is gone, and whenever tasks wait while it is
idle. The reaper runs here because a deaf cluster runs no schedules.

The cluster is forked, not started from nothing: all that it needs is imported here, so a new one is at
work within a tenth of a second instead of one or more. That is safe because this process has one
thread, keeps no connection over the fork and never loads torch. In the same way it begins the process that tidies this
host each hour: a task would run on whichever host took it.
"""

import ctypes
import logging
import multiprocessing
import os
import select
import signal
import socket
import sys
import time
import uuid
from collections.abc import Callable, Iterable
from multiprocessing.process import BaseProcess

import psutil
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, connections
from django_q.brokers import get_broker
from django_q.cluster import Cluster as QueueCluster
from django_q.conf import Conf
from redis import RedisError

import generation.tasks  # imported here once, so that no worker has to
from generation import doorbell, lifecycle
from getimg_site import cluster_life, pulse
from getimg_site.worker_time import Watch

logger = logging.getLogger(__name__)

_WATCH_SECONDS = 0.1
_REAP_SECONDS = 1.0
_START_SECONDS = 30.0
# Tasks that wait this long at a cluster that is idle mean that it does not hear.
_DEAF_SECONDS = 10.0
_PAUSE_MAX_SECONDS = 10.0
_TIDY_SECONDS = 3600.0
_PR_SET_PDEATHSIG = 1


class Cluster:
    """One `qcluster` in a process group of its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.worker_name = f"{socket.gethostname()}:{name}:{uuid.uuid4().hex[:8]}"
        pulse.clear()
        self.process = _fork(_be_cluster, self.worker_name, os.getpid())
        self.started_at = time.monotonic()
        # Its processes by a descriptor of each, which can be read once it has ended.
        self._crew: dict[int, int] = {}
        self._ends = select.poll()

    @property
    def is_complete(self) -> bool:
        """Whether every process of the cluster was seen alive."""
        return bool(self._crew)

    def muster(self) -> None:
        """Note the cluster's processes once all are there: main, sentinel, workers, monitor, pusher."""
        try:
            sentinels = psutil.Process(self.process.pid).children()
            crew = [child for sentinel in sentinels for child in sentinel.children()]
            if len(sentinels) == 1 and len(crew) >= Conf.WORKERS + 2:
                self._watch_ends((*sentinels, *crew))
        except (psutil.NoSuchProcess, ProcessLookupError):
            self._forget_crew()  # one ended between two looks

    def missing(self) -> str:
        """Say which process is gone, or nothing."""
        if not self.process.is_alive():
            return f"main process ended with {self.process.exitcode}"
        if not self.is_complete:
            return "did not start in time" if time.monotonic() - self.started_at > _START_SECONDS else ""
        gone = self._ends.poll(0)
        return f"process {self._crew[gone[0][0]]} is gone" if gone else ""

    def stop(self) -> None:
        """End the cluster, gracefully first: the group would hang on SIGTERM, the main process does not."""
        if self.process.is_alive():
            self.process.terminate()
            self.process.join(settings.STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End every process of the group at once, orphans too."""
        self.process.kill()  # it may not have a group yet
        try:
            os.killpg(self._group, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.join()
        self._forget_crew()

    def _watch_ends(self, processes: Iterable[psutil.Process]) -> None:
        for process in processes:
            descriptor = os.pidfd_open(process.pid)
            self._crew[descriptor] = process.pid
            self._ends.register(descriptor, select.POLLIN)
            if not process.is_running():
                raise psutil.NoSuchProcess(process.pid)  # its number may be another's by now

    def _forget_crew(self) -> None:
        for descriptor in self._crew:
            self._ends.unregister(descriptor)
            os.close(descriptor)
        self._crew.clear()

    @property
    def _group(self) -> int:
        assert self.process.pid is not None
        return self.process.pid


class Supervisor:
    """Watches one cluster until it is told to stop."""

    def __init__(self, cluster_name: str) -> None:
        self.cluster_name = cluster_name
        self.broker = get_broker(cluster_name)
        self.cluster: Cluster | None = None
        self._failed_starts = 0
        self._stopping = False
        self._waiting_since: float | None = None
        self._reaped_at = 0.0
        self._beat_at = -cluster_life.BEAT_SECONDS
        self._reported_at = -cluster_life.REPORT_SECONDS
        self._tidied_at = time.monotonic()
        self._tidying: BaseProcess | None = None
        self._restarts = 0
        self._time = Watch(cluster_name)

    def run(self) -> None:
        """Start the cluster and keep it going; returns after SIGTERM or SIGINT."""
        _read_queue_settings_for(self.cluster_name)
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        signal.signal(signal.SIGINT, self._ask_to_stop)
        self._start()
        try:
            while not self._stopping:
                time.sleep(_WATCH_SECONDS)
                self._watch()
        finally:
            if self.cluster:
                self.cluster.stop()
                self._guarded(self._bring_back_jobs)
                self._guarded(lambda: cluster_life.leave(self.cluster_name))
                self._guarded(self._write_time)

    def _ask_to_stop(self, *_: object) -> None:
        self._stopping = True

    def _start(self) -> None:
        self.cluster = Cluster(self.cluster_name)
        self._waiting_since = None
        # The first ring warms the engine, so that the first person does not wait for it.
        self._guarded(self._ring)
        logger.info("cluster started", extra={"cluster": self.cluster_name, "worker": self.cluster.worker_name})

    def _watch(self) -> None:
        assert self.cluster is not None
        if not self.cluster.is_complete:
            self.cluster.muster()
        trouble = self.cluster.missing()
        if not trouble and time.monotonic() - self._reaped_at > _REAP_SECONDS:
            self._reaped_at = time.monotonic()
            self._guarded(self._reap)
            trouble = "deaf: tasks wait and none is taken" if self._guarded(self._is_deaf) else ""
        if trouble:
            self._restart(trouble)
        elif self.cluster.is_complete and time.monotonic() - self._beat_at > cluster_life.BEAT_SECONDS:
            self._beat_at = time.monotonic()
            self._time.run()
            self._guarded(self._beat)
            if self._time.is_due():
                self._guarded(self._write_time)
            self._guarded(self._tidy_when_due)

    def _tidy_when_due(self) -> bool:
        """Begin the process that tidies this host, unless the last one is still at it."""
        is_at_it = self._tidying is not None and self._tidying.is_alive()  # asked at each beat: it is reaped by that
        if not is_at_it and time.monotonic() - self._tidied_at > _TIDY_SECONDS:
            self._tidied_at = time.monotonic()
            self._tidying = _fork(_tidy, os.getpid(), daemon=True)
        return True

    def _restart(self, trouble: str) -> None:
        assert self.cluster is not None
        # One that never came up would only be started over and over: wait longer each time.
        self._failed_starts = 0 if self.cluster.is_complete else self._failed_starts + 1
        facts = {"cluster": self.cluster_name, "trouble": trouble, "failed_starts": self._failed_starts}
        logger.error("cluster restarts", extra=facts)
        self.cluster.kill()
        self._restarts += 1
        self._guarded(self._bring_back_jobs)
        self._guarded(self._write_time)
        self._time.stop()
        time.sleep(min(_PAUSE_MAX_SECONDS, 0.5 * self._failed_starts))
        self._start()

    def _bring_back_jobs(self) -> bool:
        """What the dead cluster had in hand need not wait for its lease to run out."""
        assert self.cluster is not None
        return bool(lifecycle.abandon(self.cluster.worker_name))

    def _beat(self) -> bool:
        cluster_life.beat(self.cluster_name)
        if time.monotonic() - self._reported_at > cluster_life.REPORT_SECONDS:
            self._reported_at = time.monotonic()
            cluster_life.report(self.cluster_name, restarts=self._restarts)
        return True

    def _write_time(self) -> bool:
        return self._time.write(Conf.WORKERS)

    def _ring(self) -> bool:
        if self.cluster_name in (doorbell.CLUSTER, doorbell.TRAINING_CLUSTER):
            doorbell.ring(self.cluster_name)
        return True

    def _reap(self) -> bool:
        """Bring lost jobs back, and ring again for those whose ring was lost."""
        lost = lifecycle.reap()
        if self.cluster_name == doorbell.TRAINING_CLUSTER:
            if lifecycle.training_overdue() and self.broker.queue_size() == 0:
                doorbell.ring(doorbell.TRAINING_CLUSTER)
            return True
        if lost or (lifecycle.overdue() and self.broker.queue_size() == 0):
            doorbell.ring()
        return True

    def _is_deaf(self) -> bool:
        assert self.cluster is not None
        sign = pulse.read()
        if self.broker.queue_size() == 0 or (sign and sign.is_busy):
            self._waiting_since = None
            return False
        now = time.time()
        self._waiting_since = self._waiting_since or now
        last_sign = max(self._waiting_since, sign.at if sign else 0.0)
        return self.cluster.is_complete and now - last_sign > _DEAF_SECONDS

    def _guarded(self, look: Callable[[], bool]) -> bool:
        """Run a look at the database or the queue; while it is away, the watch goes on without."""
        try:
            close_old_connections()
            return look()
        except (DatabaseError, RedisError, OSError) as error:
            logger.warning("supervisor cannot look", extra={"cluster": self.cluster_name, "error": repr(error)})
            connection.close()
            return False


def _read_queue_settings_for(cluster_name: str) -> None:
    """Begin this process anew where need be: the queue reads its settings once, for the cluster named here."""
    if cluster_name != Conf.CLUSTER_NAME:
        os.environ["Q_CLUSTER_NAME"] = cluster_name
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - the same command line


def _fork(work: Callable[..., None], *arguments: object, daemon: bool = False) -> BaseProcess:
    """Start a process that has all that was imported here. A daemon is ended with this one, and starts none itself."""
    connections.close_all()  # of two processes with one connection, each would read the other's answers
    process = multiprocessing.get_context("fork").Process(target=work, args=arguments, daemon=daemon)
    process.start()
    return process


def _be_cluster(worker_name: str, supervisor_pid: int) -> None:
    """Become the main process of a cluster; leaving this function waits for its sentinel."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.setsid()
    _end_with(supervisor_pid)
    settings.WORKER_NAME = worker_name
    QueueCluster().start()


def _tidy(supervisor_pid: int) -> None:
    """Tidy this host."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _end_with(supervisor_pid)
    generation.tasks.tidy_host()


def _end_with(supervisor_pid: int) -> None:
    """Ask the kernel to end this process should the supervisor die (Linux)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != supervisor_pid:
        os._exit(1)  # it died before the line above took hold
