import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from PIL import Image as Pillow

from generation import custom_models, model_faces, own_models
from generation.models import CustomModel
from tests.factories import make_user
from tests.generation.runs import make_person, submit
from tests.generation.trained import draft, lora_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(db: None) -> CustomModel:
    made = draft(make_person(), 2, name="Bruno")
    custom_models.begin(made, submit(made.owner))
    custom_models.add_sample(made, Pillow.new("RGB", (64, 64)), quarter=4, position=0, prompt="a zwerg at sea")
    custom_models.finish(made, custom_models.keep_weights(made, lora_file(), rank=4))
    made.refresh_from_db()
    return made


def test_the_link_shows_name_word_and_samples_and_nothing_of_the_owner(client: Client, model: CustomModel) -> None:
    response = client.get(reverse("generation:shared_model", args=[custom_models.share(model)]))
    text = response.content.decode()
    assert "Bruno" in text
    assert "a zwerg at sea" in text
    assert "Log in to use it" in text
    assert f'{reverse("account_login")}?next={response.wsgi_request.path}"' in text
    assert model.owner.email not in text
    assert not any(picture.upload.thumbnail in text for picture in model.pictures.all())
    assert (response["X-Robots-Tag"], response["Referrer-Policy"]) == ("noindex", "same-origin")


def test_whoever_is_signed_in_can_draw_with_it_while_the_link_holds(client: Client, model: CustomModel) -> None:
    guest = make_user()
    token = custom_models.share(model)
    use = reverse("generation:use_shared_model", args=[token])
    assert client.post(use).status_code == 302
    assert not model.guests.exists()

    client.force_login(guest)
    assert "Use it" in client.get(reverse("generation:shared_model", args=[token])).content.decode()
    response = client.post(use)
    assert response["Location"] == f"{reverse('generation:create')}?own={model.pk}"
    text = client.get(response["Location"]).content.decode()
    assert "Bruno" in text
    assert f'value="{model.pk}" checked' in text

    custom_models.unshare(model)
    assert client.get(response["Location"]).status_code == 404
    assert client.post(use).status_code == 404


def test_samples_that_no_checker_saw_are_their_owners_alone(
    client: Client, model: CustomModel, settings: LazySettings
) -> None:
    settings.MODERATION_IMAGES = "safety-checker"
    text = client.get(reverse("generation:shared_model", args=[custom_models.share(model)])).content.decode()
    assert "Bruno" in text
    assert "a zwerg at sea" not in text
    assert model.samples.get().thumbnail not in text
    guest = make_user()
    custom_models.accept(model, guest, custom_models.share(model))
    assert [card.picture for card in model_faces.shared_cards_of(guest)] == [""]
    assert [own_models.picture_of(one) for one in own_models.usable(guest)] == [""]

    client.force_login(model.owner)
    assert "a zwerg at sea" in client.get(reverse("generation:model", args=[model.pk])).content.decode()


def test_a_wrong_link_leads_nowhere(client: Client, model: CustomModel) -> None:
    custom_models.share(model)
    for token in ("x", "None", "0" * 43):
        assert client.get(reverse("generation:shared_model", args=[token])).status_code == 404
