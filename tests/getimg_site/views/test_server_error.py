from contextlib import AbstractContextManager

import pytest
from django.conf import LazySettings
from django.db import InterfaceError, OperationalError, connection

from tests.factories import make_user
from tests.generation.api.calling import PROMPT, make_program
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db
ERRORS = [OperationalError("could not connect as getimg"), InterfaceError("connection already closed by getimg")]


def refusing(error: Exception) -> AbstractContextManager[None]:
    """Meet every statement with this error, as the driver raises it."""

    def refuse(*_: object) -> None:
        raise error

    return connection.execute_wrapper(refuse)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("path", ["/library/", "/pricing/", "/admin/"])
def test_while_the_database_is_away_a_page_says_so_and_when_to_come_back(
    error: Exception, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    browser = visitor(make_user())
    browser.raise_request_exception = False

    with refusing(error):
        answer = browser.get(path)

    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "The database does not answer" in words(answer)
    assert "no-store" in answer["Cache-Control"]
    assert str(error) not in words(answer)
    assert str(error) in caplog.text  # an operator reads of it


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_program_hears_that_it_may_send_its_order_again(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    program = make_program()

    with refusing(error):
        answer = program.post("diffusions", PROMPT, Idempotency_Key="an-order")

    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert answer.json()["error"]["code"] == "database_away"
    assert str(error) not in words(answer)
    assert "api request failed" in caplog.text
    assert program.post("diffusions", PROMPT, Idempotency_Key="an-order").status_code == 201


def test_the_apis_own_host_says_so_in_the_apis_words(settings: LazySettings) -> None:
    settings.API_HOST = "api.testserver"
    settings.ALLOWED_HOSTS = ["api.testserver"]
    program = make_program()

    with refusing(ERRORS[0]):
        answer = program.client.get(
            "/models", headers={"Host": "api.testserver", "Authorization": f"Bearer {program.text}"}
        )

    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert answer.json()["error"]["code"] == "database_away"


def test_any_other_error_is_a_500_that_says_nothing_of_it() -> None:
    browser = visitor(make_user())
    browser.raise_request_exception = False

    with refusing(RuntimeError("a secret")):
        answer = browser.get("/library/")

    assert answer.status_code == 500
    assert "Something broke" in words(answer)
    assert "a secret" not in words(answer)
