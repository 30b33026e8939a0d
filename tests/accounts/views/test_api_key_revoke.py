import pytest

from accounts import api_keys
from accounts.models import ApiKey
from tests.factories import make_user
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def key() -> ApiKey:
    return api_keys.create(make_user(), "Laptop")[0]


def page(key: ApiKey) -> str:
    return f"/settings/api-keys/{key.pk}/revoke/"


def test_anonymous_people_log_in_first(key: ApiKey) -> None:
    assert_sent_to_login(visitor().post(page(key)), "/create/")


def test_a_stranger_revokes_nothing(key: ApiKey) -> None:
    assert visitor(make_user()).post(page(key)).status_code == 404
    key.refresh_from_db()
    assert not key.is_revoked


def test_its_owner_revokes_it_once(key: ApiKey) -> None:
    client = visitor(key.user)

    answer = client.post(page(key), follow=True)

    key.refresh_from_db()
    assert key.is_revoked
    assert "“Laptop” is revoked." in words(answer)
    assert key.prefix not in words(answer)
    ended = key.revoked_at
    client.post(page(key))
    key.refresh_from_db()
    assert key.revoked_at == ended
