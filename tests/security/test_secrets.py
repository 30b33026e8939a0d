"""Secrets are planted and everything is provoked that might tell them: logs, error pages, exports, dumps, the admin."""

import io
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from allauth.usersessions.models import UserSession
from django.conf import LazySettings, settings
from django.contrib import admin
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path, reverse

from accounts.models import User
from generation import export_file
from getimg_site.logging import JsonFormatter, LineFormatter
from tests.generation.api.calling import PROMPT
from tests.rules.tree import ROOT, variables_read
from tests.security.belongings import Belongings, make_belongings

pytestmark = pytest.mark.django_db

# In every secret of the operator's that is planted, and in the person's password.
PLANTED = "geheimnis"
# The inventory in docs/security.md, by how it is planted; `ELSEWHERE` names what the site keeps under other names.
PLAIN = "SECRET_KEY LICENCE_SIGNING_KEY STRIPE_SECRET_KEY EMAIL_HOST_PASSWORD PROMPT_WRITER_KEY METRICS_TOKEN"
LISTS = "SECRET_KEY_FALLBACKS SEALING_KEYS STRIPE_WEBHOOK_SECRETS"
ELSEWHERE = """
    DATABASE_URL REDIS_URL SENTRY_DSN S3_ACCESS_KEY S3_SECRET_KEY GOOGLE_CLIENT_SECRET GITHUB_CLIENT_SECRET
    C2PA_PRIVATE_KEY
"""
# What stands beside the secrets there and is none.
PUBLIC = {"LICENCE_OLD_PUBLIC_KEYS", "C2PA_CERTIFICATE", "C2PA_OLD_CERTIFICATES"}
PASSWORD = f"{PLANTED} horse battery"
CLOSED_PORT = 9
# Whose rows are sessions: what stands in them opens an account, and a dump leaves them out (docs/security.md).
LEFT_OUT = ["sessions", "usersessions"]


def broken(request: HttpRequest) -> HttpResponse:
    """Break with every secret at hand."""
    key, cookie, password = settings.SECRET_KEY, request.COOKIES, request.POST.get("password")
    raise RuntimeError(f"it broke with {len((key, cookie, password))} secrets in reach")


urlpatterns = [path("broken/", broken), path("", include("getimg_site.urls"))]


@dataclass
class Told:
    """What came out: log lines in both forms, answers' bodies."""

    lines: io.StringIO = field(default_factory=io.StringIO)
    objects: io.StringIO = field(default_factory=io.StringIO)
    answers: list[str] = field(default_factory=list)


@pytest.fixture
def told() -> Iterator[Told]:
    kept = Told()
    handlers = [logging.StreamHandler(kept.lines), logging.StreamHandler(kept.objects)]
    for handler, formatter in zip(handlers, (LineFormatter(), JsonFormatter()), strict=True):
        handler.setFormatter(formatter)
        logging.getLogger().addHandler(handler)
    yield kept
    for handler in handlers:
        logging.getLogger().removeHandler(handler)


