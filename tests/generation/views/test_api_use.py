from typing import Any
from uuid import uuid4

import pytest

from accounts import api_keys
from accounts.models import ApiKey, User
from billing import ledger
from billing.models import CreditLot, Product
from generation import lifecycle, pricing
from generation.orders import Order
from generation.params import parse_text_to_image
from tests.factories import make_user
from tests.generation.runs import claim, pictures
from tests.visitors import HTMX, assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/settings/api-keys/use/"


def make_key(user: User, **facts: Any) -> ApiKey:
    wallet = ledger.wallet_of(user, Product.API)
    ledger.grant(wallet, 100, source=CreditLot.Source.PURCHASE, key=uuid4().hex, reason="For a test")
    return api_keys.create(user, "For a test", **facts)[0]


def make_pictures(key: ApiKey, number: int) -> None:
    params = parse_text_to_image({"prompt": "a red fox", "num_images": number})
    quote = pricing.quote(params)
    order = Order(key.user, params, quote, params.served().model.slug, uuid4().hex, api_key=key)
    job = lifecycle.place(order)
    taken = claim().jobs[0]
    lifecycle.finish(taken, taken.attempt, pictures(job, *range(number)))


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get(PAGE), PAGE)
    assert visitor().get(PAGE, headers=HTMX)["HX-Redirect"].startswith("/accounts/login/")


def test_a_person_sees_their_own_pictures_alone() -> None:
    user = make_user()
    make_pictures(make_key(user), 3)
    make_pictures(make_key(user), 1)
    make_pictures(make_key(make_user()), 2)

    page = words(visitor(user).get(PAGE))

    assert "<strong>4 pictures</strong>" in page
    assert page.count("<rect") == 30
    assert page.count('class="api-use-bar"') == 1


def test_a_key_shows_its_own_and_what_is_left_of_its_caps() -> None:
    user = make_user()
    key = make_key(user, daily_cap=10)
    make_pictures(key, 3)
    make_pictures(make_key(user), 1)

    page = words(visitor(user).get(f"/settings/api-keys/{key.pk}/use/"))

    assert "<strong>3 pictures</strong>" in page
    assert "<strong>3</strong> of 10 credits spent today" in page


def test_a_strangers_key_is_not_there() -> None:
    key = make_key(make_user())
    assert visitor(make_user()).get(f"/settings/api-keys/{key.pk}/use/").status_code == 404
