from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from accounts.models import User
from generation import gallery, lifecycle, moderation_queue, params, showcase
from generation.models import CustomModel, Image, Job, ModelAlias, ModerationCase
from tests.generation.pictures import draw, put_on, stored
from tests.generation.runs import claim, finished, make_person
from tests.generation.trained import ready
from tests.generation.uploads import brought
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


def test_anonymous_people_log_in_first() -> None:
    page = f"/pictures/{finished(make_person()).images.get(index=0).pk}/"

    assert_sent_to_login(visitor().get(page), page)


def test_a_stranger_finds_nothing() -> None:
    image = finished(make_person()).images.get(index=0)

    assert visitor(make_person("bob@example.com")).get(f"/pictures/{image.pk}/").status_code == 404


def test_a_picture_says_that_the_base_of_its_model_had_changed() -> None:
    user = make_person()
    model = ready(user, name="Teapot")
    told = "“Teapot” was made for an earlier version of Starter"
    before = draw(user, loras=f"{model.pk}")
    CustomModel.objects.update(base_sha256="0" * 64)
    after = draw(user, loras=f"{model.pk}")

    pages = [words(visitor(user).get(f"/pictures/{image.pk}/")) for image in (before, after)]

    assert [told in page for page in pages] == [False, True]


def test_the_owner_sees_the_whole_recipe() -> None:
    ModelAlias.objects.update_or_create(slug="midjourney", defaults={"target": "starter"})
    user = make_person()
    values = {"prompt": "a fox in snow", "negative_prompt": "owls", "model": "midjourney", "seed": 4711}
    job = finished(user, **values, num_images=2, size="160x96", steps=30, guidance_scale=5.5, scheduler="euler")

    page = words(visitor(user).get(f"/pictures/{job.images.get(index=1).pk}/"))

    for part in (
        "a fox in snow",
        "Without owls",
        "midjourney · served by Starter",
        "Seed 4712",
        "30 steps",
        "Guidance 5.5",
        "Euler",
        f"/create/runs/{job.pk}/",
    ):
        assert part in page


def test_an_edits_own_settings_are_there_and_how_it_was_blended() -> None:
    user = make_person()
    values = {"prompt": "a fox", "images": f"{brought(user).reference},{brought(user, seed=2).reference}"}
    lifecycle.submit(user, params.parse("blend", {**values, "weights": "3,1", "strength": "0.4"}, user), key="k")
    image = stored(claim().jobs[0])

    page = words(visitor(user).get(f"/pictures/{image.pk}/"))

    for part in ("Strength 0.4", "Weights 75% : 25%", "By shapes and colours (latents)"):
        assert part in page


def test_arrows_lead_to_the_neighbours() -> None:
    user = make_person()
    oldest, middle, newest = finished(user, num_images=3).images.order_by("id")

    page = " ".join(words(visitor(user).get(f"/pictures/{middle.pk}/")).split())

    assert f'href="/pictures/{newest.pk}/" data-walks data-key="ArrowLeft"' in page
    assert f'href="/pictures/{oldest.pk}/" data-walks data-key="ArrowRight"' in page


def test_a_deleted_picture_has_no_page() -> None:
    user = make_person()
    image = finished(user).images.get(index=0)
    gallery.delete(image)

    assert visitor(user).get(f"/pictures/{image.pk}/").status_code == 404


def test_the_way_on_is_offered_by_seed_prompt_and_everything() -> None:
    user = make_person()
    image = finished(user).images.get(index=0)

    page = words(visitor(user).get(f"/pictures/{image.pk}/"))

    for take in ("seed", "prompt", "all"):
        assert f'href="/create/?from={image.pk}&amp;take={take}"' in page


def page_of(plan: str, *, now_on: str | None = None) -> str:
    """Return the page of a picture made on one plan, seen on another."""
    user = make_person()
    put_on(user, plan)
    image = draw(user)
    put_on(user, now_on or plan)
    return words(visitor(user).get(f"/pictures/{image.pk}/"))


def test_a_free_picture_says_personal_use_and_what_to_do() -> None:
    page = page_of("free")

    for part in ("Personal use", "Made on the Free plan.", "choose a plan and make it again", 'href="/pricing/"'):
        assert part in page


def test_a_paid_picture_says_commercial_use() -> None:
    page = page_of("pro")

    for part in ("Commercial use", "Made on the Pro plan.", "certificate.pdf", "certificate.json", ">MIT</a>"):
        assert part in page
    assert "Make it again" not in page


def test_what_was_made_from_a_picture_of_personal_use_says_so_and_where_to_go() -> None:
    user = make_person()
    put_on(user, "free")
    first = draw(user)
    put_on(user, "pro")
    lifecycle.submit(user, params.parse("upscale", {"image": f"image:{first.pk}"}, user), key="larger")
    enlarged = stored(claim().jobs[0])

    page = words(visitor(user).get(f"/pictures/{enlarged.pk}/"))

    for part in ("Personal use", "made from a picture that is for personal use", 'href="#lineage-title"'):
        assert part in page
    assert "See the plans" not in page


