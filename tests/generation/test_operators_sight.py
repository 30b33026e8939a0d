"""Prompts and pictures are their owner's alone in the admin, too, until an operator has said why."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditLine, SupportVisit, User
from generation import operators_sight, showcase
from generation.models import Image, ModerationCase
from tests.generation.pictures import draw
from tests.generation.runs import make_person
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

LIST = "/admin/generation/image/"
THUMBNAIL = "/media/operators/"
PROMPT = "a zwerg in the snow"


@pytest.fixture
def operator() -> Client:
    return visitor(User.objects.create_superuser("root@example.com", "correct horse battery"))


@pytest.fixture
def image() -> Image:
    image = draw(make_person(), prompt=PROMPT)
    image.alt_text = "A zwerg that waves"
    image.save(update_fields=["alt_text"])
    return image


def pages_of(image: Image) -> list[str]:
    names = (("job", image.job_id), ("image", image.pk))
    return [reverse(f"admin:generation_{name}_change", args=[key]) for name, key in names]


def test_what_is_private_is_hidden_from_operators(operator: Client, image: Image) -> None:
    for path in (LIST, *pages_of(image)):
        page = words(operator.get(path))
        assert "private" in page, path
        assert THUMBNAIL not in page, path
        assert "zwerg" not in page, path
    assert not SupportVisit.objects.exists()


@pytest.mark.parametrize("place", [0, 1])
def test_who_says_why_sees_it_and_its_owner_reads_when(place: int, operator: Client, image: Image) -> None:
    path = pages_of(image)[place]
    operator.post(path, {"reason": " "})
    assert not SupportVisit.objects.exists()

    assert operator.post(path, {"reason": "Ticket 7"})["Location"] == path

    job_page, picture_page = (words(operator.get(one)) for one in pages_of(image))
    assert PROMPT in job_page
    assert "A zwerg that waves" in picture_page
    for page in (job_page, picture_page, words(operator.get(LIST))):
        assert THUMBNAIL in page
        assert "Show prompts and pictures" not in page
    assert AuditLine.objects.get(verb="show private").note == "Ticket 7"
    told = words(visitor(image.user).get("/accounts/2fa/"))
    assert "or at your prompts and pictures, to help" in told
    assert "Ticket 7" not in told


@pytest.mark.parametrize("place", [0, 1])
def test_who_says_why_twice_is_led_back_and_looks_once(place: int, operator: Client, image: Image) -> None:
    path = pages_of(image)[place]
    assert [operator.post(path, {"reason": "Ticket 7"})["Location"] for _ in range(2)] == [path, path]
    assert SupportVisit.objects.count() == AuditLine.objects.filter(verb="show private").count() == 1


@pytest.mark.parametrize("place", [0, 1])
def test_nobody_sees_what_is_a_colleagues(place: int, operator: Client, image: Image) -> None:
    User.objects.filter(pk=image.user_id).update(is_staff=True)
    path = pages_of(image)[place]
    page = words(operator.post(path, {"reason": "Ticket 7"}, follow=True))
    assert "Nobody looks at the site as somebody who runs it." in page
    assert "zwerg" not in page
    assert not SupportVisit.objects.exists()


def test_what_was_shown_is_hidden_again_when_the_visit_is_over(operator: Client, image: Image) -> None:
    path = pages_of(image)[0]
    operator.post(path, {"reason": "Ticket 7"})
    SupportVisit.objects.update(ends_at=timezone.now())

    assert PROMPT not in words(operator.get(path))
    assert THUMBNAIL not in words(operator.get(LIST))


def test_a_visit_shows_nothing_of_others_and_nothing_to_other_operators(operator: Client, image: Image) -> None:
    other = draw(make_person("bob@example.com"), prompt=PROMPT)
    operator.post(pages_of(image)[0], {"reason": "Ticket 7"})
    colleague = visitor(User.objects.create_superuser("colleague@example.com", "correct horse battery"))

    assert PROMPT not in words(operator.get(pages_of(other)[0]))
    assert PROMPT not in words(colleague.get(pages_of(image)[0]))


@pytest.mark.parametrize("shows_recipe", [True, False])
def test_what_others_see_operators_see(shows_recipe: bool, operator: Client, image: Image) -> None:
    showcase.publish(image, is_listed=False, shows_recipe=shows_recipe)

    page = words(operator.get(pages_of(image)[0]))

    assert THUMBNAIL in page
    assert (PROMPT in page) is shows_recipe
    assert THUMBNAIL in words(operator.get(LIST))


def test_what_was_reported_or_refused_operators_see(operator: Client, image: Image) -> None:
    kind, action = ModerationCase.Kind.PUBLICATION, ModerationCase.Action.REPORTED
    ModerationCase.objects.create(user=image.user, kind=kind, action=action, category="hate", image=image)

    assert all(THUMBNAIL in words(operator.get(path)) for path in (LIST, *pages_of(image)))
    assert PROMPT in words(operator.get(pages_of(image)[0]))


def test_operators_see_what_is_their_own(operator: Client) -> None:
    image = draw(make_person("staff@example.com"), prompt=PROMPT)
    User.objects.filter(pk=image.user_id).update(is_staff=True, is_superuser=True)

    assert PROMPT in words(visitor(User.objects.get(pk=image.user_id)).get(pages_of(image)[0]))


def test_settings_keep_their_numbers_and_names_and_lose_what_was_written() -> None:
    settings = {
        "prompt": "a zwerg", "model": "starter", "steps": 8, "words": [["a zwerg", ""]], "is_map": False,
        "loras": [{"id": "1", "name": "My zwerg", "weight": 0.5}],
    }  # fmt: skip

    assert operators_sight.without_words(settings) == {
        "prompt": "…", "model": "starter", "steps": 8, "words": [["…", ""]], "is_map": False,
        "loras": [{"id": "…", "name": "…", "weight": 0.5}],
    }  # fmt: skip
