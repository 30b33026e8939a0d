"""A picture before a plan, one during, one after it lapsed: each keeps what it was promised."""

import io
import json
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Pillow

from accounts.models import User
from generation import certificates, housekeeping
from generation.models import Image
from tests.generation.pictures import content, draw, put_on
from tests.generation.runs import make_person
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

PLANS = ("free", "pro", "free")
USES = ("personal", "commercial", "personal")
TITLES = {"personal": "Personal use", "commercial": "Commercial use"}


def three_pictures(user: User, clock: time_machine.Traveller) -> list[Image]:
    made = []
    for plan in PLANS:
        put_on(user, plan)
        made.append(draw(user))
        clock.shift(timedelta(days=20))
    return made


def test_each_picture_keeps_the_licence_it_was_made_under() -> None:
    with time_machine.travel("2027-01-01T12:00Z", tick=False) as clock:
        user = make_person()
        images = three_pictures(user, clock)
        before = [seen(image) for image in images]

        clock.shift(timedelta(days=100))  # long after the plan has ended
        housekeeping.retire_old()

        assert [seen(Image.objects.get(pk=image.pk)) for image in images] == before
    assert [(plan, use) for plan, use, *_ in before] == list(zip(PLANS, USES, strict=True))


def seen(image: Image) -> tuple[str, ...]:
    """Return what everybody can see of a picture's licence, after checking that all say the same."""
    image = Image.objects.select_related("user", "job").get(pk=image.pk)
    title = TITLES[image.licence]
    assert Pillow.open(io.BytesIO(content(image))).info["License"].startswith(f"{title}.")
    owner = visitor(image.user)
    assert title in words(owner.get(f"/pictures/{image.pk}/"))
    facts = json.loads(owner.get(f"/pictures/{image.pk}/certificate.json").content)["certificate"]
    page = owner.get(f"/pictures/{image.pk}/certificate.pdf").content
    assert certificates.check(certificates.in_file(page)).facts["licence"] == facts["licence"]
    upload = SimpleUploadedFile("fox.png", content(image))
    answer = words(visitor().post("/verify/", {"file": upload}, follow=True))
    assert "On record: the file with this SHA-256" in answer
    assert f'<p class="verify-title">{title}</p>' in answer
    return image.plan, facts["licence"]["use"], facts["plan"]["slug"], facts["picture"]["sha256"], image.sha256
