"""Get a fresh copy ready to serve: tables, static files, a demo user and an admin. Safe to run at every start."""

import hashlib
import secrets
import socket
from pathlib import Path
from typing import Any

import django
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from billing import grants

DEMO_EMAIL = "demo@example.com"
ADMIN_EMAIL = "admin@example.com"


class Command(BaseCommand):
    help = "Migrate, collect static files, and make a demo user and an admin at the first start."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("quickstart is for one's own computer; see docs/operations.md for production.")
        _refuse_taken_ports()
        call_command("migrate", verbosity=0)
        _collect_static()
        self._welcome(DEMO_EMAIL, "Demo", is_operator=False)
        self._welcome(ADMIN_EMAIL, "Admin", is_operator=True)

    def _welcome(self, email: str, name: str, *, is_operator: bool) -> None:
        if User.objects.filter(email=email).exists():
            return
        password = secrets.token_urlsafe(9)
        user = User.objects.create_user(
            email, password, display_name=name, is_staff=is_operator, is_superuser=is_operator
        )
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        grants.start_monthly_credits(user)
        self.stdout.write(f"{name}: {email}  password: {password}   (shown this once)")


def _refuse_taken_ports() -> None:
    """Say which port another program has before anything starts: one process that cannot listen ends them all."""
    for name, port in (("PORT", settings.PORT), ("EVENTS_PORT", settings.EVENTS_PORT)):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((settings.WEB_BIND, port))
            except OSError as error:
                raise CommandError(
                    f"{name}: {settings.WEB_BIND}:{port} cannot be listened on ({error.strerror}). Choose another PORT;"
                    " the one after it is for the event streams: make run PORT=8010"
                ) from error


def _collect_static() -> None:
    """Collect static files unless nothing changed: compressing them takes seconds of every start."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    state = _static_state()
    if stamp.is_file() and stamp.read_text() == state:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(state)


def _static_state() -> str:
    digest = hashlib.sha256(f"{django.__version__} {settings.STORAGES['staticfiles']['BACKEND']}".encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = Path(storage.path(name)).stat()
            digest.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
