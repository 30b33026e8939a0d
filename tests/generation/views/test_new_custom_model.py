import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from generation.models import CustomModel
from tests.factories import make_plan
from tests.generation.runs import make_person
from tests.generation.trained import draft

pytestmark = pytest.mark.django_db
GOOD = {"name": " Our  dog ", "subject_class": "pet", "trigger_word": "bruno7", "base_model": "starter"}


@pytest.fixture
def user(client: Client) -> User:
    person = make_person()
    client.force_login(person)
    return person


def post(client: Client, **changes: str) -> tuple[int, str]:
    response = client.post(reverse("generation:new_model"), {**GOOD, **changes})
    return response.status_code, response.content.decode()


def test_the_form_makes_a_draft_and_leads_to_it(client: Client, user: User) -> None:
    assert "which costs 2,000 credits" in client.get(reverse("generation:new_model")).content.decode()
    response = client.post(reverse("generation:new_model"), GOOD)
    model = CustomModel.objects.get(owner=user)
    assert response["Location"] == reverse("generation:model", args=[model.pk])
    assert (model.name, model.subject_class, model.trigger_word, model.state) == ("Our dog", "pet", "bruno7", "draft")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Give your model a name."),
        ({"trigger_word": "house"}, "is a common word"),
        ({"subject_class": "planet"}, "Choose what your pictures show."),
        ({"base_model": "stable-diffusion-xl"}, "Choose one of the models that are installed here."),
    ],
)
def test_a_refusal_stands_at_its_field_and_nothing_typed_is_lost(
    client: Client, user: User, changes: dict[str, str], words: str
) -> None:
    status, text = post(client, **changes)
    assert status == 422
    assert words in text
    assert 'value="bruno7"' in text or "trigger_word" in changes
    assert not CustomModel.objects.filter(owner=user).exists()


def test_a_word_in_use_and_a_full_plan_are_refused(client: Client, user: User) -> None:
    draft(user, trigger_word="bruno7")
    assert "another model of yours" in post(client)[1]
    make_plan("roomy-100", models_stored=1)
    status, text = post(client, trigger_word="other7")
    assert status == 422
    assert "Your plan keeps 1 model of your own" in text


def test_nobody_is_sent_to_the_login_page() -> None:
    assert Client().post(reverse("generation:new_model"), GOOD).status_code == 302
    assert not CustomModel.objects.exists()
