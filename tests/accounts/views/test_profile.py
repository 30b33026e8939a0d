import pytest

from accounts.models import User
from tests.generation.runs import make_person
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/settings/profile/"


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get(PAGE), PAGE)


def test_a_person_sees_their_own_profile_alone() -> None:
    make_person("bob@example.com")
    page = words(visitor(make_person("ada@example.com")).get(PAGE))

    assert "ada@example.com" in page
    assert "bob@example.com" not in page


def test_a_change_is_saved_and_said() -> None:
    user = make_person()

    answer = visitor(user).post(PAGE, {"display_name": "Ada", "time_zone": "Asia/Tokyo"}, follow=True)

    user.refresh_from_db()
    assert (user.display_name, user.time_zone) == ("Ada", "Asia/Tokyo")
    assert "Profile saved." in words(answer)


def test_a_refused_name_stays_in_its_field_and_not_at_the_top() -> None:
    user = make_person("ada@example.com")

    answer = visitor(user).post(PAGE, {"display_name": "M" * 31, "time_zone": "UTC"})

    page = words(answer)
    assert answer.status_code == 422
    assert f'value="{"M" * 31}"' in page
    assert 'aria-invalid="true"' in page
    assert '<span class="person-name">ada</span>' in page
    assert User.objects.get(pk=user.pk).display_name == ""
