"""Nothing that the admin says by itself stays English: names of rows and columns, filters, actions, fields, plots."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets, label_for_field
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.translation import override
from pytest_django import Settings

from accounts.models import User
from generation.catalog import MODELS
from generation.troubles import OF_PICTURES, OF_TRAININGS
from getimg_site import pseudo_locale, row_words
from tests.rules.test_translations import unmarked
from tests.visitors import words

pytestmark = pytest.mark.django_db

ROOT = "root@example.com"
OURS = {model: one for model, one in admin.site._registry.items() if model._meta.app_label in row_words.APPS}
# Names of things, codes, and rights, which are kept in the database as they were made.
NAMES = {name for model in MODELS.values() for name in (model.name, model.licence.name)} | {*OF_PICTURES, *OF_TRAININGS}
KEPT = re.compile(
    "|".join(re.escape(name) for name in sorted(NAMES, key=len, reverse=True))
    + rf"|{re.escape(ROOT)}|\b(getimg|UTC|SHA-256|DATA_DIR|JSON|Free|Pro|Starter|Studio|Search|blocked|dreambooth)\b"
    r"|\b\d+ [A-Z][a-z]{2}( \d{4})?\b|[a-z]+(_[a-z]+)+|sign in|accounts\.user|[\w ]+ \| [\w ]+ \| .*"
)
# Rows themselves, time zones, and the list of all apps, of which some are other people's.
LEFT_OUT = re.compile(
    r'<tbody.*?</tbody>|<option value="[^"]*/[^"]*".*?</option>|<div id="content-main">\s*<div class="app-.*', re.DOTALL
)


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser(ROOT, "correct horse battery")


@pytest.fixture
def office(client: Client, root: User, settings: Settings) -> Client:
    """Return an operator's browser that reads a language that nobody speaks."""
    settings.PSEUDO_LOCALE = True
    client.force_login(root)
    client.cookies["django_language"] = pseudo_locale.CODE
    return client


def english(client: Client, path: str) -> list[str]:
    """Return the lines of a page that hold words outside the brackets of what was marked."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    text = words(answer).split('<div id="content"', 1)[1].split(">", 1)[1]
    text = re.sub("⟦[^⟦⟧]*⟧", " ", re.sub("⟦[^⟦⟧]*⟧", " ", LEFT_OUT.sub(" ", text)))
    return [f"{path} {line}" for line in unmarked(KEPT.sub(" ", text))]


def test_no_list_and_no_form_of_the_admin_says_anything_that_is_not_marked(office: Client) -> None:
    found = english(office, reverse("admin:index")) + english(office, reverse("admin:billing_wallet_money"))
    for model, one in OURS.items():
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        found += english(office, reverse(f"admin:{name}_changelist"))
        request = RequestFactory().get("/")
        request.user = User(is_superuser=True, is_active=True)
        if one.has_add_permission(request):
            found += english(office, reverse(f"admin:{name}_add"))
    assert not found, "\n".join(found)


def said(one: Any, root: User) -> Iterator[tuple[str, Any]]:
    """Yield what a class of the admin calls things on the page of a row."""
    request = RequestFactory().get("/")
    request.user = root
    row = one.model()
    asked = one.get_form(request, row)().fields if one.has_change_permission(request) else {}
    yield from ((name, field.label) for name, field in asked.items())
    columns = {*flatten_fieldsets(one.get_fieldsets(request, row)), *one.list_display}
    yield from ((name, label_for_field(name, one.model, one)) for name in columns - set(asked))
    for field in (*one.model._meta.fields, *(field for inline in one.inlines for field in inline.model._meta.fields)):
        if field.choices:
            yield from ((f"{field.name}: {value}", label) for value, label in field.flatchoices)
        if field.help_text:
            yield f"{field.name}, help", field.help_text
    for inline in one.inlines:
        yield "inline", inline.verbose_name_plural or inline.model._meta.verbose_name_plural
        yield from ((name, label_for_field(name, inline.model, inline)) for name in inline.fields or ())


def test_no_column_choice_or_help_of_a_row_stays_english(root: User) -> None:
    pseudo_locale.install()
    found = []
    with override(pseudo_locale.CODE):
        for model, one in OURS.items():
            pairs = [("one", model._meta.verbose_name), ("many", model._meta.verbose_name_plural), *said(one, root)]
            found += [
                f"{model._meta.label}: {name}: {label}" for name, label in pairs if not str(label).startswith("⟦")
            ]
    assert not found, "Mark it, or add it to getimg_site/row_words.py:\n" + "\n".join(found)


def test_the_lists_hold_no_word_that_nothing_is_called_by() -> None:
    models = [*OURS, *(inline.model for one in OURS.values() for inline in one.inlines)]
    columns = {
        str(field.verbose_name) for model in models for field in (*model._meta.fields, *model._meta.many_to_many)
    }
    assert set(row_words.COLUMNS) <= columns
    kinds = {str(model._meta.verbose_name) for model in models}
    assert {one for one, _many in row_words.KINDS.values()} <= kinds
