import pytest
from django.conf import LazySettings

from generation import certificates
from tests.generation.runs import make_person
from tests.visitors import visitor

ADDRESS = "/.well-known/getimg-licence-keys.json"


@pytest.mark.django_db
def test_everybody_finds_the_keys_and_nobody_the_secret(settings: LazySettings) -> None:
    for user in (None, make_person()):
        answer = visitor(user).get(ADDRESS)

        assert answer.json() == {"keys": certificates.published_keys()}
        assert set(answer.json()["keys"][0]) == {"kty", "crv", "use", "kid", "x"}
        assert settings.LICENCE_SIGNING_KEY not in answer.content.decode()
        assert set(answer["Cache-Control"].split(", ")) == {"public", "max-age=3600"}


def test_keys_are_only_read() -> None:
    assert visitor().post(ADDRESS).status_code == 405
