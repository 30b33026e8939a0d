"""Whatever is registered in the admin, ours or not: what is done to it leaves an audit line."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import models
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.audited_admin import Audited
from accounts.models import AuditLine, User
from generation.models import CustomModel, Job, ModelAlias, QueueSwitch
from tests.factories import make_plan, make_user
from tests.generation.runs import make_person, submit
from tests.generation.test_moderation_queue import refused
from tests.generation.trainees import make_trainee, model_of, ordered
from tests.invites import invite, invite_of, make_referrer
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

# Rows that a few values by type would not make.
MAKERS: dict[str, Callable[[], Any]] = {
    "accounts.user": lambda: make_user(),
    "accounts.referral": lambda: invite_of(invite(make_referrer(), "bob@example.com")),
    "billing.plan": lambda: make_plan("gold"),
    "generation.job": lambda: submit(make_person("ada@example.com")),
    "generation.custommodel": lambda: model_of(ordered(make_trainee())),
    # Tests with threads flush those that the migrations bring.
    "generation.modelalias": lambda: ModelAlias.objects.get_or_create(
        slug="midjourney", defaults={"target": "starter"}
    )[0],
    "generation.moderationcase": lambda: refused(make_person("case@example.com")),
}
# What a form asks for beside what the row says.
ANSWERS = {
    "generation.moderationcase": {"verdict": "refuse", "why": "Because."},
}


def value_for(field: Any) -> Any:
    """Return something that the column takes."""
    match field:
        case models.ForeignKey() | models.OneToOneField():
            return made(field.related_model)
        case _ if field.choices:
            return field.choices[0][0]
        case models.DateTimeField() | models.DateField():
            return timezone.now() if isinstance(field, models.DateTimeField) else timezone.now().date()
        case models.UUIDField():
            return uuid4()
        case models.JSONField():
            return {"a": 1}
        case models.GenericIPAddressField():
            return "192.0.2.1"
        case models.IntegerField() | models.FloatField():
            return 1
        case models.BooleanField():
            return False
    return f"{uuid4().hex[:8]}@example.com" if "email" in field.name else uuid4().hex[: field.max_length or 8]


def made(model: type[models.Model]) -> Any:
    """Return a row of any model."""
    if maker := MAKERS.get(model._meta.label_lower):
        return maker()
    columns = [field for field in model._meta.concrete_fields if not field.has_default() and not field.null]
    facts = {
        field.name: value_for(field)
        for field in columns
        if not isinstance(field, models.AutoField | models.GeneratedField)
    }
    row = model(**facts)
    return (
        row if row.pk and model._base_manager.filter(pk=row.pk).exists() else model._base_manager.bulk_create([row])[0]
    )


def operator() -> User:
    return User.objects.create_superuser("root@example.com", "correct horse battery")


def all_admins() -> list[Any]:
    return [pytest.param(model, id=model._meta.label_lower) for model in admin.site._registry]


def open_request(user: User) -> Any:
    request = RequestFactory().get("/admin/")
    request.user = user
    return request


def sent(page: Any) -> dict[str, Any]:
    """Return what the browser would send back of a form as it is shown."""
    forms = [page.context["adminform"].form]
    data = {}
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False and value != "":
                parts = bound.field.widget.decompress(value) if hasattr(bound.field.widget, "decompress") else [value]
                suffixes = [f"_{number}" for number in range(len(parts))] if len(parts) > 1 else [""]
                for suffix, part in zip(suffixes, parts, strict=True):
                    shown = part if isinstance(part, list) else bound.field.prepare_value(part)
                    data[bound.html_name + suffix] = json.dumps(shown) if isinstance(shown, dict) else shown
    return data


@pytest.mark.parametrize("model", all_admins())
def test_a_change_by_the_form_leaves_a_line(client: Client, model: type[models.Model]) -> None:
    model_admin = admin.site._registry[model]
    assert isinstance(model_admin, Audited)
    user = operator()
    if not model_admin.has_change_permission(open_request(user)):
        return
    row = made(model)
    client.force_login(user)
    path = reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_change", args=[row.pk])
    answers = ANSWERS.get(model._meta.label_lower, {})

    answer = client.post(path, {**sent(client.get(path)), **answers})

    assert answer.status_code == 302, (answer.context["errors"], answer.context["adminform"].form.errors)
    line = AuditLine.objects.get(verb="change")
    assert (line.actor, line.kind, line.object_id) == (user.pk, model._meta.label_lower, str(row.pk))


@pytest.mark.parametrize("model", all_admins())
def test_every_action_leaves_a_line(client: Client, model: type[models.Model]) -> None:
    model_admin = admin.site._registry[model]
    user = operator()
    client.force_login(user)
    path = reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")
    for name in model_admin.get_actions(open_request(user)):
        row = made(model)
        before = AuditLine.objects.count()

        answers = {"post": "yes", "reason": "Because.", "address": getattr(row, "email", "")}
        client.post(path, {"action": name, "_selected_action": [str(row.pk)], **answers})

        lines = AuditLine.objects.order_by("-id")[: AuditLine.objects.count() - before]
        assert [(line.actor, line.object_id) for line in lines] == [(user.pk, str(row.pk))], name
        _clear_away(row)


def _clear_away(row: Any) -> None:
    """Make room for the next, where a maker makes the same."""
    if isinstance(row, Job | CustomModel):
        User.objects.filter(email="ada@example.com").update(email=f"{uuid4().hex}@example.com")


def test_a_page_that_asks_first_leaves_none_and_what_changed_is_told(client: Client) -> None:
    user, person = operator(), make_user(email="ada@example.com", display_name="Ada")
    group = Group.objects.create(name="helpers")
    client.force_login(user)
    path = reverse("admin:accounts_user_change", args=[person.pk])

    client.post(reverse("admin:auth_group_changelist"), {"action": "delete_selected", "_selected_action": [group.pk]})
    client.post(
        path, {**sent(client.get(path)), "display_name": "Ada L.", "groups": [group.pk]}, REMOTE_ADDR="192.0.2.7"
    )

    line = AuditLine.objects.exclude(verb="sign in").get()
    assert line.changes == {"display_name": ["Ada", "Ada L."], "groups": [[], [str(group.pk)]]}
    assert (line.verb, line.address, line.object_text) == ("change", "192.0.2.7", "ada@example.com")
    assert "password" not in str(line.changes)


def test_what_is_added_and_deleted_and_edited_in_a_list_is_told(client: Client) -> None:
    client.force_login(operator())
    client.post(reverse("admin:auth_group_add"), {"name": "helpers"})
    group = Group.objects.get()
    client.post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"})
    two = [Group.objects.create(name=name) for name in ("a", "b")]
    facts = {"action": "delete_selected", "_selected_action": [one.pk for one in two], "post": "yes"}
    client.post(reverse("admin:auth_group_changelist"), facts)
    switch = QueueSwitch.objects.create(queue="gpu", is_paused=False)
    form = {
        "form-TOTAL_FORMS": 1,
        "form-INITIAL_FORMS": 1,
        "form-0-queue": switch.pk,
        "form-0-is_paused": "on",
        "_save": "1",
    }
    client.post(reverse("admin:generation_queueswitch_changelist"), form)

    lines = AuditLine.objects.exclude(verb="sign in").order_by("id")
    assert [line.verb for line in lines] == ["add", "delete", "delete", "delete", "change"]
    assert lines[0].changes["name"] == [None, "helpers"]
    assert lines[4].changes == {"is_paused": [False, True]}


@pytest.mark.parametrize("kind", ["getimg_site_wish", "accounts_apikey"])
@pytest.mark.parametrize("mark", ["", "fox", "1" * 5000])
def test_an_action_on_what_is_no_row_is_refused_in_words(kind: str, mark: str) -> None:
    operator = visitor(make_user(is_staff=True, is_superuser=True))
    page = reverse(f"admin:{kind}_changelist")
    form = {"action": "delete_selected" if kind.endswith("wish") else "revoke", "_selected_action": mark}

    answer = operator.post(page, form, follow=True)

    assert answer.status_code == 200
    assert "is not a row of this list. Nothing was changed." in words(answer)
