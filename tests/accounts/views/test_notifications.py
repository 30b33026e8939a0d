import pytest

from accounts import notifications
from accounts.models import Channel, Happening
from tests.factories import make_user
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/settings/notifications/"


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}choices/"])
def test_anonymous_people_log_in_first(path: str) -> None:
    assert_sent_to_login(visitor().get(path), path)


def test_the_page_shows_what_holds() -> None:
    page = words(visitor(make_user()).get(PAGE))

    assert 'value="low_credits.email" checked' in page
    assert 'value="run_done.sound">' in page
    assert 'value="low_credits.sound">' in page
    assert 'value="report_answered.sound"' not in page


def test_choices_are_saved_and_said_and_unknown_ones_ignored() -> None:
    user = make_user()

    answer = visitor(user).post(PAGE, {"wanted": ["run_failed.email", "run_done.sound", "x.y"]}, follow=True)

    assert "Notifications saved." in words(answer)
    assert notifications.chosen(user) == {(Happening.RUN_FAILED, Channel.EMAIL), (Happening.RUN_DONE, Channel.SOUND)}


def test_unticking_all_is_a_choice() -> None:
    user = make_user()
    visitor(user).post(PAGE, {})
    assert notifications.chosen(user) == set()


def test_the_script_learns_what_is_its_own() -> None:
    user = make_user()
    visitor(user).post(PAGE, {"wanted": ["run_failed.email", "run_done.sound", "run_done.browser"]})

    answer = visitor(user).get(f"{PAGE}choices/")

    assert answer.json() == {"chosen": ["run_done.browser", "run_done.sound"]}
    assert "no-cache" in answer["Cache-Control"]