@pytest.fixture
def planted(settings: LazySettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Belongings:
    """Return somebody who has one of everything, on a site whose secrets are known here."""
    for name in PLAIN.split():
        setattr(settings, name, f"{PLANTED} of {name}".ljust(60, "x"))
    for name in LISTS.split():
        setattr(settings, name, [f"{PLANTED} of {name}".ljust(60, "x")])
    settings.STRIPE_API_BASE = settings.PROMPT_WRITER_URL = f"http://127.0.0.1:{CLOSED_PORT}"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_HOST_USER = "127.0.0.1", CLOSED_PORT, "getimg"
    settings.ROOT_URLCONF, settings.ACCOUNT_RATE_LIMITS = __name__, False
    made = make_belongings()
    # Where the site keeps what it reads from the other names of the inventory.
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", f"{PLANTED} of DATABASE_URL")
    settings.DATABASE_URL = f"postgres://getimg:{PLANTED}@127.0.0.1:{CLOSED_PORT}/getimg"
    settings.REDIS_URL = f"redis://:{PLANTED}@127.0.0.1:{CLOSED_PORT}/0"
    settings.SENTRY_DSN = f"https://{PLANTED}@127.0.0.1:{CLOSED_PORT}/1"
    keys = {"access_key": f"{PLANTED} of S3_ACCESS_KEY", "secret_key": f"{PLANTED} of S3_SECRET_KEY"}
    bucket = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": keys}
    settings.STORAGES = {**settings.STORAGES, "bucket": bucket}
    settings.SOCIALACCOUNT_PROVIDERS = {
        name: {"APPS": [{"client_id": "getimg", "secret": f"{PLANTED} of {name.upper()}_CLIENT_SECRET"}]}
        for name in ("google", "github")
    }
    pair = tmp_path / "certificate.pem", tmp_path / "key.pem"
    for file in pair:
        file.write_text(f"-----BEGIN PRIVATE KEY-----\n{PLANTED}\n-----END PRIVATE KEY-----\n")
    settings.C2PA_CERTIFICATE, settings.C2PA_PRIVATE_KEY = map(str, pair)
    made.owner.set_password(PASSWORD)
    made.owner.save()
    return made


def secrets_in(text: str, made: Belongings, *more: str) -> list[str]:
    """Return which secrets stand in a text."""
    return [secret for secret in (PLANTED, *made.secrets, *more) if secret in text]


def provoke(made: Belongings, told: Told, settings: LazySettings) -> str:
    """Do what succeeds and what fails with each secret; returns the key of the session that came of it."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    client = Client(raise_request_exception=False)
    login = {"login": made.owner.email, "password": PASSWORD}
    bearer, forged = f"Bearer {made.program.text}", f"Bearer {made.program.text[:-1]}~"
    answers: list[Any] = [client.post(reverse("account_login"), {**login, "password": f"{PLANTED} guess"})]
    answers += [client.post(reverse("account_signup"), {"email": "new@example.com", "password1": PASSWORD})]
    answers += [client.post(reverse("account_reset_password"), {"email": made.owner.email})]
    answers += [client.post(reverse("account_login"), login)]
    client.force_login(made.owner)  # the second factor is another test's
    answers += [client.post("/broken/", {"password": PASSWORD}, headers={"authorization": bearer})]
    answers += [client.post(reverse("generation:improve"), {"prompt": "a fox"})]
    answers += [client.post(reverse("billing:portal")), client.get(reverse("billing:settings"))]
    answers += [client.post("/v1/diffusions", PROMPT, headers={"authorization": key}) for key in (bearer, forged)]
    answers += [client.post("/v1/diffusions", b"{", "application/json", headers={"authorization": bearer})]
    signed = {"stripe-signature": f"t=1,v1={PLANTED}"}
    answers += [client.post(reverse("stripe_webhook"), "{}", "application/json", headers=signed)]
    answers += [client.get("/metrics", headers={"authorization": f"Bearer {PLANTED}"}), client.get("/readyz")]
    told.answers += [answer.content.decode() + str(answer.headers) for answer in answers]
    assert 500 in [answer.status_code for answer in answers]
    return str(client.cookies["sessionid"].value)


def test_every_secret_of_the_inventory_is_planted() -> None:
    text = (ROOT / "docs" / "security.md").read_text().partition("## Keys and ciphers")[2].partition("\n## ")[0]
    inventory = set(re.findall(r"`([A-Z0-9_]+)`", text)) & variables_read()
    assert inventory - PUBLIC == {*PLAIN.split(), *LISTS.split(), *ELSEWHERE.split()}
    read = (ROOT / "getimg_site" / "settings.py").read_text()
    assert set(re.findall(r'env_secret\("(\w+)"', read)) <= inventory


def test_no_secret_is_logged_or_shown_whatever_breaks(planted: Belongings, told: Told, settings: LazySettings) -> None:
    session = provoke(planted, told, settings)

    lines, objects = told.lines.getvalue(), told.objects.getvalue()
    for text in (lines, objects, "".join(told.answers)):
        assert secrets_in(text, planted) == []
    assert session not in lines + objects
    assert "it broke with 3 secrets in reach" in lines
    assert "it broke" not in "".join(told.answers)
    assert any("it broke" in json.loads(line).get("traceback", "") for line in objects.splitlines())


def test_the_admin_shows_no_secret(planted: Belongings) -> None:
    session = "s" * 32
    facts = {"ip": "192.0.2.7", "user_agent": "A browser", "session_key": session}
    UserSession.objects.create(user=planted.owner, **facts)
    operator = Client()
    operator.force_login(User.objects.create_superuser("root@example.com", PASSWORD))

    shown, addresses = 0, 0
    for model in admin.site._registry:
        base, row = f"admin:{model._meta.app_label}_{model._meta.model_name}", model._default_manager.first()
        pages = [reverse(f"{base}_changelist"), *([reverse(f"{base}_change", args=[row.pk])] if row else [])]
        for page in pages:
            answer = operator.get(page)
            assert secrets_in(answer.content.decode(), planted, session) == [], page
            shown += answer.status_code == 200
            addresses += planted.owner.email in answer.content.decode()
    assert shown > 50
    assert addresses > 10
    found = operator.get(reverse("admin:usersessions_usersession_changelist"), {"q": planted.owner.email})
    assert "192.0.2.7" in found.content.decode()


def test_a_persons_export_and_a_dump_have_no_secret(planted: Belongings, tmp_path: Path) -> None:
    export_file.write(planted.owner, tmp_path / "all.zip", lambda *counts: None)
    archive = ZipFile(tmp_path / "all.zip")
    everything = b"".join(archive.read(name) for name in archive.namelist()).decode(errors="replace")
    assert planted.owner.email in everything
    assert secrets_in(everything, planted) == []

    dump = io.StringIO()
    call_command("dumpdata", exclude=LEFT_OUT, stdout=dump)
    assert planted.owner.email in dump.getvalue()
    assert secrets_in(dump.getvalue(), planted) == []
