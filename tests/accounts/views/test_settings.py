import pytest

from tests.generation.runs import make_person
from tests.visitors import assert_sent_to_login, visitor

pytestmark = pytest.mark.django_db


def test_settings_begin_with_the_profile() -> None:
    answer = visitor(make_person()).get("/settings/")

    assert (answer.status_code, answer["Location"]) == (302, "/settings/profile/")


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get("/settings/"), "/settings/")
