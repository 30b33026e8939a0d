"""The list and the page of pictures: facts for who may look, and a reason asked of nobody else."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import SupportVisit, User
from generation.models import Image
from tests.generation.runs import finished, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def image() -> Image:
    return finished(make_person()).images.get()


def test_facts_are_shown_of_every_picture(client: Client, image: Image) -> None:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))

    page = client.get(reverse("admin:generation_image_change", args=[image.pk])).content.decode()

    assert image.sha256 in page
    assert image.placeholder not in page
    assert client.get(reverse("admin:generation_image_change", args=["nothing"])).status_code == 302


def test_who_may_not_look_at_pictures_is_not_asked_why(client: Client, image: Image) -> None:
    client.force_login(User.objects.create_user("clerk@example.com", "correct horse battery", is_staff=True))

    answer = client.post(reverse("admin:generation_image_change", args=[image.pk]), {"reason": "Ticket 7"})

    assert answer.status_code == 403
    assert not SupportVisit.objects.exists()


def test_who_gives_no_reason_is_told_so(client: Client, image: Image) -> None:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))

    page = client.post(reverse("admin:generation_image_change", args=[image.pk]), {"reason": "  "}, follow=True)

    assert "Reason: This field is required." in page.content.decode()
    assert not SupportVisit.objects.exists()
