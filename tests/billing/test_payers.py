"""Who pays: by the customer, or by the reference that a purchase was sent with."""

import re

import pytest

from billing import payers
from billing.models import Customer, Interval, Pack, Plan
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_a_reference_says_who_buys_what_in_letters_the_shop_takes() -> None:
    user = make_user()
    for plan in Plan.objects.exclude(pk="free"):
        for interval in Interval:
            reference = payers.reference_for(user, plan.key(interval))
            assert re.fullmatch(r"[A-Za-z0-9_-]{1,200}", reference)
            assert payers.plan_meant(reference) == (plan, interval)
            assert payers.pack_meant(reference) is None
    for pack in Pack.objects.all():
        reference = payers.reference_for(user, pack.key)
        assert payers.pack_meant(reference) == pack
        assert payers.plan_meant(reference) is None


def test_the_customer_comes_before_the_reference() -> None:
    one, other = make_user(), make_user()
    Customer.objects.create(user=one, customer_id="cus_1")
    reference = payers.reference_for(other, "starter:month")
    assert payers.payer_of("cus_1", reference) == one
    assert payers.payer_of("cus_2", reference) == other
    assert payers.payer_of("", "", reference) == other


@pytest.mark.parametrize("reference", ["", "order-1", "x_starter-month", "0" * 32 + "_starter-month"])
def test_nobody_is_known_by_a_strange_reference(reference: str) -> None:
    assert payers.payer_of("cus_gone", reference) is None
    assert payers.pack_meant(reference) is None
