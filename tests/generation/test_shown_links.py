"""Links that others follow to files of what is shown to them: seen on a page, tried again when it is shown no more."""

import re
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from PIL import Image as Pillow
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from generation import custom_models, gallery, showcase, shown_links, storage
from generation.models import CustomModel, Image, ModerationCase, Publication
from tests.generation.pictures import draw
from tests.generation.runs import make_person
from tests.generation.trained import lora_file, training
from tests.generation.videos import make_video
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

LINK = re.compile(r"/media/[^\"' ]+")


@pytest.fixture(autouse=True)
def _open_showcase(settings: LazySettings) -> None:
    settings.SHOWCASE = True


@pytest.fixture
def shown() -> Publication:
    return showcase.publish(draw(make_person()), is_listed=True, shows_recipe=True)


def links_on(path: str, client: Client | None = None) -> list[str]:
    """Return the links to files on a page."""
    found = LINK.findall(words((client or visitor()).get(path)))
    assert found, f"{path} shows no file"
    return found


def statuses(links: list[str]) -> set[int]:
    """Return what somebody gets who follows them, in a browser that has seen nothing yet."""
    return {visitor().get(link).status_code for link in links}


def press(image: Image, wish: str) -> None:
    answer = visitor(image.user).post(f"/pictures/{image.pk}/share/", {"share": wish})
    assert answer.status_code == 302


def take_down(image: Image) -> None:
    """Report it, and decide the case as an operator does."""
    visitor().post(f"/s/{image.publication.token}/report/", {"reason": "hate"})
    case = ModerationCase.objects.get(image=image)
    operator = visitor(User.objects.create_superuser("root@example.com", "correct horse battery"))
    operator.post(
        f"/admin/generation/moderationcase/{case.pk}/change/", {"verdict": "refuse", "why": "A symbol of hate."}
    )
    assert Publication.objects.get().taken_down_at


def delete(image: Image) -> None:
    visitor(image.user).post(f"/pictures/{image.pk}/delete/")
    assert not Image.objects.visible_to(image.user).exists()


def suspend(image: Image) -> None:
    User.objects.filter(pk=image.user_id).update(is_active=False)


ENDS = {
    "made private": lambda image: press(image, "end"),
    "taken down": take_down,
    "deleted": delete,
    "deleted by a program": lambda image: gallery.delete(image),
    "its owner suspended": suspend,
}


@pytest.mark.parametrize("is_listed", [True, False], ids=["showcase", "link alone"])
@pytest.mark.parametrize("end", ENDS)
def test_what_somebody_has_seen_stops_at_once(end: str, is_listed: bool) -> None:
    image = draw(make_person())
    press(image, "showcase" if is_listed else "link")
    seen = links_on(f"/s/{image.publication.token}/")
    seen += links_on("/showcase/") + links_on(f"/showcase/by/{image.user_id}/") if is_listed else []
    assert statuses(seen) == {200}

    ENDS[end](image)

    for link in seen:
        answer = visitor().get(link)
        assert (answer.status_code, answer["Cache-Control"]) == (404, "no-store")
        assert visitor().get(link, headers={"If-None-Match": "*"}).status_code == 404
        assert visitor().get(link, headers={"Range": "bytes=0-1"}).status_code == 404


def test_a_video_stops_with_its_poster() -> None:
    image = make_video(make_person())
    press(image, "link")
    seen = links_on(f"/s/{image.publication.token}/")
    assert {link.rsplit("/", 1)[1] for link in seen} == {"video.mp4", "640.webp"}
    assert statuses(seen) == {200}

    press(image, "end")

    assert statuses(seen) == {404}


def test_out_of_the_showcase_it_is_still_shown_by_its_link(shown: Publication) -> None:
    seen = links_on("/showcase/")

    press(shown.image, "link")
    assert statuses(seen) == {200}
    press(shown.image, "end")
    assert statuses(seen) == {404}


def test_shared_anew_it_is_another_link_and_what_was_seen_before_stays_dead(shown: Publication) -> None:
    seen = links_on(f"/s/{shown.token}/")
    press(shown.image, "end")

    press(shown.image, "link")

    assert statuses(seen) == {404}
    assert statuses(links_on(f"/s/{Publication.objects.get().token}/")) == {200}


def test_back_from_the_trash_it_is_shown_again(shown: Publication) -> None:
    seen = links_on("/showcase/")
    gallery.delete(shown.image)
    assert statuses(seen) == {404}

    gallery.restore(shown.image)

    assert statuses(seen) == {200}


def test_its_owner_goes_on_seeing_it(shown: Publication) -> None:
    own = links_on(f"/pictures/{shown.image_id}/", visitor(shown.user))
    take_down(shown.image)

    assert statuses(own) == {200}
    assert statuses(links_on(f"/pictures/{shown.image_id}/", visitor(shown.user))) == {200}


