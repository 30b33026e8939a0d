import pytest
from django.conf import LazySettings
from django.contrib.admin.models import LogEntry

from accounts.models import User
from generation import showcase
from generation.models import Image, ModerationCase, Publication, Report, Tag
from tests.generation.runs import finished, make_person
from tests.generation.videos import make_video
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def image() -> Image:
    user = make_person()
    user.display_name = "Ada Lovelace"
    user.save()
    return finished(user, prompt="a secret <b>fox", num_images=1).images.select_related("user").get()


def publish(image: Image, *, is_listed: bool = False, shows_recipe: bool = True) -> str:
    shown = showcase.publish(image, is_listed=is_listed, shows_recipe=shows_recipe)
    return f"/s/{shown.token}/"


def test_whoever_has_the_link_sees_the_picture_and_not_whose_it_is(image: Image) -> None:
    answer = visitor().get(publish(image))

    page = words(answer)
    assert "a secret &lt;b&gt;fox" in page
    assert "<b>fox" not in page
    assert "Ada Lovelace" not in page
    assert "ada@example.com" not in page
    assert answer["X-Robots-Tag"] == "noindex"


def test_a_recipe_that_is_kept_back_is_nowhere_on_the_page(image: Image) -> None:
    path = publish(image, shows_recipe=False)

    page = words(visitor().get(path))

    assert "secret" not in page
    assert "Remix" not in page
    token = path.split("/")[2]
    assert visitor(make_person("bob@example.com")).get("/create/", {"remix": token}).status_code == 404


def test_a_remix_begins_with_the_pictures_settings(image: Image) -> None:
    token = publish(image).split("/")[2]

    page = words(visitor(make_person("bob@example.com")).get("/create/", {"remix": token}))

    assert "a secret &lt;b&gt;fox" in page
    assert f'value="{image.seed}"' in page


def test_a_video_offers_no_remix_for_its_picture_is_its_owners_alone(image: Image) -> None:
    path = publish(make_video(image.user, prompt="the fox runs"))

    page = words(visitor().get(path))

    assert "the fox runs" in page
    assert "Remix" not in page
    bob = visitor(make_person("bob@example.com"))
    assert bob.get("/create/", {"remix": path.split("/")[2]}).status_code == 404


def test_wrong_old_and_taken_down_links_lead_nowhere(image: Image) -> None:
    path = publish(image)
    assert visitor().get("/s/nonsense/").status_code == 404
    Publication.objects.update(taken_down_at=image.created_at)
    assert visitor().get(path).status_code == 404
    Publication.objects.all().delete()
    assert visitor().get(path).status_code == 404


def test_likes_need_somebody_and_count_once(image: Image) -> None:
    path = publish(image)
    assert_sent_to_login(visitor().post(f"{path}like/", {"likes": "yes"}), path)
    bob = visitor(make_person("bob@example.com"))

    for _ in range(2):
        page = words(bob.post(f"{path}like/", {"likes": "yes"}, follow=True))

    assert "1 like<" in page
    assert "0 likes" in words(bob.post(f"{path}like/", {"likes": "no"}, follow=True))


def test_anybody_can_report_and_an_operator_takes_it_down(image: Image) -> None:
    path = publish(image)

    page = words(visitor().post(f"{path}report/", {"reason": "hate", "words": "<script>x"}, follow=True))
    assert "Somebody will look at this picture." in page
    operator = visitor(User.objects.create_superuser("root@example.com", "correct horse battery"))
    listed = words(operator.get("/admin/generation/report/"))
    assert "Hate or harassment" in listed
    assert "&lt;script&gt;x" in listed
    case = ModerationCase.objects.get(image=Report.objects.get().image)
    operator.post(
        f"/admin/generation/moderationcase/{case.pk}/change/", {"verdict": "refuse", "why": "A symbol of hate."}
    )

    assert visitor().get(path).status_code == 404
    assert LogEntry.objects.get().change_message == "Not allowed: A symbol of hate."


def test_the_same_visitor_reports_a_picture_once(image: Image) -> None:
    path, sent = f"{publish(image)}report/", {"reason": "hate", "words": "my words"}
    client, again = visitor(), "A report of this picture was received from here before."
    assert "Thank you. Somebody will look" in words(client.post(path, sent, follow=True))

    assert again in words(client.post(path, {"reason": "other"}, follow=True)), "by the browser"
    assert "Thank you." in words(visitor().post(path, sent, follow=True)), "no public address, another browser"
    for answer in ("Thank you.", again):
        at_home = visitor().post(path, sent, follow=True, REMOTE_ADDR="8.8.8.8")
        assert answer in words(at_home), "by the network"
    assert Report.objects.count() == 3
    assert not Report.objects.filter(network__contains="8.8").exists()


def test_somebody_signed_in_reports_a_picture_once_wherever_they_are(image: Image) -> None:
    path, bob = f"{publish(image)}report/", make_person("bob@example.com")
    sent = {"reason": "hate"}
    assert "Thank you." in words(visitor(bob).post(path, sent, follow=True))

    assert "Your report of this picture was received before." in words(visitor(bob).post(path, sent, follow=True))
    assert Report.objects.values_list("reporter", "network", "device").get() == (bob.pk, "", "")


def test_a_report_without_a_reason_comes_back_with_what_was_typed(image: Image) -> None:
    answer = visitor().post(f"{publish(image)}report/", {"words": "my words"})

    assert answer.status_code == 422
    assert "Choose what is wrong with the picture." in words(answer)
    assert "my words" in words(answer)


def test_a_report_too_many_comes_back_with_what_was_typed(image: Image, settings: LazySettings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"report": "1/m/ip"}
    path, sent = f"{publish(image)}report/", {"reason": "hate", "words": "my words"}
    assert visitor().post(path, {**sent, "reason": ""}).status_code == 422

    answer = visitor().post(path, sent)

    assert answer.status_code == 429
    assert "That were many reports at once." in words(answer)
    assert "my words" in words(answer)


def test_in_the_showcase_its_author_and_tags_are_named(image: Image, settings: LazySettings) -> None:
    settings.SHOWCASE = True
    image.tags.add(Tag.objects.create(user=image.user, name="night sky"))

    answer = visitor().get(publish(image, is_listed=True))

    assert "Ada Lovelace" in words(answer)
    assert 'href="/showcase/?tag=night%20sky"' in words(answer)
    assert "X-Robots-Tag" not in answer


def test_a_like_from_before_the_log_in_counts_after_it_once(image: Image) -> None:
    path, bob = publish(image), make_person("bob@example.com")
    client = visitor()
    client.post(f"{path}like/", {"likes": "yes"})
    assert Publication.objects.get().likes_count == 0

    client.force_login(bob)
    assert "1 like" in words(client.get(path))

    client.post(f"{path}like/", {"likes": "no"})
    client.get(path)
    assert Publication.objects.get().likes_count == 0
