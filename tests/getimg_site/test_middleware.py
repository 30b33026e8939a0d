import json
import logging
import re

import pytest
from django.conf import LazySettings
from django.test import Client

from generation.api import request_ids
from getimg_site.logging import JsonFormatter
from tests.generation.api.calling import PROMPT, make_program

pytestmark = pytest.mark.django_db

HOST = "api.example.com"


@pytest.fixture(autouse=True)
def _own_host(settings: LazySettings) -> None:
    settings.API_HOST = HOST
    settings.ALLOWED_HOSTS = [HOST, "testserver"]


@pytest.mark.parametrize("path", ["/v1/diffusions", "/diffusions"])
@pytest.mark.parametrize("host", [HOST, "API.example.com", f"{HOST}:8443"])
def test_the_apis_host_has_the_api_below_v1_and_at_its_root(host: str, path: str) -> None:
    program = make_program()
    headers = {"Authorization": f"Bearer {program.text}", "Host": host}

    made = program.client.post(path, PROMPT, content_type="application/json", headers=headers)

    assert made.status_code == 201
    assert program.client.get(f"{path}/{made.json()['id']}", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("testserver", "/v1/account", 401),
        ("testserver", "/v1/nothing", 404),
        (HOST, "/account", 401),
        (HOST, "/x", 404),
    ],
)
def test_every_answer_of_the_api_has_an_id(host: str, path: str, status: int) -> None:
    answers = [Client().get(path, headers={"Host": host}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [status] * 2
    ids = {answer.headers["X-Request-Id"] for answer in answers}
    assert len(ids) == 2
    assert all(re.fullmatch(request_ids.PATTERN, one) for one in ids)


def test_a_page_has_no_id() -> None:
    assert "X-Request-Id" not in Client().get("/").headers


def test_a_polled_run_and_a_refusal_of_plain_http_have_an_id(settings: LazySettings) -> None:
    program = make_program()
    made = program.post("diffusions", PROMPT)
    assert program.get(f"diffusions/{made.json()['id']}").headers["X-Request-Id"]

    settings.SECURE_SSL_REDIRECT = True
    refused = program.get("account")
    assert (refused.status_code, bool(refused.headers["X-Request-Id"])) == (403, True)


@pytest.mark.parametrize("given", ["req-7", "A.b_c-9" * 9, "x" * 65, "a b", "ü", "1\u0662", ""])
def test_a_plain_id_of_the_callers_is_kept(given: str) -> None:
    answer = Client().get("/v1/account", headers={"X-Request-Id": given})

    assert (answer.headers["X-Request-Id"] == given) == (given in ("req-7", "A.b_c-9" * 9))


def test_what_a_request_logs_has_its_id() -> None:
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(JsonFormatter().format(record))  # type: ignore[method-assign]
    logger = logging.getLogger("generation.lifecycle")
    logger.addHandler(handler)
    try:
        make_program().post("diffusions", PROMPT, X_Request_Id="req-7")
        logger.warning("outside")
    finally:
        logger.removeHandler(handler)

    *within, outside = [json.loads(line) for line in lines]
    assert within
    assert {line["request_id"] for line in within} == {"req-7"}
    assert "request_id" not in outside


@pytest.mark.parametrize("path", ["/s/%00/", "/r/a%00b/", "/models/shared/%00/", "/%00"])
def test_nothing_is_found_at_a_path_that_no_database_can_hold(path: str) -> None:
    response = Client().get(path)

    assert response.status_code == 404
    assert "text/html" in response.headers["Content-Type"]


@pytest.mark.parametrize("path", ["/", "/create/", "/admin/", "/settings/billing/"])
def test_the_apis_host_has_nothing_of_the_site(path: str) -> None:
    response = Client().get(path, headers={"Host": HOST})

    assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json")


def test_the_sites_host_has_the_api_below_v1_alone() -> None:
    program = make_program()
    headers = {"Authorization": f"Bearer {program.text}"}

    assert program.client.get("/v1/diffusions", headers=headers).status_code == 200
    assert program.client.get("/diffusions", headers=headers).status_code == 404


def test_the_files_of_the_site_can_be_had_from_the_apis_host() -> None:
    assert Client().get("/healthz", headers={"Host": HOST}).status_code == 200
    assert Client().get("/media/1/forged/pictures/x.png", headers={"Host": HOST}).status_code == 404


@pytest.mark.parametrize(("path", "status"), [("diffusions", 401), ("files", 401), ("nothing", 404)])
def test_a_body_that_is_refused_unread_is_taken_in_so_that_the_connection_lives_on(path: str, status: int) -> None:
    response = Client().post(f"/v1/{path}", b"a" * 1_000_000, content_type="application/json")

    assert response.status_code == status
    assert response.wsgi_request.read() == b""