def test_a_link_is_good_for_its_file_alone_and_as_what_it_is(shown: Publication) -> None:
    link = shown_links.url(shown.image.thumbnail_320, shown.token)
    assert statuses([link]) == {200}
    for other in (
        link.replace("320.webp", "640.webp"),
        link.replace("/media/shown/", "/media/"),
        link.replace("/media/shown/", "/media/operators/"),
        storage.signed_url(shown.image.file).replace("/media/", "/media/shown/"),
        shown_links.url(shown.image.file, "another"),
        shown_links.url("pictures/ab/nonsense/320.webp", shown.token),
        shown_links.url(f"models/ab/{shown.image_id.hex}/weights.safetensors", shown.token),
    ):
        assert statuses([other]) == {404}, other


def test_it_expires(shown: Publication, monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    link = shown_links.url(shown.image.file, shown.token)
    _, _, _, expires, signature, key = urlsplit(link).path.split("/", 5)
    assert shown_links.holds(key, int(expires), signature)

    monkeypatch.setattr("time.time", lambda: int(expires) + 1.0)

    assert not shown_links.holds(key, int(expires), signature)


def test_a_browser_asks_again_soon_and_is_sent_nothing_that_it_has(shown: Publication) -> None:
    (link,) = links_on("/showcase/")
    answer = visitor().get(link)
    again = visitor().get(link, headers={"If-None-Match": answer["ETag"]})

    assert answer["Cache-Control"] == again["Cache-Control"] == "private, max-age=60"
    assert (again.status_code, again.content) == (304, b"")
    assert links_on("/showcase/") == [link], "another address is another file to a browser"


def test_looking_whether_it_is_shown_costs_one_query(
    shown: Publication, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    (link,) = links_on("/showcase/")
    with django_assert_num_queries(1):
        assert visitor().get(link).status_code == 200
    own = storage.signed_url(shown.image.file)
    with django_assert_num_queries(0):
        assert visitor().get(own).status_code == 200


def test_samples_stop_with_the_models_link() -> None:
    model, guest = with_sample(), make_person("bob@example.com")
    custom_models.accept(model, guest, custom_models.share(model))
    pages = (f"/models/shared/{custom_models.share(model)}/", "/models/", "/create/")
    seen = [link for page in pages for link in links_on(page, visitor(guest))]
    seen += links_on(pages[0])
    assert statuses(seen) == {200}
    own = links_on(f"/models/{model.pk}/", visitor(model.owner))

    custom_models.unshare(model)
    assert statuses(seen) == {404}
    custom_models.share(model)

    assert statuses(seen) == {404}
    assert statuses(own) == {200}


def with_sample() -> CustomModel:
    """Return a model that is ready and has drawn a sample."""
    model = training(make_person())
    custom_models.add_sample(model, Pillow.new("RGB", (64, 64)), quarter=4, position=0, prompt="a zwerg at sea")
    custom_models.finish(model, custom_models.keep_weights(model, lora_file(), rank=4))
    model.refresh_from_db()
    return model


def test_the_page_says_when_it_stops(shown: Publication, settings: LazySettings) -> None:
    client, path = visitor(shown.user), f"/pictures/{shown.image_id}/"
    assert "so does every link to the file that others got by it" in words(client.get(path))
    settings.S3_BUCKET = "pictures"
    assert "to the file within 5 minutes" in words(client.get(path))
    assert "can fetch its file for 5 minutes" in words(client.post(f"{path}share/", {"share": "end"}, follow=True))
    assert "within 5 minutes" in words(visitor().get("/faq/"))

    settings.S3_BUCKET = ""
    client.post(f"{path}share/", {"share": "link"})
    assert "nor does any link to the file" in words(client.post(f"{path}share/", {"share": "end"}, follow=True))
    assert "works for up to 48 hours" in words(visitor().get("/faq/"))


def test_what_the_worker_held_back_is_opened_by_operators_alone(shown: Publication) -> None:
    facts = {"file": shown.image.file, "thumbnail_320": shown.image.thumbnail_320}
    case = ModerationCase.objects.create(
        user=shown.user, kind="result", action="blocked", category="sexual", withheld=facts, last_at=timezone.now()
    )
    user = User.objects.create_superuser("root@example.com", "correct horse battery")
    operator = visitor(user)
    seen = links_on(f"/admin/generation/moderationcase/{case.pk}/change/", operator)

    assert len(seen) == 2
    assert {operator.get(link).status_code for link in seen} == {200}
    assert {visitor(shown.user).get(link).status_code for link in seen} == {404}
    assert statuses(seen) == {404}
    User.objects.filter(pk=user.pk).update(is_staff=False)
    assert {operator.get(link).status_code for link in seen} == {404}
