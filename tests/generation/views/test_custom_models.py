import pytest
from django.test import Client
from django.urls import reverse

from generation import custom_models
from tests.factories import make_user
from tests.generation.runs import make_person
from tests.generation.trained import draft, ready

pytestmark = pytest.mark.django_db
URL = "generation:models"


def test_the_first_visit_offers_the_first_step(client: Client) -> None:
    client.force_login(make_person())
    text = client.get(reverse(URL)).content.decode()
    assert "Teach a model something of yours" in text
    assert "A training costs 2,000 credits" in text
    assert reverse("generation:new_model") in text


def test_each_model_has_a_card_and_the_plans_room_is_said(client: Client) -> None:
    user = make_person()
    ready(user, name="Bruno")
    draft(user, 1, name="Teapot", trigger_word="other")
    client.force_login(user)
    text = client.get(reverse(URL)).content.decode()
    assert "Bruno" in text
    assert "Teapot" in text
    assert "2 of 5 models that your plan keeps" in text


def test_what_others_share_stands_apart_and_strangers_models_nowhere(client: Client) -> None:
    model = ready(make_person(), name="Bruno")
    guest = make_user()
    client.force_login(guest)
    assert "Bruno" not in client.get(reverse(URL)).content.decode()
    custom_models.accept(model, guest, custom_models.share(model))
    text = client.get(reverse(URL)).content.decode()
    assert "Shared with me" in text
    assert "Bruno" in text


def test_nobody_is_sent_to_the_login_page(client: Client) -> None:
    assert client.get(reverse(URL)).status_code == 302
