import pytest

from accounts.forms import ProfileForm, time_zone_choices
from accounts.models import User
from tests.generation.runs import make_person
from tests.visitors import visitor

pytestmark = pytest.mark.django_db


def sign_up(**extra: str) -> User:
    answer = visitor().post(
        "/accounts/signup/", {"email": "Neu@Example.com", "password1": "a long enough secret", **extra}
    )
    assert answer.status_code == 302, answer.content.decode()
    return User.objects.get(email="neu@example.com")


def test_sign_up_keeps_the_time_zone_of_the_browser() -> None:
    assert sign_up(time_zone="Asia/Tokyo").time_zone == "Asia/Tokyo"


@pytest.mark.parametrize("nonsense", ["Mars/Olympus", "", "../etc/passwd", "x" * 64])
def test_sign_up_takes_utc_for_what_is_no_time_zone(nonsense: str) -> None:
    assert sign_up(time_zone=nonsense).time_zone == "UTC"


def test_a_name_of_30_characters_is_allowed_and_31_are_not() -> None:
    user = make_person()
    fits = ProfileForm({"display_name": "M" * 30, "time_zone": "UTC"}, instance=user)
    long = ProfileForm({"display_name": "M" * 31, "time_zone": "UTC"}, instance=user)

    assert fits.is_valid()
    assert "30" in long.errors["display_name"][0]


def test_blanks_of_a_name_are_tidied() -> None:
    form = ProfileForm({"display_name": "  Ada   Lovelace ", "time_zone": "UTC"}, instance=make_person())

    assert form.is_valid()
    assert form.cleaned_data["display_name"] == "Ada Lovelace"


def test_an_unknown_time_zone_is_refused_by_name() -> None:
    form = ProfileForm({"display_name": "", "time_zone": "Mars/Olympus"}, instance=make_person())

    assert "Mars/Olympus" in form.errors["time_zone"][0]


def test_time_zones_are_grouped_and_hold_the_current_one() -> None:
    groups = dict(time_zone_choices("EST5EDT"))

    assert ("Europe/Berlin", "Berlin") in groups["Europe"]
    assert {"UTC", "EST5EDT"} <= {name for name, _ in groups["Universal"]}
    assert "Etc" not in groups
