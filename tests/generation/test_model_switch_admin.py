"""A model that is turned off: with a reason, read where it was, not to be ordered, and what waits is still drawn."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditLine, User
from generation import catalog, lifecycle, model_switches
from generation.errors import InvalidParams, ModelUnavailable
from generation.models import ModelSwitch
from tests.generation.api.calling import make_program
from tests.generation.runs import claim, make_person, submit

pytestmark = pytest.mark.django_db

WHY = "It is being retrained; back on Monday."


def turn_off(slug: str) -> None:
    ModelSwitch.objects.create(slug=slug, is_off=True, reason=WHY)
    model_switches.memory.forget()


def test_staff_turn_a_model_off_with_a_reason_and_on_again(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))
    listed = client.get(reverse("admin:generation_modelswitch_changelist")).context["cl"]
    assert listed.result_count == sum(model.is_choice for model in catalog.MODELS.values())
    url = reverse("admin:generation_modelswitch_change", args=["starter-fast"])

    assert "Say why" in client.post(url, {"is_off": "on", "reason": " "}).content.decode()
    assert catalog.MODELS["starter-fast"].is_available
    client.post(url, {"is_off": "on", "reason": WHY})
    assert catalog.MODELS["starter-fast"].off_reason == WHY

    line = AuditLine.objects.get(verb="change", kind="generation.modelswitch")
    assert (line.object_id, line.changes["is_off"], line.changes["reason"]) == (
        "starter-fast",
        [False, True],
        ["", WHY],
    )
    client.post(url, {"reason": ""})
    assert catalog.MODELS["starter-fast"].is_available


def test_people_read_why_in_the_form_and_cannot_order_it(client: Client) -> None:
    ada = make_person()
    client.force_login(ada)
    turn_off("starter-fast")

    page = client.get(reverse("generation:create")).content.decode()

    assert WHY in page
    with pytest.raises(InvalidParams, match=WHY):
        submit(ada, model="starter-fast")
    assert submit(ada).is_active


def test_programs_read_that_it_is_not_available_and_why() -> None:
    program = make_program()
    turn_off("starter-fast")
    models = {model["id"]: model for model in program.get("models").json()["models"]}
    assert (models["starter-fast"]["available"], models["starter-fast"]["unavailableReason"]) == (False, WHY)
    assert (models["starter"]["available"], models["starter"]["unavailableReason"]) == (True, None)
    assert not models["sdxl-turbo"]["available"]
    assert "not installed" in models["sdxl-turbo"]["unavailableReason"]
    answer = program.post("diffusions", {"prompt": "a fox", "model": "starter-fast"})
    assert answer.status_code == 400
    assert WHY in answer.json()["detail"]


def test_what_waits_for_it_is_still_drawn() -> None:
    job = submit(make_person(), model="starter-fast")
    turn_off("starter-fast")
    with pytest.raises(ModelUnavailable, match=WHY):
        catalog.resolve("starter-fast")
    assert [taken.pk for taken in claim().jobs] == [job.pk]
    assert catalog.find(job.served_by).model.is_installed
    assert lifecycle.cancel(job)


def test_another_model_is_the_default_while_the_first_is_off() -> None:
    assert catalog.default_for("text-to-image") == "starter"
    turn_off("starter")
    assert catalog.default_for("text-to-image") == "starter-fast"
