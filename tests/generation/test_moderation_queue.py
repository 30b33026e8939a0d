"""Appeals and decisions: each with a reason, told to whom it concerns, and with what it means done."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client

from accounts.models import User
from generation import moderation_queue, showcase
from generation.errors import ContentRefused, InvalidParams
from generation.models import Image, ModerationCase, Publication
from tests.generation.runs import finished, make_person, submit

pytestmark = pytest.mark.django_db

PROMPT = "the nude in the museum's garden"


@pytest.fixture
def operator() -> User:
    return User.objects.create_superuser("operator@example.com", "correct horse battery")


def refused(user: User, prompt: str = PROMPT) -> ModerationCase:
    with pytest.raises(ContentRefused):
        submit(user, prompt=prompt)
    return ModerationCase.objects.get()


def test_an_accepted_appeal_lets_these_very_words_through_for_that_person_alone(operator: User) -> None:
    user, other = make_person(), make_person("bob@example.com")
    case = refused(user)

    moderation_queue.appeal(case, "It is a statue in a public museum.")
    case.refresh_from_db()
    assert case.is_waiting
    moderation_queue.decide(case, operator, allows=True, reason="A statue.")

    submit(user, prompt=PROMPT)
    for who, prompt in ((other, PROMPT), (user, PROMPT + " with a friend")):
        with pytest.raises(ContentRefused):
            submit(who, prompt=prompt)
    assert "A statue." in mail.outbox[0].body
    assert mail.outbox[0].to == [user.email]


def test_a_case_is_appealed_once_and_with_words(operator: User) -> None:
    case = refused(make_person())
    for words in ("", "no", "x" * 1001):
        with pytest.raises(InvalidParams):
            moderation_queue.appeal(case, words)

    moderation_queue.appeal(case, "It is a statue in a public museum.")
    case.refresh_from_db()
    moderation_queue.decide(case, operator, allows=False, reason="Not this one.")
    case.refresh_from_db()
    with pytest.raises(InvalidParams):
        moderation_queue.appeal(case, "It is a statue, as I said before.")


def test_a_flagged_prompt_that_is_not_allowed_is_refused_from_then_on(operator: User, settings: LazySettings) -> None:
    settings.MODERATION = ["sexual:flag"]
    user = make_person()
    submit(user, prompt=PROMPT)
    case = ModerationCase.objects.get()
    assert not ModerationCase.objects.visible_to(user).exists()

    moderation_queue.decide(case, operator, allows=False, reason="Not this one.")

    with pytest.raises(ContentRefused):
        submit(user, prompt=PROMPT)
    assert ModerationCase.objects.visible_to(user).get().can_be_appealed


def test_a_reported_picture_is_taken_down_with_a_reason_and_restored_after_an_appeal(
    operator: User, settings: LazySettings
) -> None:
    settings.SHOWCASE = True
    image = finished(make_person(), num_images=1).images.select_related("user").get()
    shown = showcase.publish(image, is_listed=True, shows_recipe=True)
    showcase.report(shown, None, {"reason": "hate"})
    showcase.report(shown, None, {"reason": "rights"})
    case = ModerationCase.objects.get()
    assert (case.kind, case.action, case.is_waiting) == ("publication", "reported", True)
    assert not ModerationCase.objects.visible_to(image.user).exists()

    moderation_queue.decide(case, operator, allows=False, reason="A symbol of hate.")
    assert not Publication.objects.open().exists()
    assert "A symbol of hate." in mail.outbox[-1].body

    case = ModerationCase.objects.visible_to(image.user).get()
    moderation_queue.appeal(case, "It is a temple in India, two thousand years old.")
    moderation_queue.decide(case, operator, allows=True, reason="A temple.")
    assert showcase.page().shown == [shown]
    assert not image.reports.filter(closed_at__isnull=True).exists()


def flagged_and_shown(user: User, settings: LazySettings) -> tuple[ModerationCase, list[Image]]:
    """Return the case of a flagged prompt, and its run's two pictures: in the showcase, and shown by link."""
    settings.MODERATION, settings.SHOWCASE = ["sexual:flag"], True
    images = list(finished(user, prompt=PROMPT, num_images=2).images.select_related("user"))
    for image, is_listed in zip(images, (True, False), strict=True):
        showcase.publish(image, is_listed=is_listed, shows_recipe=False)
    return ModerationCase.objects.get(), images


def test_an_appeal_that_is_won_shows_again_what_a_flagged_prompt_took_down(
    operator: User, settings: LazySettings
) -> None:
    case, images = flagged_and_shown(make_person(), settings)
    before = list(Publication.objects.open().order_by("pk").values("pk", "place", "token"))
    third = finished(images[0].user, prompt="a fox", num_images=1).images.select_related("user").get()
    showcase.publish(third, is_listed=False, shows_recipe=False)
    showcase.take_down_image(third)

    moderation_queue.decide(case, operator, allows=False, reason="Not this one.")
    assert not Publication.objects.open().exists()
    case.refresh_from_db()
    moderation_queue.appeal(case, "It is a statue in a public museum.")
    moderation_queue.decide(case, operator, allows=False, reason="Still not.")
    moderation_queue.decide(case, operator, allows=True, reason="A statue.")

    assert list(Publication.objects.open().order_by("pk").values("pk", "place", "token")) == before
    assert Publication.objects.get(image=third).taken_down_at


def test_what_another_decision_took_down_an_appeal_does_not_show_again(operator: User, settings: LazySettings) -> None:
    case, (listed, linked) = flagged_and_shown(make_person(), settings)
    showcase.report(listed.publication, None, {"reason": "hate"})
    moderation_queue.decide(case, operator, allows=False, reason="Not this one.")
    reported = ModerationCase.objects.get(kind="publication")
    moderation_queue.decide(reported, operator, allows=False, reason="A symbol of hate.")

    moderation_queue.decide(case, operator, allows=True, reason="A statue.")

    assert [shown.image for shown in Publication.objects.open()] == [linked]


def test_a_suspended_person_shows_nothing(settings: LazySettings) -> None:
    settings.SHOWCASE = True
    image = finished(make_person(), num_images=1).images.select_related("user").get()
    shown = showcase.publish(image, is_listed=True, shows_recipe=True)
    User.objects.filter(pk=image.user_id).update(is_active=False)

    assert showcase.page().shown == []
    assert Client().get(f"/s/{shown.token}/").status_code == 404


def test_words_for_others_are_held_to_the_policy(settings: LazySettings) -> None:
    settings.SHOWCASE = True
    image = finished(make_person(), num_images=1).images.select_related("user").get()
    Image.objects.filter(pk=image.pk).update(alt_text="a naked person")
    image.refresh_from_db()

    with pytest.raises(ContentRefused):
        showcase.publish(image, is_listed=False, shows_recipe=False)
    assert not Publication.objects.exists()


def test_words_go_after_their_time_unless_somebody_waits(settings: LazySettings, tmp_path: Path) -> None:
    user = make_person()
    refused(user)
    ModerationCase.objects.update(last_at="2020-01-01T00:00:00Z")
    moderation_queue.forget_old()
    assert not ModerationCase.objects.exists()
