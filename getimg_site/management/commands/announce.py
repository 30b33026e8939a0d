"""Print where the site is once it answers; then stay, because honcho ends everything when one process ends."""

import signal
import sys
import time
import urllib.error
import urllib.request
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

_PATIENCE_SECONDS = 120


class Command(BaseCommand):
    help = "Wait until the site answers, print its address, and stay."

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        if not _answers(f"http://{settings.WEB_BIND}:{settings.PORT}/healthz"):
            self.stderr.write(f"The site did not answer within {_PATIENCE_SECONDS} s; see the lines above.")
        else:
            self.stdout.write(f"{settings.SITE_NAME} is at {settings.SITE_URL}")
        self.stdout.flush()
        signal.pause()


def _answers(url: str) -> bool:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310  (our own address)
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False
