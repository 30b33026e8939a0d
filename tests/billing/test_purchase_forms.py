"""What was chosen, as it comes from a form or an address."""

from uuid import uuid4

import pytest

from billing.models import Pack
from billing.purchase_forms import PackChoice, PlanChoice

pytestmark = pytest.mark.django_db


def test_a_choice_names_plan_interval_and_form() -> None:
    key = uuid4()
    asked = PlanChoice({"plan": "pro", "interval": "year", "form_key": str(key)})
    assert asked.is_valid()
    plan, interval = asked.chosen
    assert (plan.pk, interval, asked.key) == ("pro", "year", key)


def test_an_address_has_no_key_and_gets_one() -> None:
    asked = PackChoice({"pack": "site-1000"})
    assert asked.is_valid()
    assert asked.chosen == Pack.objects.get(pk="site-1000")
    assert asked.key != asked.key  # a new one each time it is asked for


@pytest.mark.parametrize(
    "wrong",
    [{"plan": "free"}, {"plan": "gold"}, {"plan": ""}, {"interval": "week"}, {"interval": ""}, {"form_key": "1"}],
)
def test_what_is_not_for_sale_is_no_choice(wrong: dict[str, str]) -> None:
    assert not PlanChoice({"plan": "pro", "interval": "year", "form_key": str(uuid4()), **wrong}).is_valid()


def test_a_pack_that_is_not_offered_is_no_choice() -> None:
    Pack.objects.filter(pk="site-1000").update(is_offered=False)
    assert not PackChoice({"pack": "site-1000"}).is_valid()
