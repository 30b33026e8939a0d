"""Switches as people meet them: staff turn them with a reason, people and programs read it, the audit log keeps it."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from accounts import switches
from accounts.errors import FeatureOff
from accounts.models import AuditLine, Feature, FeatureSwitch, User
from generation.api import fetching, problems
from generation.errors import TaskOff
from generation.models import Job
from tests.accounts.test_switches import turn
from tests.generation.api.calling import make_program
from tests.generation.runs import balance, make_person, submit
from tests.generation.trained import draft
from tests.generation.trainees import CREDITS, make_trainee, ordered
from tests.generation.videos import submit_video

pytestmark = pytest.mark.django_db


def test_staff_turn_a_feature_off_with_a_reason_and_on_again(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))
    listed = client.get(reverse("admin:accounts_featureswitch_changelist"))
    assert listed.context["cl"].result_count == len(Feature)
    url = reverse("admin:accounts_featureswitch_change", args=["sign_ups"])

    assert "Say why" in client.post(url, {"state": "off", "reason": " "}).content.decode()
    assert switches.is_on(Feature.SIGN_UPS)
    client.post(url, {"state": "off", "reason": "We are full until Monday."})
    assert not switches.is_on(Feature.SIGN_UPS)

    line = AuditLine.objects.get(verb="change", kind="accounts.featureswitch")
    assert line.changes["state"] == ["", "off"]
    assert line.changes["reason"] == ["", "We are full until Monday."]
    client.post(url, {"state": "on", "reason": ""})
    assert switches.is_on(Feature.SIGN_UPS)


def test_who_may_not_change_switches_does_not(client: Client) -> None:
    FeatureSwitch.objects.create(feature=Feature.API)
    url = reverse("admin:accounts_featureswitch_change", args=["api"])
    client.force_login(User.objects.create_user("staff@example.com", "correct horse battery", is_staff=True))
    assert client.post(url, {"state": "off", "reason": "No."}).status_code == 403
    assert switches.is_on(Feature.API)


def test_nobody_signs_up_while_that_is_off_and_everybody_logs_in(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    turn(Feature.SIGN_UPS, "off", "We are full until Monday.")
    for answer in (client.get(reverse("account_signup")), client.post(reverse("account_signup"), {"email": "a@b.c"})):
        assert answer.status_code == 503
        assert "We are full until Monday." in answer.content.decode()
    assert client.get(reverse("account_login")).status_code == 200
    assert not [line for line in caplog.records if line.name == "django.request"]


def test_the_showcase_is_off_with_a_reason_or_not_there_at_all(client: Client, settings: LazySettings) -> None:
    url = reverse("generation:showcase")
    assert client.get(url).status_code == 404
    turn(Feature.SHOWCASE, "on")
    assert client.get(url).status_code == 200
    settings.SHOWCASE = True
    turn(Feature.SHOWCASE, "off", "We tidy up.")
    answer = client.get(url)
    assert answer.status_code == 503
    assert "We tidy up." in answer.content.decode()


def test_programs_are_told_that_the_api_is_off(caplog: pytest.LogCaptureFixture) -> None:
    program = make_program()
    turn(Feature.API, "off", "We move to new computers.")
    answer = program.get("models")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "switched_off")
    assert "We move to new computers." in answer.json()["detail"]
    assert int(answer["Retry-After"]) > 0
    assert not [line for line in caplog.records if line.name == "django.request"]


def test_no_picture_is_fetched_by_its_address_while_that_is_off() -> None:
    turn(Feature.FETCHING, "off", "Too many of them.")
    with pytest.raises(FeatureOff) as caught:
        fetching.fetch(uuid4(), "https://example.com/fox.png", "image")
    told = problems.translate(caught.value)
    assert told is not None
    assert (told.status_code, told.code) == (503, "switched_off")
    assert "Too many of them." in told.document["detail"]


@pytest.mark.parametrize(("feature", "order"), [(Feature.VIDEO, submit_video), (Feature.TRAINING, ordered)])
def test_what_is_off_is_not_ordered_and_costs_nothing(feature: Feature, order: Callable[[User], Job]) -> None:
    ada = make_trainee()
    turn(feature, "off", "It is being mended.")
    with pytest.raises(TaskOff, match="It is being mended"):
        order(ada)
    assert not Job.objects.exists()
    assert balance(ada) == CREDITS
    assert submit(ada).is_active


@pytest.mark.parametrize(
    ("feature", "path"),
    [
        (Feature.VIDEO, "/video/"),
        (Feature.TRAINING, "/models/new/"),
        (Feature.TRAINING, "a draft"),
        (Feature.API, "/docs/"),
        (Feature.API, "/docs/playground/"),
        (Feature.API, "/settings/api-keys/"),
    ],
)
def test_it_is_said_above_the_button_before_anybody_presses(client: Client, feature: Feature, path: str) -> None:
    ada = make_trainee()
    client.force_login(ada)
    url = f"/models/{draft(ada).pk}/" if path == "a draft" else path
    assert 'id="switched-off"' not in client.get(url).content.decode()
    turn(feature, "off", "It is being mended.")
    page = client.get(url).content.decode()
    said = page.index(f"{feature.label}: switched off for now. It is being mended.")
    assert said < page.index("<button", said)


def test_a_program_is_told_which_tool_is_off() -> None:
    turn(Feature.VIDEO, "off", "It is being mended.")
    with pytest.raises(TaskOff) as caught:
        submit_video(make_person())
    told = problems.translate(caught.value)
    assert told is not None
    assert (told.status_code, told.code) == (503, "switched_off")
