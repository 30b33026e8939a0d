"""How mail leaves where no mail server is set: into files, and onto the console for whoever tries the site out.

The files are there to be read by whoever runs the place. They go after KEPT_DAYS, and sooner when somebody whom they
name is erased: nobody carries them anywhere. The console is a log, and shows no address in full.
"""

import contextlib
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.filebased import EmailBackend as FileBackend
from django.utils import timezone

from accounts.addresses import masked

KEPT_DAYS = 7

_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]*\w")
_RULE = "-" * 79


class ConsoleAndFileBackend(BaseEmailBackend):
    """Write each mail to a file of its own in settings.EMAIL_FILE_PATH and, outside production, to the console."""

    def __init__(self, fail_silently: bool = False, **options: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self._stream = options.pop("stream", None) or sys.stdout
        self._options = {"fail_silently": fail_silently, **options}

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Return how many mails were written."""
        written = 0
        for mail in email_messages:
            written += _OneFile(**self._options).send_messages([mail]) or 0
            if not settings.PRODUCTION:
                # A console that was closed must not stop a sign-up.
                with contextlib.suppress(OSError):
                    self._stream.write(_shown(mail))
                    self._stream.flush()
        return written


def is_kept_here() -> bool:
    """Whether mails become files of this machine that nobody carries on."""
    return f"{__name__}.{ConsoleAndFileBackend.__name__}" == settings.EMAIL_BACKEND


def forget(address: str) -> int:
    """Remove the kept mails that name an address, to whomever they went; returns how many."""
    return sum(_remove(path) for path in _kept() if _names(path, address.lower()))


def forget_old(now: datetime | None = None) -> int:
    """Remove the mails that were kept for KEPT_DAYS; returns how many."""
    before = ((now or timezone.now()) - timedelta(days=KEPT_DAYS)).timestamp()
    return sum(_remove(path) for path in _kept() if path.stat().st_mtime < before)


class _OneFile(FileBackend):
    """Django's names a file by the second and an object's address in memory: two mails may share one."""

    _fname: str | None

    def _get_filename(self) -> str:
        if self._fname is None:
            self._fname = str(Path(self.file_path) / f"{timezone.now():%Y%m%d-%H%M%S}-{uuid4().hex}.log")
        return self._fname


def _shown(mail: EmailMessage) -> str:
    lines = [_RULE, f"To: {', '.join(mail.recipients())}", f"Subject: {mail.subject}", "", str(mail.body), _RULE, ""]
    return _ADDRESS.sub(lambda found: masked(found[0]), "\n".join(lines))


def _kept() -> Iterator[Path]:
    folder = Path(settings.EMAIL_FILE_PATH)
    return (path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else iter(())


def _names(path: Path, address: str) -> bool:
    try:
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    except FileNotFoundError:
        return False
    parts = [part for part in mail.walk() if part.get_content_maintype() == "text"]
    texts = [*(str(value) for _, value in mail.items()), *(str(part.get_content()) for part in parts)]
    return any(address in text.lower() for text in texts)


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False  # another process was faster
    return True
