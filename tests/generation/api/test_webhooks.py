import json
from typing import Any

import pytest

from accounts.models import Scope
from generation.models import WebhookDelivery, WebhookEndpoint
from tests.generation.api.calling import PROMPT, make_program
from tests.generation.api.told import make_endpoint

pytestmark = pytest.mark.django_db

URL = "https://hooks.example.com/pictures"


def said(response: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response.content)
    return found


def test_the_secret_is_in_the_answer_that_makes_the_endpoint_and_nowhere_else() -> None:
    program = make_program()

    made = program.post("webhooks", {"url": URL, "description": "Shop"})

    endpoint = WebhookEndpoint.objects.get()
    assert made.status_code == 201
    assert said(made)["secret"] == endpoint.secret
    assert said(made)["events"] == ["diffusion.finished", "diffusion.failed", "diffusion.canceled"]
    listed = program.get("webhooks")
    assert said(listed)["webhooks"][0] | {"secret": endpoint.secret} == said(made)
    assert endpoint.secret not in listed.content.decode()


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "url"),
        ({"url": None}, "url"),
        ({"url": 7}, "url"),
        ({"url": "http://169.254.169.254/latest/meta-data/"}, "url"),
        ({"url": "https://[::ffff:127.0.0.1]/"}, "url"),
        ({"url": "https://2130706433/"}, "url"),
        ({"url": URL, "events": "diffusion.finished"}, "events"),
        ({"url": URL, "events": []}, "events"),
        ({"url": URL, "events": [["diffusion.finished"]]}, "events"),
        ({"url": URL, "events": ["diffusion.eaten"]}, "events"),
        ({"url": URL, "description": "x" * 101}, "description"),
        ({"url": URL, "enabled": True}, "enabled"),
        ({"url": URL, "secret": "whsec_"}, "secret"),
    ],
)
def test_what_cannot_be_is_refused_by_name(body: dict[str, Any], param: str) -> None:
    response = make_program().post("webhooks", body)

    assert (response.status_code, said(response)["error"]["param"]) == (400, param)
    assert not WebhookEndpoint.objects.exists()


def test_the_eleventh_endpoint_is_refused() -> None:
    program = make_program()
    for _ in range(10):
        make_endpoint(program.user)

    response = program.post("webhooks", {"url": URL})

    assert (response.status_code, said(response)["error"]["code"]) == (409, "too_many_webhooks")


def test_a_key_without_the_scope_may_not_even_look() -> None:
    program = make_program(scopes=[Scope.READ, Scope.GENERATE, Scope.DELETE])

    answers = [program.get("webhooks"), program.post("webhooks", {"url": URL})]

    assert [response.status_code for response in answers] == [403, 403]
    assert "webhooks" in said(answers[0])["detail"]


def test_anonymous_callers_are_asked_for_a_key() -> None:
    assert make_program().client.get("/v1/webhooks").status_code == 401


def test_a_list_holds_the_callers_own_alone() -> None:
    make_endpoint()

    assert said(make_program().get("webhooks")) == {"webhooks": []}


def test_an_endpoint_of_a_test_key_is_told_of_test_runs_alone() -> None:
    live = make_program()
    test = make_program(user=live.user, is_test=True)
    made = said(test.post("webhooks", {"url": "https://example.com/test"}))
    of_live = said(live.post("webhooks", {"url": "https://example.com/live"}))

    for program in (live, test):
        program.post(f"diffusions/{said(program.post('diffusions', PROMPT))['id']}/cancel")

    assert (made["isTest"], of_live["isTest"]) == (True, False)
    told = WebhookDelivery.objects.values_list("endpoint__url", "job__is_test").order_by("endpoint__url", "id")
    live_url, test_url = "https://example.com/live", "https://example.com/test"
    assert list(told) == [(live_url, False), (live_url, True), (test_url, True)]


def test_each_kind_of_key_sees_the_endpoints_of_its_kind() -> None:
    live = make_program()
    test = make_program(user=live.user, is_test=True)
    made = [said(program.post("webhooks", {"url": "https://example.com/"}))["id"] for program in (live, test)]

    for program, own, others in ((live, made[0], made[1]), (test, made[1], made[0])):
        assert [one["id"] for one in said(program.get("webhooks"))["webhooks"]] == [own]
        assert program.get(f"webhooks/{others}").status_code == 404
        assert program.post(f"webhooks/{others}/rotate").status_code == 404
        assert program.delete(f"webhooks/{others}").status_code == 404
