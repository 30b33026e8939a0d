import pytest
from django.conf import LazySettings
from django.test import Client

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
