import pytest
from django.test import Client
from django.urls import reverse

from tests.generation.runs import finished, make_person

pytestmark = pytest.mark.django_db


def test_the_owner_gets_the_manifest_and_nobody_else(client: Client) -> None:
    user = make_person()
    image = finished(user).images.get()
    address = reverse("generation:manifest", args=[image.pk])

    assert client.get(address).status_code == 302
    client.force_login(make_person("eve@example.com"))
    assert client.get(address).status_code == 404
    client.force_login(user)
    answer = client.get(address)

    assert answer.json()["picture"] == str(image.pk)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="manifest-{image.pk}.json"'
