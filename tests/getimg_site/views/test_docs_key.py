import pytest

from accounts.models import ApiKey
from tests.factories import make_user
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


def test_a_test_key_is_made_by_a_press_and_stands_in_the_examples() -> None:
    user = make_user()
    client = visitor(user)
    client.post("/docs/key/", {"next": "/docs/"})

    key = ApiKey.objects.get(user=user)
    assert (key.is_test, key.name) == (True, "Quick start")
    assert "Bearer gi_test_" in words(client.get("/docs/"))
    assert "gi_test_" not in str(client.session["docs_key"])
    assert "Bearer gi_test_" not in words(visitor(make_user()).get("/docs/"))


def test_a_visitor_is_asked_to_log_in_first() -> None:
    answer = visitor().post("/docs/key/", {"next": "/docs/"})
    assert_sent_to_login(answer, "/create/")
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "a red fox", ""]
)
def test_a_press_leads_nowhere_else(elsewhere: str) -> None:
    answer = visitor(make_user()).post("/docs/key/", {"next": elsewhere})
    assert answer["Location"] == "/docs/"
