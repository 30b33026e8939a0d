import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from generation.models import CustomModel
from tests.factories import make_user
from tests.generation.runs import make_person
from tests.generation.trained import draft, ready

pytestmark = pytest.mark.django_db


def url(model: CustomModel) -> str:
    return reverse("generation:model_download", args=[model.pk])


def test_the_file_comes_as_it_is_kept_under_a_speaking_name(client: Client) -> None:
    model = ready(make_person(), name="Unser Löwe / 7")
    client.force_login(model.owner)
    response = client.get(url(model))
    assert b"".join(response) == b"weights"
    assert response["Content-Disposition"] == 'attachment; filename="unser-lowe-7-starter.safetensors"'


def test_what_is_not_there_is_a_404(client: Client) -> None:
    user = make_person()
    client.force_login(user)
    assert client.get(url(draft(user, trigger_word="other"))).status_code == 404
    model = ready(user)
    default_storage.delete(model.weights)
    assert client.get(url(model)).status_code == 404


def test_a_stranger_even_one_it_is_shared_with_gets_a_404(client: Client) -> None:
    model = ready(make_person())
    assert client.get(url(model)).status_code == 302
    client.force_login(make_user())
    assert client.get(url(model)).status_code == 404
