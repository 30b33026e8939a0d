"""How the web process runs (gunicorn reads this file).

Threads, because a request waits for the database more than it computes; two processes, because one
restarts while the other serves.
"""

import os
import select
import shutil
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "getimg_site.settings")

from django.conf import settings
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from getimg_site import logging


class Worker(ThreadWorker):
    """Takes in who has come and closes its port as soon as it is told to stop, not once its last request is answered.

    Until then the system would go on accepting connections for it, and reset them in the end: a balancer has sent its
    request by then, and may not send it to another host.
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        for listener in self.sockets:
            while listener.fileno() >= 0 and select.select([listener], [], [], 0)[0]:
                self.accept(listener)
            listener.close()


bind = f"{settings.WEB_BIND}:{settings.PORT}"
worker_class = Worker
workers = settings.WEB_PROCESSES
threads = settings.WEB_THREADS
timeout = 60
graceful_timeout = 20
keepalive = 30
max_requests = 100_000
max_requests_jitter = 10_000
# The heartbeat file belongs in memory: on a busy disk a write can take longer than the timeout.
_SHARED_MEMORY = "/dev/shm"  # noqa: S108
worker_tmp_dir = _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else None
loglevel = "warning"
forwarded_allow_ips = "*" if settings.TRUSTED_PROXY_COUNT else "127.0.0.1"


class SiteLogger(Logger):
    """Write gunicorn's own lines as the site's. `logconfig_dict` does so too, but logs each visitor's address."""

    def setup(self, cfg: Config) -> None:
        """Give what gunicorn set up the site's form."""
        super().setup(cfg)
        form = settings.LOGGING["handlers"]["console"]["formatter"]
        for handler in self.error_log.handlers:
            handler.setFormatter(logging.FORMATS[form]())


logger_class = SiteLogger

if settings.METRICS_TOKEN:
    # Where the processes count together (prometheus_client reads the name when it is imported); begun anew each time.
    _counts = settings.DATA_DIR / "run" / "metrics"
    shutil.rmtree(_counts, ignore_errors=True)
    _counts.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_counts)


def child_exit(_server: Any, worker: Any) -> None:
    """Let go of what a process that has ended measured of the moment; what it counted stays."""
    if settings.METRICS_TOKEN:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
