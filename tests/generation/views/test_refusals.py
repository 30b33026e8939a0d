"""Settings, Refusals: why, and the appeal; to whom it concerns alone."""

import pytest
from django.test import Client

from generation.models import ModerationCase
from tests.generation.runs import make_person

pytestmark = pytest.mark.django_db

FORM = {"prompt": "a nude woman", "key": "k", "num_images": "1"}


def test_the_form_keeps_what_was_typed_and_leads_to_the_appeal(client: Client) -> None:
    user = make_person()
    client.force_login(user)

    answer = client.post("/create/runs/", FORM, headers={"hx-request": "true"})

    case = ModerationCase.objects.get()
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "a nude woman</textarea>" in page
    assert f'href="/settings/refusals/{case.pk}/"' in page
    assert str(case.pk) in client.get("/settings/refusals/").content.decode()
    path = f"/settings/refusals/{case.pk}/"
    assert client.post(path, {"appeal": "no"}).status_code == 422
    assert client.post(path, {"appeal": "It is a statue in a public museum."}).status_code == 302
    case.refresh_from_db()
    assert case.is_waiting


def test_nobody_else_sees_it(client: Client) -> None:
    client.force_login(make_person())
    client.post("/create/runs/", FORM)
    path = f"/settings/refusals/{ModerationCase.objects.get().pk}/"

    assert Client().get(path).status_code == 302
    stranger = Client()
    stranger.force_login(make_person("bob@example.com"))
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, {"appeal": "It is a statue in a museum."}).status_code == 404


def test_an_appeal_sent_without_a_session_is_there_again_after_the_log_in(client: Client) -> None:
    user, words = make_person(), "It is a statue in a public museum."
    client.force_login(user)
    for prompt in ("a nude woman", "a naked woman"):
        client.post("/create/runs/", {**FORM, "prompt": prompt})
    path, another = (f"/settings/refusals/{case.pk}/" for case in ModerationCase.objects.all())
    client.logout()

    door = client.post(path, {"appeal": words})

    assert door["Location"].endswith(f"?next={path}")
    client.force_login(user)
    assert f"{words}</textarea>" in client.get(path).content.decode()
    assert words not in client.get(path).content.decode()
    client.logout()
    client.post(path, {"appeal": words})
    client.force_login(user)
    assert words not in client.get(another).content.decode()
    assert not ModerationCase.objects.exclude(appeal="").exists()


def test_the_editors_form_says_so_too(client: Client) -> None:
    client.force_login(make_person())
    answer = client.post("/edit/runs/", {**FORM, "task": "text-to-image"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] in {"prompt", "task"}


def test_the_content_policy_is_public(client: Client) -> None:
    page = client.get("/content-policy/").content.decode()
    assert "Sexual content involving minors" in page
    assert "/content-policy/" in client.get("/terms/").content.decode()
