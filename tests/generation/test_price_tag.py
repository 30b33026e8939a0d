import re
from pathlib import Path

import pytest
from django.utils import translation

from billing import grants
from generation import forms, pricing
from generation.price_tag import TERM_WORDS, CreditsShown, PriceTag, credits_of, price_tag
from getimg_site import pseudo_locale
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def tag(balance: int = 100, **values: str) -> PriceTag:
    return price_tag(forms.typed(values), CreditsShown(balance, None))


def test_the_defaults_cost_one_credit_a_picture_and_say_no_more() -> None:
    assert tag(num_images="4").line == "1 credit a picture"
    assert tag(size="128x96", steps="20").line == "1 credit a picture"  # no picture costs less


def test_what_costs_more_is_itemised() -> None:
    assert tag(size="160x128", steps="30").line == "2 credits a picture: size 1.25 ×, steps 1.2 ×"


def test_a_line_is_in_the_readers_language_with_its_signs() -> None:
    pseudo_locale.install()
    with translation.override(pseudo_locale.CODE):
        assert "šížé 1.25 ×" in tag(size="160x128", steps="30").line
    with translation.override("de"):
        assert "1,25 ×" in tag(size="160x128", steps="30").line


def test_every_term_of_a_price_has_its_words() -> None:
    names = re.findall(r'Term\(\s*gettext_noop\("(\w+)"\)', Path(pricing.__file__).read_text())

    assert set(names) == TERM_WORDS.keys()


def test_a_price_needs_no_prompt() -> None:
    quote = tag(num_images="3").quote

    assert quote is not None
    assert quote.credits == 3


def test_too_few_credits_name_what_is_missing_and_what_would_fit() -> None:
    shown = tag(balance=3, num_images="4", steps="50")

    assert (shown.missing, shown.fitting, shown.fitting_credits) == (5, 1, 2)


def test_enough_credits_name_what_is_left() -> None:
    shown = tag(balance=100, num_images="4")

    assert (shown.missing, shown.left) == (0, 96)


@pytest.mark.parametrize("values", [{"steps": "0"}, {"num_images": "11"}, {"size": "100x100"}, {"model": "none"}])
def test_a_setting_out_of_bounds_has_no_price(values: dict[str, str]) -> None:
    shown = tag(100, **values)

    assert shown.quote is None
    assert (shown.missing, shown.fitting, shown.left) == (0, 0, 100)
    assert "Mend" in shown.line


def test_credits_come_with_the_next_grant() -> None:
    user = make_user()
    assert credits_of(user) == CreditsShown(0, None)

    grants.start_monthly_credits(user)

    shown = credits_of(user)
    assert shown.balance == 100
    assert shown.next_grant is not None
    assert shown.next_grant.credits == 100


def test_who_has_no_wallet_yet_has_nothing() -> None:
    from accounts.models import User

    assert credits_of(User.objects.create_user("new@example.com", "x")) == CreditsShown(0, None)
