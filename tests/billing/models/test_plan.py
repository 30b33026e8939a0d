"""A plan and a pack forget the shop's prices that no longer are theirs."""

import pytest

from billing.models import Pack, Plan


@pytest.mark.parametrize(
    ("changed", "left"),
    [
        ({"name"}, ("price_m", "price_y")),
        ({"month_cents"}, ("", "price_y")),
        ({"year_cents", "name"}, ("price_m", "")),
        ({"currency"}, ("", "")),
    ],
)
def test_a_plan_forgets_the_price_that_changed(changed: set[str], left: tuple[str, str]) -> None:
    plan = Plan(month_price_id="price_m", year_price_id="price_y")
    plan.forget_prices(changed)
    assert (plan.month_price_id, plan.year_price_id) == left


@pytest.mark.parametrize(("changed", "left"), [({"credits"}, "price_p"), ({"price_cents"}, ""), ({"currency"}, "")])
def test_a_pack_forgets_its_price_where_that_changed(changed: set[str], left: str) -> None:
    pack = Pack(price_id="price_p")
    pack.forget_prices(changed)
    assert pack.price_id == left
