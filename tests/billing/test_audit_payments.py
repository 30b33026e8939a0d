"""The audit of plans and payments: what the verbs leave passes, and each broken fact is named."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from billing import grants, ledger, plans, purchases
from billing.audit import audit
from billing.models import CreditLot, Pack, Payment, Plan, PlanSpell, Product, Subscription, TopUp, Wallet
from tests.billing import till
from tests.billing.books import make_payment, make_subscription
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user, make_wallet

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def wallet() -> Wallet:
    """The wallet of somebody who subscribed, bought a pack and had a part of it refunded."""
    user = make_user()
    grants.start_monthly_credits(user)
    wallet = ledger.wallet_of(user)
    make_subscription(wallet)
    payment = make_payment(wallet, refunded_cents=500, taken_back=1250)
    ledger.adjust(wallet, -1250, key="back", reason="Refunded", reference=payment.reference)
    return ledger.wallet_of(user)


def facts(wallet: Wallet) -> list[str]:
    found = list(audit())
    assert {finding.wallet_id for finding in found} <= {wallet.pk}
    return [finding.fact for finding in found]


def test_what_the_verbs_leave_is_right(wallet: Wallet) -> None:
    make_wallet(product=Product.API)
    plans.put_on(make_wallet(), Plan.objects.get(slug="pro"))  # a gift of the team's
    assert facts(wallet) == []


def test_a_story_at_the_shop_leaves_the_books_right(gateway_shop: OpenShop) -> None:
    plans.sync()
    user = make_user()
    till.subscribe(gateway_shop, user)
    bought = till.buy(gateway_shop, user, "site-5000")
    purchases.change_plan(user, till.plan("pro"), "month", form_key=uuid4())
    wallet = ledger.wallet_of(user)
    hold = ledger.hold(wallet, 19_000, key="h", reason="r", reference="job:1")
    ledger.settle(hold, 19_000, key="s", reason="r")
    gateway_shop.v1.refunds.create({"payment_intent": bought.payment_intent_id, "amount": 1500})
    till.hear(gateway_shop)
    bought.refresh_from_db()
    assert (bought.taken_back, bought.owed) == (1000, 2750)
    assert facts(wallet) == []
    purchases.cancel(user)
    gateway_shop.advance(days=32)
    till.hear(gateway_shop)
    assert till.where(user)[0] == "free"
    assert facts(wallet) == []


def test_a_plan_that_is_not_its_spells_is_found(wallet: Wallet) -> None:
    Wallet.objects.filter(pk=wallet.pk).update(plan="pro")
    assert facts(wallet) == [
        "the wallet is on the plan pro, but it should be on starter",
        "the wallet is on the plan pro, but its subscriptions make starter",
    ]


def test_a_plan_without_a_spell_is_found() -> None:
    wallet = make_wallet()
    Wallet.objects.filter(pk=wallet.pk).update(plan="pro")
    assert facts(wallet) == ["the wallet is on the plan pro, but it should be on free"]


def test_a_plan_that_outlives_its_subscription_is_found(wallet: Wallet) -> None:
    Subscription.objects.update(status="canceled", ended_at=timezone.now())
    assert facts(wallet) == ["the wallet is on the plan starter, but its subscriptions make free"]


def test_a_grace_that_ended_a_moment_ago_is_left_to_the_sweep(wallet: Wallet, settings: Any) -> None:
    over = timezone.now() - timedelta(days=settings.PAYMENT_GRACE_DAYS)
    Subscription.objects.update(status="past_due", past_due_since=over)
    assert facts(wallet) == []
    Subscription.objects.update(past_due_since=over - DAY)
    assert facts(wallet) == ["the wallet is on the plan starter, but its subscriptions make free"]


def test_spells_that_overlap_are_found(wallet: Wallet) -> None:
    spell = PlanSpell.objects.get(wallet=wallet)
    PlanSpell.objects.create(
        wallet=wallet, plan_id="pro", starts_at=spell.starts_at - DAY, ends_at=spell.starts_at + DAY
    )
    assert facts(wallet) == [f"the spell of pro from {spell.starts_at - DAY} reaches into the next"]


def test_an_open_spell_with_another_after_it_is_found(wallet: Wallet) -> None:
    spell = PlanSpell.objects.get(wallet=wallet)
    after = spell.starts_at + DAY
    PlanSpell.objects.create(wallet=wallet, plan_id="pro", starts_at=after, ends_at=after + DAY)
    assert facts(wallet) == [f"the spell of starter from {spell.starts_at} reaches into the next"]


def test_credits_that_were_said_to_be_taken_back_and_were_not_are_found(wallet: Wallet) -> None:
    payment = wallet.payments.get()
    payment.taken_back = 1000
    payment.save()
    assert facts(wallet) == [f"payment {payment.pk} says 1000 credits were taken back, the ledger 1250"]


def test_more_owed_than_was_lost_is_found(wallet: Wallet) -> None:
    payment = wallet.payments.get()
    payment.owed = 1
    payment.save()
    assert facts(wallet) == [f"payment {payment.pk}: 1250 credits taken back and 1 owed, 1250 at most were lost"]


def test_credits_taken_for_another_wallets_payment_are_found(wallet: Wallet) -> None:
    other = make_wallet(5)
    ledger.adjust(other, -1, key="x", reason="r", reference="payment:nobody")
    assert facts(other) == ["credits were moved for payment:nobody, which is not among the wallet's"]


def test_a_pack_that_brought_nothing_or_too_much_is_found(wallet: Wallet) -> None:
    payment = wallet.payments.get()
    payment.credits = 6000
    payment.save()
    assert facts(wallet) == [f"payment {payment.pk} stands for 6000 credits, the grants for it for 5000"]


def test_a_pack_granted_twice_is_found(wallet: Wallet) -> None:
    payment = wallet.payments.get()
    ledger.grant(wallet, 5000, source=CreditLot.Source.PURCHASE, key="twice", reason="r", reference=payment.reference)
    assert facts(wallet) == [f"payment {payment.pk} stands for 5000 credits, the grants for it for 10000"]


def test_an_upgrade_of_a_cycle_that_never_began_is_found(wallet: Wallet) -> None:
    cycle_on = wallet.next_cycle_on + 40 * DAY
    ledger.grant(wallet, 7, source=CreditLot.Source.UPGRADE, key="u", reason="r", cycle_on=cycle_on)
    lot = wallet.lots.get(cycle_on=cycle_on)
    assert facts(wallet) == [f"lot {lot.pk} adds to the cycle of {cycle_on}, which brought nothing"]
    Plan.objects.filter(slug="free").update(monthly_credits=0)
    assert facts(wallet) == []


def test_a_plans_credits_without_a_payment_are_found(wallet: Wallet) -> None:
    cycle_on = wallet.lots.filter(cycle_on__isnull=False).values_list("cycle_on", flat=True).first()
    cycle_on = cycle_on or wallet.next_cycle_on
    ledger.grant(wallet, 7, source=CreditLot.Source.PLAN, key="free lunch", reason="r", cycle_on=cycle_on)
    entry = wallet.entries.get(key="free lunch")
    assert facts(wallet) == [f"entry {entry.pk} brought a plan's credits without a payment"]


def test_a_plans_payment_that_says_more_than_it_brought_is_found(wallet: Wallet) -> None:
    payment = Payment.objects.create(
        wallet=wallet, kind="plan", payment_id="in_plan", plan_id="pro", interval="month", months=1, amount_cents=3000,
        month_credits=14900, credits=14900, paid_at=timezone.now(),
    )  # fmt: skip
    assert facts(wallet) == [f"payment {payment.pk} stands for 14900 credits, the grants for it for 0"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(credits=14901)


def test_a_top_up_whose_payment_is_another_is_found(wallet: Wallet) -> None:
    pack = Pack.objects.get(slug="api-5000")
    payment = wallet.payments.get()
    top_up = TopUp.objects.create(
        wallet=wallet, pack=pack, credits=5, amount_cents=1, currency="usd", status="paid", payment=payment
    )
    assert facts(wallet) == [f"top-up {top_up.pk} of 5 credits has a payment that does not fit"]


def test_a_month_that_is_late_is_found(wallet: Wallet) -> None:
    due = timezone.now() - DAY
    payment = wallet.payments.get()
    Payment.objects.update(next_month_at=due)
    assert facts(wallet) == [f"payment {payment.pk}: a month is due since {due} and did not come"]
    Payment.objects.update(next_month_at=timezone.now())
    assert facts(wallet) == []
