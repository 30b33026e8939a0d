"""What stops automatic top-ups: money that goes back, a bank that takes its time, an error that nobody foresaw."""

import json
from typing import Any

import pytest
from django.core import mail
from django_q.models import OrmQ

from accounts.models import User
from billing import notices, stripe_reads, tasks
from billing.models import AutoTopUp, Payment, TopUp, Wallet
from tests.billing import till
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_top_ups import PACK, asked_for, balance, charges, spend
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_shop")]


@pytest.fixture
def wallet(gateway_shop: OpenShop) -> Wallet:
    """A wallet of somebody who asked to be topped up below 1,000 and has 10 left of the pack they bought."""
    return low_wallet(gateway_shop, make_user())


def low_wallet(shop: OpenShop, user: User) -> Wallet:
    till.buy(shop, user, "api-5000")
    wallet = asked_for(user)
    spend(wallet, PACK - 10)
    return wallet


def ask_and_lose_the_answer(shop: OpenShop) -> TopUp:
    shop.control("weather", lose_next=3)
    tasks.top_up()
    shop.control("weather")
    return TopUp.objects.get(status="asked")


def answer_anew(shop: OpenShop, top_up: TopUp, **facts: Any) -> dict[str, Any]:
    """Let the shop have answered the charge with other facts. Returns its payment intent as it was."""
    key = f"top_up:{top_up.pk.hex}"
    with shop.shop.store.books() as books:
        intent: dict[str, Any] = books.all("payment_intent")[0]
        books.put({**intent, **facts})
        row = books.sql.execute("SELECT body FROM replies WHERE key = ?", (key,)).fetchone()
        told = {**json.loads(row[0]), **facts}
        books.sql.execute("UPDATE replies SET body = ? WHERE key = ?", (json.dumps(told), key))
    return intent


@pytest.mark.parametrize("kind", ["top_up", "pack"])
def test_who_got_money_back_is_not_charged_again(wallet: Wallet, gateway_shop: OpenShop, kind: str) -> None:
    tasks.top_up()
    payment = Payment.objects.get(kind=kind)
    gateway_shop.v1.refunds.create({"payment_intent": payment.payment_intent_id})
    till.hear(gateway_shop)

    assert (tasks.top_up(), charges(gateway_shop)) == (0, 2)

    terms = AutoTopUp.objects.get()
    assert (terms.is_on, terms.problem) == (False, "A payment for API credits was refunded or disputed.")
    tasks.send_notices()
    [told] = [sent for sent in mail.outbox if sent.subject == "Your automatic top-up is off"]
    assert terms.problem in str(told.body)


def test_what_is_owed_for_a_disputed_payment_is_not_charged_by_itself(wallet: Wallet, gateway_shop: OpenShop) -> None:
    tasks.top_up()
    spend(wallet, PACK + 10)
    payment = Payment.objects.get(kind="top_up")
    charge = stripe_reads.fetch_payment(payment.payment_intent_id)
    assert charge is not None
    gateway_shop.control("dispute", charge=charge.id)
    till.hear(gateway_shop)
    payment.refresh_from_db()
    assert (payment.owed, AutoTopUp.objects.get().is_on) == (PACK, False)
    asked_for(wallet.user, month_cents=50_000)

    assert ([tasks.top_up() for _ in range(3)], charges(gateway_shop)) == ([0, 0, 0], 2)

    assert "Buy a pack yourself" in AutoTopUp.objects.get().problem
    till.buy(gateway_shop, wallet.user, "api-5000")
    payment.refresh_from_db()
    assert (payment.owed, balance(wallet)) == (0, 0)
    asked_for(wallet.user, month_cents=50_000)
    assert (tasks.top_up(), balance(wallet)) == (1, PACK)


def test_a_charge_that_the_bank_takes_its_time_for_comes_once_it_is_paid(
    wallet: Wallet, gateway_shop: OpenShop
) -> None:
    paid = answer_anew(gateway_shop, ask_and_lose_the_answer(gateway_shop), status="processing", latest_charge=None)

    assert [tasks.top_up(), tasks.top_up()] == [0, 0]
    assert (TopUp.objects.get().status, AutoTopUp.objects.get().is_on, balance(wallet)) == ("asked", True, 10)

    with gateway_shop.shop.store.books() as books:
        books.put(paid)
    assert [tasks.top_up(), tasks.top_up()] == [1, 0]
    assert (balance(wallet), charges(gateway_shop)) == (10 + PACK, 2)


def test_a_charge_that_was_refunded_before_its_answer_came_brings_nothing_that_stays(
    wallet: Wallet, gateway_shop: OpenShop
) -> None:
    ask_and_lose_the_answer(gateway_shop)
    intent = gateway_shop.v1.payment_intents.list().data[0]
    gateway_shop.v1.refunds.create({"payment_intent": intent.id})
    till.hear(gateway_shop)
    OrmQ.objects.all().delete()

    assert tasks.top_up() == 1
    left = [row.task for row in OrmQ.objects.all() if row.task["func"] == "billing.tasks.follow_payment"]
    tasks.follow_payment(*left[0]["args"])

    assert (balance(wallet), AutoTopUp.objects.get().is_on) == (10, False)


def test_a_charge_that_the_bank_declines_after_a_while_turns_it_off(wallet: Wallet, gateway_shop: OpenShop) -> None:
    top_up = ask_and_lose_the_answer(gateway_shop)
    paid = answer_anew(gateway_shop, top_up, status="processing", latest_charge=None)
    with gateway_shop.shop.store.books() as books:
        books.put({**paid, "status": "requires_payment_method"})

    assert (tasks.top_up(), balance(wallet)) == (0, 10)

    assert (TopUp.objects.get().status, AutoTopUp.objects.get().is_on) == ("declined", False)


def test_an_error_that_nobody_foresaw_keeps_nobody_else_waiting(wallet: Wallet, gateway_shop: OpenShop) -> None:
    answer_anew(gateway_shop, ask_and_lose_the_answer(gateway_shop), latest_charge="not a charge")
    other = low_wallet(gateway_shop, make_user())

    assert tasks.top_up() == 1

    assert (balance(wallet), balance(other)) == (10, 10 + PACK)
    assert TopUp.objects.get(wallet=wallet).status == "asked"


def test_who_has_turned_it_on_again_is_not_told_that_it_is_off(wallet: Wallet) -> None:
    tasks.send_notices()
    mail.outbox.clear()
    notices.queue("top_up_off", wallet.pk)
    assert (tasks.send_notices(), mail.outbox) == (0, [])
