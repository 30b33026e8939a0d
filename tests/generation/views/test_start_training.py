import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from generation import custom_models, uploads
from generation.models import CustomModel
from tests.factories import make_user
from tests.generation.runs import balance, make_person
from tests.generation.scenery import scene
from tests.generation.trained import draft, training
from tests.generation.uploads import brought, png_of

pytestmark = pytest.mark.django_db
WORDS = {"name": "My toy", "subject_class": "object", "trigger_word": "zwerg", "base_model": "starter"}


@pytest.fixture
def user(client: Client) -> User:
    person = make_person(credits=2500)
    client.force_login(person)
    return person


@pytest.fixture
def model(user: User) -> CustomModel:
    made = draft(user)
    for seed in range(5):
        custom_models.add_picture(made, uploads.keep(user, png_of(scene(seed))).upload)
    return made


def press(client: Client, model: CustomModel, **changes: str) -> tuple[int, str]:
    response = client.post(reverse("generation:start_training", args=[model.pk]), {**WORDS, "key": "k", **changes})
    return response.status_code, response.content.decode()


def test_a_start_sets_the_price_aside_and_leads_to_the_training(client: Client, user: User, model: CustomModel) -> None:
    assert press(client, model)[0] == 302
    model.refresh_from_db()
    assert (model.state, balance(user)) == ("training", 500)
    assert "Waiting in line" in client.get(reverse("generation:model", args=[model.pk])).content.decode()
    assert press(client, model)[0] == 302
    assert balance(user) == 500


def test_without_the_credits_nothing_is_lost(client: Client, user: User, model: CustomModel) -> None:
    press(client, model)
    client.post(reverse("generation:model_action", args=[model.pk, "cancel"]))
    assert balance(user) == 2500
    poor = make_person("poor@example.com", credits=1999)
    CustomModel.objects.filter(pk=model.pk).update(owner=poor)
    client.force_login(poor)
    status, text = press(client, model, name="Renamed")
    assert status == 422
    assert "This costs 2,000 credits and you have 1,999. Nothing was charged, and your draft stays here." in text
    model.refresh_from_db()
    assert (model.state, model.name, model.pictures.count(), balance(poor)) == ("draft", "Renamed", 5, 1999)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Give your model a name."),
        ({"trigger_word": "fox"}, "is a common word"),
        ({"base_model": "gone"}, "Choose one of the models that are installed here."),
        ({"subject_class": "person"}, "Pictures of people need their consent"),
    ],
)
def test_what_is_in_the_way_stands_at_its_field_and_nothing_is_charged(
    client: Client, user: User, model: CustomModel, changes: dict[str, str], words: str
) -> None:
    status, text = press(client, model, **changes)
    assert status == 422
    assert words in text
    model.refresh_from_db()
    assert (model.state, balance(user)) == ("draft", 2500)


def test_what_is_refused_of_several_fields_names_its_reason(client: Client, model: CustomModel) -> None:
    _, text = press(client, model, subject_class="gone")
    assert 'id="subject_class" aria-invalid="true" aria-describedby="subject_class-error" tabindex="-1"' in text
    _, text = press(client, model, subject_class="person")
    assert 'id="consent" role="group" aria-invalid="true" aria-describedby="consent-error" tabindex="-1"' in text


def test_pictures_that_must_be_mended_and_too_few_are_said_beside_the_button(
    client: Client, user: User, model: CustomModel
) -> None:
    custom_models.add_picture(model, brought(user, 40, 40))
    status, text = press(client, model)
    assert status == 422
    assert "1 picture must be mended or taken out first" in text
    assert 'id="pictures-error" tabindex="-1"' in text
    few = draft(user, trigger_word="other7")
    assert "there are none yet" in press(client, few, trigger_word="other7")[1]
    assert balance(user) == 2500


def test_what_was_typed_is_kept_by_a_start_that_is_refused(client: Client, model: CustomModel) -> None:
    press(client, model, name="Teapot", trigger_word="fox")
    model.refresh_from_db()
    assert model.name == "Teapot"


def test_a_model_in_training_is_not_started_again(client: Client, user: User) -> None:
    model = training(user)
    job = model.job
    assert press(client, model)[0] == 302
    model.refresh_from_db()
    assert model.job == job


def test_a_stranger_gets_a_404_and_nobody_the_login_page(model: CustomModel) -> None:
    stranger = Client()
    assert press(stranger, model)[0] == 302
    stranger.force_login(make_user())
    assert press(stranger, model)[0] == 404
    model.refresh_from_db()
    assert model.is_draft
