import base64
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Scope
from generation import pricing
from generation.models import Job, Upload
from tests.generation.api.calling import PROMPT, Program, make_program
from tests.generation.uploads import photograph, png_of

pytestmark = pytest.mark.django_db

SETTINGS = {"model": "midjourney", "width": 256, "height": 256, "numImages": 2}


def ask(program: Program, **more: object) -> dict[str, Any]:
    response = program.post("diffusions/quote", {**SETTINGS, **more})
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    return answer


def test_a_price_is_itemised_and_costs_nothing() -> None:
    answer = ask(make_program(credits=0))

    assert (answer["credits"], answer["perImage"], answer["numImages"]) == (8, 4, 2)
    assert {"name": "Size", "factor": 4.0, "detail": "256 × 256"} in answer["terms"]
    assert not Job.objects.exists()


def test_an_orders_body_can_be_asked_about_as_it_is() -> None:
    program = make_program()
    first = ask(program)

    again = ask(program, **PROMPT, ref="order-7", quoteId=first["quoteId"])

    assert again["credits"] == first["credits"]
    assert program.post("diffusions/quote", {**SETTINGS, "ref": "x" * 201}).status_code == 400


def test_a_price_holds_when_prices_change(monkeypatch: pytest.MonkeyPatch) -> None:
    program = make_program()
    quote_id = ask(program)["quoteId"]
    monkeypatch.setitem(pricing.TASK_WEIGHTS, "text-to-image", Fraction(10))

    now = program.post("diffusions", {**PROMPT, **SETTINGS}).json()["cost"]["credits"]
    promised = program.post("diffusions", {**PROMPT, **SETTINGS, "quoteId": quote_id}).json()["cost"]["credits"]

    assert (now, promised) == (80, 8)


def test_a_price_holds_for_ten_minutes() -> None:
    program = make_program()
    quote_id = ask(program)["quoteId"]

    with time_machine.travel(timezone.now() + timedelta(minutes=9)):
        assert program.post("diffusions", {**PROMPT, **SETTINGS, "quoteId": quote_id}).status_code == 201
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        response = program.post("diffusions", {**PROMPT, **SETTINGS, "quoteId": quote_id})
    assert (response.status_code, response.json()["error"]["code"]) == (409, "quote_expired")


def test_a_price_is_for_these_settings_and_this_account() -> None:
    program, stranger = make_program(), make_program()
    quote_id = ask(program)["quoteId"]

    def code(who: Program, **more: object) -> str:
        return str(who.post("diffusions", {**PROMPT, **SETTINGS, "quoteId": quote_id, **more}).json()["error"]["code"])

    assert code(program, numImages=3) == "quote_mismatch"
    assert code(program, quoteId="quote_made_up") == "unknown_quote"
    assert code(stranger) == "unknown_quote"


def test_a_test_keys_price_is_none_for_a_live_key() -> None:
    live = make_program()
    test = make_program(credits=0, user=live.user, is_test=True)
    answer = ask(test)
    assert answer["credits"] == 0

    response = live.post("diffusions", {**PROMPT, **SETTINGS, "quoteId": answer["quoteId"]})

    assert response.status_code == 409


def test_what_can_not_be_drawn_has_no_price() -> None:
    response = make_program().post("diffusions/quote", {"width": 97})

    assert (response.status_code, response.json()["error"]["param"]) == (400, "width")


def test_words_that_no_picture_can_be_drawn_from_have_no_price() -> None:
    response = make_program().post("diffusions/quote", {"prompt": "a {red|green fox"})

    assert (response.status_code, response.json()["error"]["param"]) == (400, "prompt")
    assert "is not closed" in response.json()["error"]["message"]


@pytest.mark.parametrize(("factor", "status"), [(2, 200), (3, 400)])
def test_a_price_keeps_no_picture_that_was_sent_along(factor: int, status: int) -> None:
    picture = base64.b64encode(png_of(photograph())).decode()
    reader = make_program(scopes=[Scope.READ])

    response = reader.post("diffusions/quote", {"task": "upscale", "image": picture, "factor": factor})

    assert response.status_code == status
    assert not Upload.objects.exists()


def test_a_price_of_a_picture_that_was_sent_along_holds_when_it_is_sent_again() -> None:
    picture = base64.b64encode(png_of(photograph())).decode()
    body, program = {"task": "upscale", "image": picture}, make_program()
    quote_id = program.post("diffusions/quote", body).json()["quoteId"]

    assert program.post("diffusions", {**body, "quoteId": quote_id}).status_code == 201
    assert Upload.objects.count() == 1
