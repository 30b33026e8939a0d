import pytest
from django.test import Client
from django.urls import reverse

from generation.models import Image, Job, Reproduction
from tests.generation.pictures import draw
from tests.generation.runs import finished, make_person

pytestmark = pytest.mark.django_db(transaction=True)
HTMX = {"HX-Request": "true"}


def address(image: Image) -> str:
    return reverse("generation:reproduce", args=[image.pk])


def test_verify_orders_and_the_part_of_the_page_follows_it(client: Client) -> None:
    user = make_person()
    image = draw(user)
    client.force_login(user)

    assert "Verify" in client.get(reverse("generation:picture", args=[image.pk])).content.decode()
    ordered = client.post(address(image), headers=HTMX).content.decode()

    assert "Waiting in line" in ordered
    assert 'hx-trigger="every 2s"' in ordered
    job = Reproduction.objects.get(image=image).job
    Job.objects.filter(pk=job.pk).update(status="FINISHED", finished_at=job.created_at, images_stored=1)
    Reproduction.objects.update(max_difference=1, psnr=51.04, ssim=0.99991)
    ended = client.get(address(image), headers=HTMX).content.decode()
    assert "Differs by at most 1 of 255" in ended
    assert "51.0 dB" in ended
    assert "every 2s" not in ended


def test_a_refusal_says_why_with_and_without_scripts(client: Client) -> None:
    user = make_person()
    image = finished(user).images.get()  # without files
    client.force_login(user)

    assert "file is gone" in client.post(address(image), headers=HTMX).content.decode()
    answer = client.post(address(image))
    assert (answer.status_code, "file is gone" in answer.content.decode()) == (422, True)


def test_nobody_else_can(client: Client) -> None:
    image = draw(make_person())

    assert client.post(address(image)).status_code == 302
    client.force_login(make_person("eve@example.com"))
    assert client.post(address(image)).status_code == 404
    assert not Reproduction.objects.exists()