def test_what_was_made_from_an_upload_says_what_the_licence_leaves_open() -> None:
    user = make_person()
    put_on(user, "pro")
    lifecycle.submit(user, params.parse("upscale", {"image": brought(user).reference}, user), key="larger")
    enlarged = stored(claim().jobs[0])

    page = words(visitor(user).get(f"/pictures/{enlarged.pk}/"))

    assert "Commercial use" in page
    assert "says nothing of the rights in that one" in page


def test_a_plan_that_ended_takes_nothing_back() -> None:
    assert "Commercial use" in page_of("pro", now_on="free")


def test_who_has_a_plan_by_now_is_not_sold_another() -> None:
    page = page_of("free", now_on="pro")

    assert "Personal use" in page
    assert "See the plans" not in page
    assert "Make it again" in page


def test_details_say_how_long_it_is_kept() -> None:
    user = make_person()
    put_on(user, "free")
    user.wallets.update(plan_since=None, pictures_kept_until=None)
    image = draw(user)
    Image.objects.filter(pk=image.pk).update(created_at=datetime(2027, 1, 1, 12, tzinfo=UTC))

    assert 'until <time datetime="2027-04-01T12:00:00+00:00"' in words(visitor(user).get(f"/pictures/{image.pk}/"))
    put_on(user, "pro")
    assert "as long as your plan lasts" in words(visitor(user).get(f"/pictures/{image.pk}/"))
    Job.objects.update(product="api")
    for page in (f"/pictures/{image.pk}/", "/library/"):
        assert '<time datetime="2027-01-31T12:00:00+00:00"' in words(visitor(user).get(page))


def test_the_page_of_a_picture_that_goes_soon_says_so_first() -> None:
    user = make_person()
    put_on(user, "free")
    user.wallets.update(plan_since=None, pictures_kept_until=None)
    image = draw(user)
    assert "This picture goes" not in words(visitor(user).get(f"/pictures/{image.pk}/"))
    Image.objects.filter(pk=image.pk).update(created_at=timezone.now() - timedelta(days=84, hours=12))

    page = words(visitor(user).get(f"/pictures/{image.pk}/"))

    assert "This picture goes in 5 days" in page.partition("Prompt</h2>")[0]
    assert "It goes into the trash then, and for good 30 days later." in page
    assert "5 days left" in words(visitor(user).get(f"/create/runs/{image.job_id}/"))
    Job.objects.update(product="api")
    Image.objects.update(created_at=timezone.now() - timedelta(days=29, hours=12))
    page = words(visitor(user).get(f"/pictures/{image.pk}/"))
    assert "This picture goes today" in page
    assert "it goes for good, without the trash" in page


def test_a_test_shop_is_named_beside_the_licence(settings: LazySettings) -> None:
    assert "TEST SHOP" not in page_of("free")
    settings.TEST_SHOP = True

    image = draw(make_person("bob@example.com"))
    assert "TEST SHOP – not a licence" in words(visitor(image.user).get(f"/pictures/{image.pk}/"))


def test_a_picture_from_a_template_shows_what_it_was_drawn_from_and_the_template() -> None:
    user = make_person()
    image = finished(user, prompt="a {red|green} fox", num_images=2).images.get(index=1)

    page = words(visitor(user).get(f"/pictures/{image.pk}/"))

    assert f'<p class="panel-prompt">{image.prompt}</p>' in page
    assert image.prompt in ("a red fox", "a green fox")
    assert "a {red|green} fox" in page
    assert f'href="/create/?run={image.job_id}"' in page


@pytest.mark.parametrize("by_its_words", [True, False])
def test_who_reads_that_a_picture_was_taken_down_reads_why_and_may_appeal(
    settings: LazySettings, *, by_its_words: bool
) -> None:
    settings.MODERATION = ["sexual:flag"]
    operator = User.objects.create_superuser("operator@example.com", "correct horse battery")
    prompt = "the nude in the museum's garden" if by_its_words else "a fox"
    image = finished(make_person(), prompt=prompt, num_images=1).images.select_related("user").get()
    shown = showcase.publish(image, is_listed=False, shows_recipe=False)
    if not by_its_words:
        showcase.report(shown, None, {"reason": "hate"})
    case = ModerationCase.objects.get()
    moderation_queue.decide(case, operator, allows=False, reason="Not <this> one.")

    page = words(visitor(image.user).get(f"/pictures/{image.pk}/"))

    assert "after a report" not in page
    assert "The reason: Not &lt;this&gt; one." in page
    assert f'href="/settings/refusals/{case.pk}/">Read more, or appeal' in page
