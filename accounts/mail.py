"""How mail leaves where no mail server is set: into files, and onto the console for whoever tries the site out."""

import contextlib
import sys
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.console import EmailBackend as ConsoleBackend
from django.core.mail.backends.filebased import EmailBackend as FileBackend


class ConsoleAndFileBackend(BaseEmailBackend):
    """Write each mail to settings.EMAIL_FILE_PATH and, outside production, to the console.

    In production the console is a log that many may read; mails hold codes and addresses.
    """

    def __init__(self, fail_silently: bool = False, **options: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        stream = options.pop("stream", None) or sys.stdout
        self._backends: list[BaseEmailBackend] = [FileBackend(fail_silently=fail_silently, **options)]
        if not settings.PRODUCTION:
            self._backends.append(ConsoleBackend(fail_silently=fail_silently, stream=stream))

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Return how many mails were written."""
        messages = list(email_messages)
        written = self._backends[0].send_messages(messages) or 0
        for backend in self._backends[1:]:
            # A console that was closed must not stop a sign-up.
            with contextlib.suppress(OSError):
                backend.send_messages(messages)
        return written
