"""Operators edit what is for sale; its slug stays, and its prices reach the shop when they are sent."""

from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from billing import ledger, payments, subscriptions
from billing.models import Pack, Plan
from tests.billing import told
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user
from tests.visitors import words

pytestmark = pytest.mark.django_db

LIST = "/admin/billing/plan/"


def page(row: Plan | Pack) -> str:
    return reverse(f"admin:billing_{row._meta.model_name}_change", args=[row.pk])


def filled(plan: Plan, **values: Any) -> dict[str, Any]:
    names = ("name", "position", "month_cents", "year_cents", "currency", "monthly_credits", "jobs_at_once")
    facts = {name: getattr(plan, name) for name in (*names, "models_stored", "kept_days_after")}
    return {**facts, "is_offered": "on", "is_commercial": "on", "retention_days": "", **values}


def pack_facts(pack: Pack) -> dict[str, Any]:
    names = ("name", "product", "position", "credits", "price_cents", "currency")
    return {**{name: getattr(pack, name) for name in names}, "is_offered": "on", "lasts_days": ""}


def test_an_operator_changes_a_price(operator: Client) -> None:
    plan = Plan.objects.get(slug="pro")
    assert operator.post(page(plan), filled(plan, month_cents=3500)).status_code == 302
    plan.refresh_from_db()
    assert (plan.month_cents, plan.slug) == (3500, "pro")


def test_a_renewal_at_the_old_price_brings_its_credits_before_the_new_one_is_sent(operator: Client) -> None:
    plan = Plan.objects.get(slug="starter")
    with time_machine.travel(told.NOW, tick=False):
        user = make_user()
        subscriptions.apply(told.subscription(user))
    renewal = told.plan_invoice(user, id="in_2", reason="subscription_cycle")
    operator.post(page(plan), filled(plan, month_cents=1200))
    with time_machine.travel(told.NOW, tick=False):
        applied = payments.apply_invoice(renewal)
    assert applied is not None
    assert (applied.note, applied.payment.months, applied.payment.credits) == ("", 1, 2900)


@pytest.mark.parametrize("values", [{"price_cents": 400}, {"currency": "eur"}])
def test_a_pack_paid_at_the_old_price_brings_its_credits_before_the_new_one_is_sent(
    operator: Client, values: dict[str, Any]
) -> None:
    user, pack = make_user(), Pack.objects.get(slug="site-1000")
    paid = told.pack_invoice(user)
    operator.post(page(pack), {**pack_facts(pack), **values})
    applied = payments.apply_invoice(paid)
    assert applied is not None
    assert (applied.note, applied.payment.credits, ledger.wallet_of(user).balance) == ("", 1000, 1000)


def test_a_changed_price_is_forgotten_and_no_other(operator: Client) -> None:
    told.price("pro", "month")
    told.price("pro", "year")
    plan = Plan.objects.get(slug="pro")
    operator.post(page(plan), filled(plan, name="Professional"))
    plan.refresh_from_db()
    assert (plan.month_price_id, plan.year_price_id) == ("price_pro_month", "price_pro_year")
    operator.post(page(plan), filled(plan, year_cents=31000))
    plan.refresh_from_db()
    assert (plan.month_price_id, plan.year_price_id) == ("price_pro_month", "")
    operator.post(page(plan), filled(plan, currency="eur"))
    plan.refresh_from_db()
    assert (plan.month_price_id, plan.year_price_id) == ("", "")


def test_the_slug_of_a_plan_stays_and_its_page_says_how_prices_reach_the_shop(operator: Client) -> None:
    plan = Plan.objects.get(slug="pro")
    text = words(operator.get(page(plan)))
    assert 'name="slug"' not in text
    assert "sync_plans" in text
    operator.post(page(plan), filled(plan, slug="other"))
    assert Plan.objects.filter(slug="pro").exists()
    assert not Plan.objects.filter(slug="other").exists()


def test_the_free_plan_cannot_be_given_a_price(operator: Client) -> None:
    plan = Plan.objects.get(slug="free")
    answer = operator.post(page(plan), filled(plan, month_cents=100))
    assert "The free plan costs 0 cents, not 100." in words(answer)
    plan.refresh_from_db()
    assert plan.month_cents == 0


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"month_cents": 0}, "costs at least 1 cent"),
        ({"jobs_at_once": 0}, "At least 1 run at a time"),
        ({"monthly_credits": -1}, "greater than or equal to 0"),
        ({"name": ""}, "required"),
    ],
)
def test_what_makes_no_sense_is_refused_in_its_place(operator: Client, values: dict[str, Any], message: str) -> None:
    plan = Plan.objects.get(slug="pro")
    assert message in words(operator.post(page(plan), filled(plan, **values)))


def test_a_pack_for_nothing_is_refused(operator: Client) -> None:
    facts = {"slug": "x", "name": "x", "product": "site", "position": 1, "currency": "usd"}
    answer = operator.post("/admin/billing/pack/add/", {**facts, "credits": 0, "price_cents": 0})
    assert words(answer).count("greater than or equal to 1") == 2
    assert not Pack.objects.filter(slug="x").exists()


def test_a_plan_is_withdrawn_and_never_deleted(operator: Client) -> None:
    assert operator.post(reverse("admin:billing_plan_delete", args=["pro"]), {"post": "yes"}).status_code == 403
    plan = Plan.objects.get(slug="pro")
    operator.post(page(plan), {name: value for name, value in filled(plan).items() if name != "is_offered"})
    assert not Plan.objects.get(slug="pro").is_offered


def test_a_new_pack_has_a_slug_of_its_own(operator: Client) -> None:
    facts = {"slug": "site-100", "name": "100 credits", "product": "site", "position": 9, "credits": 100}
    operator.post("/admin/billing/pack/add/", {**facts, "price_cents": 100, "currency": "usd", "is_offered": "on"})
    assert str(Pack.objects.get(slug="site-100")) == "100 credits"


def test_prices_are_sent_to_the_shop(operator: Client, gateway_shop: OpenShop) -> None:
    sent = {"action": "send_prices", "_selected_action": ["pro"]}
    text = words(operator.post(LIST, sent, follow=True))
    assert "sells at these prices" in text
    assert Plan.objects.get(slug="starter").month_price_id


def test_a_shop_that_is_down_is_said(operator: Client, gateway_shop: OpenShop, settings: LazySettings) -> None:
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    sent = {"action": "send_prices", "_selected_action": ["pro"]}
    assert "did not take the prices" in words(operator.post(LIST, sent, follow=True))


def test_staff_without_the_permission_change_nothing(clerk: Client) -> None:
    plan = Plan.objects.get(slug="pro")
    assert clerk.get(LIST).status_code == 403
    assert clerk.post(page(plan), filled(plan, month_cents=1)).status_code == 403
