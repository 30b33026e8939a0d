"""The whole site in real processes whose commits meet a test's faults: gunicorn, the gpu and the default cluster.

What belongs here: starting, reviving and asking it. What does not: what people do there (`scenes`).
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil
from django.conf import settings
from django.utils import timezone
from django_q.tasks import async_task

from billing.models import DueNotice, StripeEvent
from generation.models import WebhookDelivery
from tests.billing.test_shop import counter
from tests.billing.test_shop.counter import OpenShop
from tests.flows.clusters import GpuCluster, gpu_cluster, wait_for
from tests.generation.receivers import Receiver
from tests.processes import free_port, tie_to_parent
from tests.reliability import faults
from tests.reliability.faults import Fault
from tests.rules.tree import ROOT

T = TypeVar("T")

CLUSTERS = ("gpu", "default")
# What the queue does each minute; here each time that somebody has waited so long.
_EACH_MINUTE = (
    "billing.tasks.sweep",
    "billing.tasks.process_events",
    "billing.tasks.top_up",
    "billing.tasks.send_notices",
    "generation.api.tasks.deliver",
)
_MINUTE_SECONDS = 2.0
_PATIENCE_SECONDS = 180.0
# One picture a pass: a run of several is stored picture by picture.
_PACE = {"BATCH_SIZE_MAX": "1", "ENGINE_NOOP_SECONDS": "0.15", "JOB_MAX_ATTEMPTS": "100"}


@dataclass
class BrokenSite:
    """Its processes, started again whenever one of them is gone, as systemd would."""

    environment: Mapping[str, str]
    folder: Path
    address: str
    shop: OpenShop
    box: Receiver
    _stack: ExitStack
    clusters: dict[str, GpuCluster] = field(default_factory=dict)
    _web: "subprocess.Popen[bytes] | None" = None

    def order(self, fault: Fault) -> None:
        """Let the next process that comes to its place meet the fault."""
        faults.order(self.folder, fault)

    @property
    def has_met_it(self) -> bool:
        """Whether the fault was met."""
        return faults.is_met(self.folder)

    def await_fault(self) -> None:
        """Wait until the fault was met. Fails where nobody comes there."""
        self.until(lambda: self.has_met_it, "somebody who meets the fault")

    def revive(self) -> None:
        """Start what has ended again."""
        if self._web is None or self._web.poll() is not None:
            self._web = self._stack.enter_context(_web(self.environment, self.folder))
        for name in CLUSTERS:
            cluster = self.clusters.get(name)
            if cluster is None or cluster.supervisor.poll() is not None:
                folder = self.folder / name
                folder.mkdir(exist_ok=True)
                self.clusters[name] = self._stack.enter_context(
                    gpu_cluster(self.environment, folder, name=name, **_PACE)
                )

    def until(self, look: Callable[[], T | None], what: str) -> T:
        """Return what `look` finds once it finds something, while the site is kept going."""
        minute = time.monotonic() + _MINUTE_SECONDS

        def again() -> T | None:
            nonlocal minute
            self.revive()
            if time.monotonic() > minute:
                self.pass_a_minute()
                minute = time.monotonic() + _MINUTE_SECONDS
            return look()

        return wait_for(again, what, _PATIENCE_SECONDS)

    def pass_a_minute(self) -> None:
        """Let the claims of those who died run out, and ring as the schedule does each minute."""
        now = timezone.now()
        WebhookDelivery.objects.filter(status=WebhookDelivery.Status.WAITING).update(due_at=now)
        StripeEvent.objects.filter(status=StripeEvent.Status.NEW).update(next_attempt_at=now)
        DueNotice.objects.update(due_at=now)
        for task in _EACH_MINUTE:
            async_task(task, cluster="default")

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send a request, again and again the same until there is an answer that is no error of the site's."""

        def answer() -> httpx.Response | None:
            try:
                response = httpx.request(method, f"{self.address}{path}", timeout=30, **request)
            except httpx.TransportError:
                return None
            return response if response.status_code < 500 else None

        return self.until(answer, f"an answer to {method} {path}")

    def kill(self, role: str) -> None:
        """Kill -9 a process of the gpu cluster, if it is there."""
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            for process in self.clusters["gpu"].members().get(role, [])[:1]:
                process.kill()

    def deliver_letters(self) -> None:
        """Have the shop carry what waits to the site, also what is put off."""
        self.shop.control("deliver", ahead_seconds=10**6)

    def text(self) -> str:
        """Return the end of what all of them printed."""
        logs = [self.folder / "web.log", *(self.folder / name / "supervisor.log" for name in CLUSTERS)]
        return "\n".join(f"--- {log}\n{log.read_text(errors='replace')[-4000:]}" for log in logs if log.exists())


@contextmanager
def broken_site(environment: Mapping[str, str], folder: Path, shop: OpenShop, box: Receiver) -> Iterator[BrokenSite]:
    """Start the site on the test's database, with a shop and a receiver of webhooks; end all of it."""
    port = free_port(1)
    own = {
        "DJANGO_SETTINGS_MODULE": "tests.reliability.faulty_settings",
        "FAULTS_FOLDER": str(folder),
        "PORT": str(port),
        "WEB_PROCESSES": "2",
        "WEB_THREADS": "2",
        "WEBHOOK_ALLOW_PRIVATE": "1",
        "STRIPE_SECRET_KEY": counter.KEY,
        "STRIPE_API_BASE": shop.url,
        "STRIPE_WEBHOOK_SECRETS": counter.HOOK_SECRET,
    }
    address = f"http://localhost:{port}"
    with ExitStack() as stack:
        site = BrokenSite({**environment, **own}, folder, address, shop, box, stack)
        site.revive()
        shop.tell(f"{address}/{settings.STRIPE_WEBHOOK_PATH}")
        site.ask("GET", "/readyz")
        site.clusters["gpu"].await_member("engine")
        yield site


@contextmanager
def _web(environment: Mapping[str, str], folder: Path) -> "Iterator[subprocess.Popen[bytes]]":
    command = [sys.executable, "-m", "gunicorn", "--config", "getimg_site/gunicorn.py", "getimg_site.wsgi"]
    with (folder / "web.log").open("ab") as log:
        web = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=log, preexec_fn=tie_to_parent(signal.SIGTERM)
        )
    try:
        yield web
    finally:
        with suppress(ProcessLookupError):
            os.kill(web.pid, signal.SIGTERM)
        web.wait()
