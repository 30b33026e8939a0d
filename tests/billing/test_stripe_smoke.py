"""The smoke journey, walked at the project's own shop; a live key is refused before anything is done."""

import pytest
from django.conf import LazySettings

from billing import stripe_smoke
from tests.billing.test_shop.counter import OpenShop

pytestmark = pytest.mark.django_db


def test_the_journey_goes_through_and_leaves_nothing_behind(gateway_shop: OpenShop) -> None:
    said: list[str] = []
    assert stripe_smoke.run(said.append), said
    assert [line[:2] for line in said] == ["ok"] * len(stripe_smoke.STEPS)
    assert gateway_shop.v1.test_helpers.test_clocks.list().data == []


def test_a_step_that_fails_is_named_and_ends_it(gateway_shop: OpenShop) -> None:
    gateway_shop.control("weather", down=True)
    said: list[str] = []
    assert not stripe_smoke.run(said.append)
    assert said[-1].startswith("FAILED  sell plans and packs: ShopUnavailable")


@pytest.mark.parametrize("key", ["sk_live_something_long", "rk_live_something_long", ""])
def test_a_live_key_is_refused(gateway_shop: OpenShop, settings: LazySettings, key: str) -> None:
    settings.STRIPE_SECRET_KEY = key
    with pytest.raises(stripe_smoke.LiveKey):
        stripe_smoke.run(print)
    assert gateway_shop.events() == []
