"""Serve the event streams of the API: `manage.py events`."""

from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand

from generation.api.event_stream import application


class Command(BaseCommand):
    help = "Keep the streams of /v1/diffusions/<id>/events, on EVENTS_PORT."

    def handle(self, *args: Any, **options: Any) -> None:
        uvicorn.run(
            application,
            host=settings.WEB_BIND,
            port=settings.EVENTS_PORT,
            lifespan="on",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            # A few more than there may be streams: those who are told that there are too many.
            limit_concurrency=settings.EVENTS_STREAMS_MAX + 100,
            timeout_graceful_shutdown=1,
        )
