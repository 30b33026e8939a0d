from typing import Any

import pytest
from django.conf import LazySettings
from rest_framework.exceptions import APIException, NotAuthenticated, Throttled

from billing.errors import InsufficientCredits
from generation.api import problems
from generation.api.resource import Resource
from generation.errors import FieldError, InvalidParams, ModelUnavailable, ModelUnknown, QueueFull
from tests.generation.api.calling import make_program


def answer(error: Exception) -> Any:
    return problems.exception_handler(error, {"view": Resource()})


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (problems.not_found(), 404, "not_found"),
        (InvalidParams([FieldError("num_images", "Too many.")]), 400, "invalid_value"),
        (ModelUnknown("x", "y"), 400, "unknown_model"),
        (ModelUnavailable("x", "X"), 400, "model_unavailable"),
        (InsufficientCredits(4, 3), 402, "insufficient_credits"),
        (QueueFull(20, 20), 429, "queue_full"),
        (NotAuthenticated(), 401, "missing_api_key"),
        (Throttled(wait=7.2), 429, "throttled"),
        (APIException("odd", "odd"), 500, "odd"),
    ],
)
def test_every_refusal_is_a_problem_document_with_a_programs_fields(error: Exception, status: int, code: str) -> None:
    response = answer(error)

    document = response.data
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    assert (document["status"], document["error"]["code"]) == (status, code)
    assert document["detail"] == document["error"]["message"]
    assert document["type"] == document["error"]["docUrl"]
    assert set(document) >= {"type", "title", "status", "detail", "error"}


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (Throttled(wait=0.4), "Too many requests. Try again in 1 second."),
        (Throttled(wait=7.2), "Too many requests. Try again in 8 seconds."),
        (ModelUnknown("dall-e-3", None), "There is no model “dall-e-3”. See the list of models."),
    ],
)
def test_a_refusal_is_said_in_our_own_words(error: Exception, detail: str) -> None:
    assert answer(error).data["detail"] == detail


def test_one_credit_is_one(settings: LazySettings) -> None:
    settings.SITE_URL = "https://x"

    detail = answer(InsufficientCredits(1, 0)).data["detail"]

    assert detail == (
        "This costs 1 API credit and you have 0. Nothing was charged. Buy credits at https://x/pricing/api/."
    )


def test_each_refused_field_is_named_as_json_spells_it() -> None:
    document = answer(InvalidParams([FieldError("num_images", "A."), FieldError("seed", "B.")])).data

    assert [error["param"] for error in document["errors"]] == ["numImages", "seed"]
    assert document["error"]["param"] == "numImages"
    assert document["detail"] == "A. B."


def test_who_asks_too_fast_hears_when_to_come_back() -> None:
    assert answer(Throttled(wait=7.2)).headers["Retry-After"] == "8"


def test_of_an_unforeseen_error_nothing_leaves_the_server(caplog: pytest.LogCaptureFixture) -> None:
    response = answer(RuntimeError("a secret"))

    assert response.status_code == 500
    assert "secret" not in str(response.data)
    assert "api request failed" in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["nothing", "diffusions/", "diffusions/a/b/c", "diffusions/636f02e3-2df1-11ee-91eb-ba334091ec99/nothing"]
)
def test_an_address_that_leads_nowhere_says_so_in_the_apis_words(path: str) -> None:
    response = make_program().get(path)

    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_a_method_that_is_not_there_is_405_with_those_that_are() -> None:
    program = make_program()

    response = program.client.patch("/v1/diffusions", headers={"Authorization": f"Bearer {program.text}"})

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, POST, HEAD"


@pytest.mark.django_db
def test_a_page_of_another_site_is_not_told_that_it_may_ask() -> None:
    response = make_program().client.options("/v1/diffusions", headers={"Origin": "https://elsewhere.example"})

    assert response.status_code == 401
    assert not [name for name in response.headers if name.startswith("Access-Control")]
