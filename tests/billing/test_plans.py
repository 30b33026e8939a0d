"""Plans: who is on which, what a change brings, and what was in force when."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.db.models import F
from django.utils import timezone

from billing import grants, ledger, plans, purchases
from billing.audit import audit
from billing.errors import UnknownPrice
from billing.models import CreditLot, Pack, Plan, PlanSpell, Product, Wallet
from tests.billing.subscribers import make_subscription
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user

pytestmark = pytest.mark.django_db

JOINED = datetime(2027, 1, 15, 9, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(JOINED, tick=False) as traveller:
        yield traveller


def sign_up() -> Wallet:
    user = make_user()
    grants.start_monthly_credits(user)
    return ledger.wallet_of(user)


def plan(slug: str) -> Plan:
    return Plan.objects.get(slug=slug)


def deltas(wallet: Wallet) -> list[int]:
    return list(wallet.entries.order_by("id").values_list("delta", flat=True))


# --- The rows -----------------------------------------------------------------------------------------------


def test_the_plans_of_the_file_are_there_and_a_year_costs_a_sixth_less() -> None:
    found = {row.slug: (row.monthly_credits, row.month_cents, row.jobs_at_once) for row in plans.offered_plans()}
    assert found == {
        "free": (100, 0, 1),
        "starter": (3000, 1000, 2),
        "pro": (15000, 3000, 4),
        "studio": (35000, 6500, 8),
    }
    assert all(6 * row.year_cents == 5 * 12 * row.month_cents for row in plans.offered_plans())
    assert {row.slug for row in plans.offered_plans() if row.is_commercial} == {"starter", "pro", "studio"}


def test_seeding_again_leaves_what_an_operator_changed() -> None:
    Plan.objects.filter(slug="pro").update(month_cents=2500)
    Plan.objects.filter(slug="studio").delete()
    plans.seed()
    assert plan("pro").month_cents == 2500
    assert plan("studio").monthly_credits == 35000


def test_each_product_has_packs_of_its_own() -> None:
    assert all(pack.needs_plan for pack in plans.offered_packs())
    assert not any(pack.needs_plan for pack in plans.offered_packs(Product.API))


def test_only_the_sites_wallets_are_on_a_plan() -> None:
    user = make_user()
    assert ledger.wallet_of(user).plan == plans.free()
    assert ledger.wallet_of(user, Product.API).plan is None


# --- A change -----------------------------------------------------------------------------------------------


def test_an_upgrade_brings_the_difference_at_once_and_the_whole_at_the_next_cycle(
    clock: time_machine.Traveller,
) -> None:
    wallet = sign_up()
    clock.shift(timedelta(days=10))
    assert plans.put_on(wallet, plan("starter"))
    assert deltas(wallet) == [100, 2900]

    clock.move_to(datetime(2027, 2, 15, tzinfo=UTC))
    grants.grant_due(timezone.now())
    assert deltas(wallet) == [100, 2900, -100, 3000]
    lot = wallet.lots.get(source=CreditLot.Source.UPGRADE)
    assert (lot.remaining, lot.expires_at) == (2900, datetime(2027, 3, 15, tzinfo=UTC))
    assert list(audit()) == []


def test_the_same_change_again_brings_nothing(clock: time_machine.Traveller) -> None:
    wallet = sign_up()
    assert plans.put_on(wallet, plan("pro"))
    assert not plans.put_on(wallet, plan("pro"))
    assert deltas(wallet) == [100, 14900]
    assert PlanSpell.objects.filter(wallet=wallet).count() == 1


def test_a_plan_left_and_taken_again_in_one_cycle_brings_nothing(clock: time_machine.Traveller) -> None:
    wallet = sign_up()
    for slug in ("starter", "free", "starter", "pro", "starter", "pro"):
        clock.shift(timedelta(hours=1))
        plans.put_on(wallet, plan(slug))
    assert deltas(wallet) == [100, 2900, 12000]
    assert list(audit()) == []


def test_who_pays_before_confirming_the_address_gets_the_whole_at_once(clock: time_machine.Traveller) -> None:
    wallet = ledger.wallet_of(make_user())
    plans.put_on(wallet, plan("starter"))
    assert deltas(wallet) == [3000]
    assert grants.start_monthly_credits(wallet.user) is None


def test_a_change_between_a_cycles_end_and_the_sweep_leaves_it_to_the_sweep(clock: time_machine.Traveller) -> None:
    wallet = sign_up()
    clock.move_to(datetime(2027, 2, 15, 0, 0, 30, tzinfo=UTC))
    plans.put_on(wallet, plan("starter"))
    assert deltas(wallet) == [100]
    grants.grant_due(timezone.now())
    assert deltas(wallet) == [100, -100, 3000]


def test_a_downgrade_takes_nothing_away_and_the_next_cycle_brings_less(clock: time_machine.Traveller) -> None:
    wallet = sign_up()
    plans.put_on(wallet, plan("starter"))
    clock.shift(timedelta(days=5))
    plans.put_on(wallet, plans.free())
    assert wallet.balance == 3000
    clock.move_to(datetime(2027, 2, 15, tzinfo=UTC))
    grants.grant_due(timezone.now())
    assert deltas(wallet) == [100, 2900, -100, 100]


def test_a_plan_that_gives_less_within_a_cycle_takes_effect_at_once_for_places(clock: time_machine.Traveller) -> None:
    wallet = sign_up()
    plans.put_on(wallet, plan("studio"))
    assert plans.plan_of(wallet.user).jobs_at_once == 8


def test_a_plan_that_somebody_pays_for_brings_nothing_by_itself(clock: time_machine.Traveller) -> None:
    wallet = sign_up()
    make_subscription(wallet.user, "studio")
    plans.put_on(wallet, plan("studio"))
    clock.move_to(datetime(2027, 2, 15, tzinfo=UTC))
    grants.grant_due(timezone.now())
    plans.put_on(wallet, plan("studio"))
    assert deltas(wallet) == [100, -100, 100]


# --- What was in force --------------------------------------------------------------------------------------


def test_plan_at_answers_for_every_moment(clock: time_machine.Traveller) -> None:
    wallet = sign_up()
    for slug, day in (("starter", 20), ("pro", 22), ("free", 25)):
        clock.move_to(datetime(2027, 1, day, tzinfo=UTC))
        plans.put_on(wallet, plan(slug))
    moments = [datetime(2027, 1, 20, tzinfo=UTC) + timedelta(days=days) for days in (-1, 0, 1, 2, 4, 5, 60)]
    found = [plans.plan_at(wallet.user, moment).slug for moment in moments]
    assert found == ["free", "starter", "starter", "pro", "pro", "free", "free"]
    assert plans.plan_at(make_user(), JOINED).slug == "free"


def test_pictures_are_kept_for_a_time_after_a_paid_plan(clock: time_machine.Traveller) -> None:
    wallet = sign_up()
    plans.put_on(wallet, plan("studio"))
    plans.put_on(wallet, plan("starter"))
    plans.put_on(wallet, plans.free())
    wallet.refresh_from_db()
    assert wallet.pictures_kept_until == JOINED + timedelta(days=365)
    assert wallet.plan_since == JOINED


# --- At the shop --------------------------------------------------------------------------------------------


def test_sync_notes_the_shops_prices_and_a_second_time_changes_nothing(gateway_shop: OpenShop) -> None:
    plans.sync()
    first = list(Plan.objects.values_list("slug", "month_price_id", "year_price_id"))
    packs = list(Pack.objects.values_list("slug", "price_id"))
    plans.sync()
    assert list(Plan.objects.values_list("slug", "month_price_id", "year_price_id")) == first
    assert list(Pack.objects.values_list("slug", "price_id")) == packs
    assert all(price_id for _, price_id in packs)
    assert [slug for slug, month, year in first if not (month and year)] == ["free"]


def test_a_price_is_known_by_its_id_and_a_replaced_one_by_its_key(gateway_shop: OpenShop) -> None:
    plans.sync()
    starter = plan("starter")
    assert plans.plan_of_price(starter.year_price_id) == (starter, "year")
    assert plans.plan_of_price("price_of_before", "starter:month") == (starter, "month")
    assert plans.plan_of_price("price_unknown") is None
    assert plans.plan_of_price("") is None
    pack = Pack.objects.get(slug="site-1000")
    assert plans.pack_of_price(pack.price_id) == pack
    assert plans.pack_of_price("price_of_before", "pack:site-1000") == pack
    assert plans.pack_of_price("price_unknown") is None


def test_another_price_for_new_customers_is_another_price_at_the_shop(gateway_shop: OpenShop) -> None:
    plans.sync()
    before = plan("pro").month_price_id
    Plan.objects.filter(slug="pro").update(month_cents=3500)
    plans.sync()
    assert plan("pro").month_price_id != before


@contextmanager
def changed_before(statement: str, change: Callable[[], object]) -> Iterator[None]:
    """Make a change just before the first statement of this kind, as somebody who saves meanwhile."""
    waiting = [change]

    def execute(run: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if waiting and sql.startswith(statement):
            waiting.pop()()
        return run(sql, *rest)

    with connection.execute_wrapper(execute):
        yield
    assert not waiting


@pytest.mark.parametrize("change", [{"month_cents": 3500}, {"currency": "eur"}])
def test_a_plans_price_that_is_changed_while_the_shop_is_told_is_not_noted(
    gateway_shop: OpenShop, change: dict[str, object]
) -> None:
    plans.sync()
    edited = plan("pro")

    def save() -> None:
        for name, value in change.items():
            setattr(edited, name, value)
        edited.forget_prices(change)
        edited.save()

    with changed_before('UPDATE "billing_plan"', save):
        plans.sync()
    assert plan("pro").month_price_id == ""
    assert bool(plan("pro").year_price_id) == ("currency" not in change)
    assert plan("starter").month_price_id
    if "currency" not in change:
        plans.sync()
        found = gateway_shop.v1.prices.retrieve(plan("pro").month_price_id)
        assert (found.unit_amount, found.active) == (3500, True)


def test_a_packs_price_that_is_changed_while_the_shop_is_told_is_not_noted(gateway_shop: OpenShop) -> None:
    plans.sync()
    edited = Pack.objects.get(slug="site-1000")

    def save() -> None:
        edited.price_cents += 500
        edited.forget_prices({"price_cents"})
        edited.save()

    with changed_before('UPDATE "billing_pack"', save):
        plans.sync()
    assert Pack.objects.get(slug="site-1000").price_id == ""
    plans.sync()
    found = gateway_shop.v1.prices.retrieve(Pack.objects.get(slug="site-1000").price_id)
    assert found.unit_amount == edited.price_cents


def test_nothing_is_bought_at_a_price_that_changes_meanwhile(gateway_shop: OpenShop) -> None:
    def save() -> None:
        Pack.objects.filter(slug="api-5000").update(price_cents=F("price_cents") + 500)

    user, pack = make_user(), Pack.objects.get(slug="api-5000")
    with changed_before('UPDATE "billing_pack"', save), pytest.raises(UnknownPrice):
        purchases.start_pack(user, pack, form_key=uuid4())
    assert purchases.start_pack(user, pack, form_key=uuid4())


# --- The cycle's date ---------------------------------------------------------------------------------------


def test_a_paid_plan_keeps_the_day_of_sign_up(clock: time_machine.Traveller) -> None:
    wallet = sign_up()
    clock.shift(timedelta(days=3))
    plans.put_on(wallet, plan("pro"))
    wallet.refresh_from_db()
    assert (wallet.cycle_day, wallet.next_cycle_on) == (15, date(2027, 2, 15))
