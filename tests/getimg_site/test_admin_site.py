"""What pages of the admin load: no more than 60 KiB of script, compressed as it travels, as on every page."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.staticfiles import finders
from django.db import models
from django.test import Client
from django.urls import reverse

from billing.models import Plan
from getimg_site.admin_site import LightAdmin
from tests.accounts.test_audited_admin import all_admins, made, open_request, operator
from tests.rules.test_script_bytes import BOUND

pytestmark = pytest.mark.django_db

_SCRIPT = re.compile(r'<script\b[^>]*\ssrc="/static/([^"?]+)')


def weight(page: str) -> int:
    """Return the bytes of every script of a page, each compressed by itself."""
    names = set(_SCRIPT.findall(page))
    assert names
    return sum(_size(name) for name in names)


def _size(name: str) -> int:
    path = finders.find(name)
    assert isinstance(path, str), name
    return len(gzip.compress(Path(path).read_bytes(), 9))


@pytest.mark.parametrize("model", all_admins())
def test_no_page_loads_more_script_than_the_bound(client: Client, model: type[models.Model]) -> None:
    model_admin = admin.site._registry[model]
    user = operator()
    client.force_login(user)
    name = f"admin:{model._meta.label_lower.replace('.', '_')}"
    request = open_request(user)
    paths = [reverse(f"{name}_changelist")]
    if model_admin.has_change_permission(request):
        paths.append(reverse(f"{name}_change", args=[made(model).pk]))
    if model_admin.has_add_permission(request):
        paths.append(reverse(f"{name}_add"))

    for path in paths:
        page = client.get(path)
        assert page.status_code == 200, path
        assert weight(page.content.decode()) <= BOUND, path


def test_what_prepopulates_is_loaded_where_a_field_is_prepopulated() -> None:
    class Slugs(LightAdmin):
        prepopulated_fields = {"slug": ("name",)}

    light, whole = LightAdmin(Plan, admin.site), Slugs(Plan, admin.site)

    assert "xregexp" not in str(light.media)
    assert {"xregexp", "urlify", "prepopulate"} <= set(re.findall(r"[a-z]+", str(whole.media)))
    assert weight(str(whole.media)) > BOUND
