import pytest

from accounts import api_keys
from accounts.models import ApiAccount
from tests.factories import make_user
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/settings/api-keys/alerts/"


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().post(PAGE), "/create/")


def test_a_person_sets_their_own_level_alone() -> None:
    stranger, user = make_user(), make_user()
    api_keys.create(stranger, "Theirs")

    answer = visitor(user).post(PAGE, {"low_balance_at": "200"}, follow=True)

    assert "Saved." in words(answer)
    assert 'value="200"' in words(answer)
    assert ApiAccount.objects.get(user=user).low_balance_at == 200
    assert ApiAccount.objects.get(user=stranger).low_balance_at == 50


@pytest.mark.parametrize("value", ["-1", "many", "", "1000000001"])
def test_a_level_out_of_bounds_is_not_saved(value: str) -> None:
    user = make_user()
    answer = visitor(user).post(PAGE, {"low_balance_at": value})
    assert answer.status_code == 422
    page = words(answer)
    assert f'value="{value}" aria-describedby="low_balance_at-hint low_balance_at-error" aria-invalid="true"' in page
    assert 'id="low_balance_at-error"' in page
    assert ApiAccount.objects.get(user=user).low_balance_at == 50
