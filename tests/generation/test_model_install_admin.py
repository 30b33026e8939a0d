"""Operators ask for models in the admin, and read how far they are."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import AuditLine, User
from generation import model_installs
from generation.models import ModelInstall
from tests.factories import make_user
from tests.generation.brought_models import MODEL, bring
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def sources(settings: LazySettings, tmp_path: Path) -> Path:
    """Return the folder of a model that can be copied."""
    return bring(settings, tmp_path)


LIST, ADD = "/admin/generation/modelinstall/", "/admin/generation/modelinstall/add/"


def test_an_operator_asks_for_one_in_the_admin(sources: Path) -> None:
    operator = visitor(make_user(is_staff=True, is_superuser=True))
    assert MODEL.licence.url in words(operator.get(ADD))
    facts = {"model": MODEL.slug, "place": "brought"}
    assert operator.post(ADD, facts).status_code == 200, "the licence was not read"
    assert operator.post(ADD, {**facts, "place": "../..", "has_read_licence": "on"}).status_code == 200
    assert not ModelInstall.objects.exists()

    assert "The files come." in words(operator.post(ADD, {**facts, "has_read_licence": "on"}, follow=True))

    made = ModelInstall.objects.get()
    assert (made.slug, made.folder, made.is_open) == (MODEL.slug, "brought", True)
    assert AuditLine.objects.filter(verb="add", kind="generation.modelinstall", object_id=str(made.pk)).exists()
    assert "is being installed" in words(operator.post(ADD, {**facts, "has_read_licence": "on"}))
    model_installs.run(made.pk)
    assert "Installed" in words(operator.get(LIST))
    assert operator.get(f"{LIST}{made.pk}/change/").status_code == 200


def test_who_may_only_look_asks_for_none(sources: Path) -> None:
    reader = make_user(is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_modelinstall"))
    browser: Client = visitor(User.objects.get(pk=reader.pk))

    assert browser.get(LIST).status_code == 200
    assert browser.post(ADD, {"model": MODEL.slug, "has_read_licence": "on"}).status_code == 403
    assert visitor(make_user(is_staff=True)).get(LIST).status_code == 403
    assert not ModelInstall.objects.exists()
