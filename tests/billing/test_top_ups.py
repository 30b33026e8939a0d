"""Automatic top-ups through the shop: one charge for one dip, whatever goes wrong on the way."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import translation

from accounts.models import User
from billing import ledger, stripe_orders, stripe_reads, tasks, top_ups
from billing.audit import audit
from billing.models import AutoTopUp, Pack, Payment, Product, TopUp, Wallet
from billing.payers import reference_for
from getimg_site import pseudo_locale
from tests.billing import till
from tests.billing.books import settle, take
from tests.billing.test_shop import counter
from tests.billing.test_shop.counter import OpenShop
from tests.factories import make_user
from tests.visitors import visitor, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_shop")]

PACK = 5000


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def wallet(gateway_shop: OpenShop, user: User) -> Wallet:
    """A wallet of somebody who bought a pack, so that their card is kept, and asked to be topped up below 1,000."""
    till.buy(gateway_shop, user, "api-5000")
    return asked_for(user)


def asked_for(user: User, **terms: int) -> Wallet:
    wallet = ledger.wallet_of(user, Product.API)
    facts = {"below_credits": 1000, "month_cents": 5000, **terms}
    top_ups.set_terms(wallet, till.pack("api-5000"), is_on=True, **facts)
    return wallet


def spend(wallet: Wallet, credits: int) -> None:
    number = f"{wallet.pk.hex} {wallet.entries.count()}"
    settle(take(wallet, credits, f"hold {number}"), credits, f"settle {number}")


def note(wallet: Wallet, **facts: Any) -> TopUp:
    """Note a charge as a run does that ends before the shop is asked."""
    pack = till.pack("api-5000")
    agreed = {"credits": PACK, "amount_cents": pack.price_cents, "currency": "usd"}
    return TopUp.objects.create(wallet=wallet, pack=pack, **agreed, **facts)


def charges(shop: OpenShop) -> int:
    return len(shop.v1.payment_intents.list().data)


def balance(wallet: Wallet) -> int:
    assert list(audit(wallet.pk)) == []
    return Wallet.objects.get(pk=wallet.pk).balance


def test_nothing_is_charged_while_there_is_enough_or_nobody_asked(wallet: Wallet, user: User) -> None:
    spend(wallet, PACK - 1000)
    assert tasks.top_up() == 0
    AutoTopUp.objects.update(is_on=False)
    spend(wallet, 500)
    assert tasks.top_up() == 0
    assert balance(wallet) == 500


def test_a_dip_is_charged_once(wallet: Wallet, gateway_shop: OpenShop) -> None:
    spend(wallet, PACK - 999)
    assert [tasks.top_up() for _ in range(3)] == [1, 0, 0]
    assert balance(wallet) == 999 + PACK
    payment = Payment.objects.get(kind="top_up")
    pack = till.pack("api-5000")
    assert (payment.amount_cents, payment.credits, payment.pack) == (pack.price_cents, PACK, pack)
    assert TopUp.objects.get().payment == payment
    assert len(gateway_shop.v1.payment_intents.list().data) == 2


def test_the_answer_that_was_lost_is_asked_for_again_and_charged_once(wallet: Wallet, gateway_shop: OpenShop) -> None:
    spend(wallet, PACK - 10)
    gateway_shop.control("weather", lose_next=3)  # retries included, the shop has charged and nobody was told
    first = tasks.top_up()
    gateway_shop.control("weather")
    assert first + tasks.top_up() + tasks.top_up() == 1
    assert balance(wallet) == 10 + PACK
    assert len(gateway_shop.v1.payment_intents.list().data) == 2


def test_while_the_shop_is_down_nothing_is_lost_and_nothing_turned_off(wallet: Wallet, gateway_shop: OpenShop) -> None:
    spend(wallet, PACK - 10)
    gateway_shop.control("weather", down=True)
    assert [tasks.top_up(), tasks.top_up()] == [0, 0]
    assert (AutoTopUp.objects.get().is_on, TopUp.objects.get().status) == (True, "asked")
    gateway_shop.control("weather")
    assert tasks.top_up() == 1
    assert balance(wallet) == 10 + PACK


def test_a_crash_between_the_charge_and_the_books_is_made_good(
    wallet: Wallet, user: User, gateway_shop: OpenShop
) -> None:
    spend(wallet, PACK - 10)
    pack = till.pack("api-5000")
    noted = note(wallet, is_sent=True)
    stripe_orders.charge_off_session(
        user.customer.customer_id,
        stripe_reads.card_to_charge(user.customer.customer_id),
        pack.price_cents,
        "usd",
        description=f"getimg: {pack.name}, automatic top-up",
        reference=reference_for(user, pack.key),
        key=f"top_up:{noted.pk.hex}",
    )
    assert tasks.top_up() == 1
    assert balance(wallet) == 10 + PACK
    assert len(gateway_shop.v1.payment_intents.list().data) == 2


def test_a_declined_card_turns_it_off_and_its_owner_is_told(gateway_shop: OpenShop, user: User) -> None:
    till.buy(gateway_shop, user, "api-5000", card=counter.FAILS_LATER)
    wallet = asked_for(user)
    spend(wallet, PACK - 10)
    mail.outbox.clear()
    assert [tasks.top_up(), tasks.top_up()] == [0, 0]
    terms = AutoTopUp.objects.get()
    assert (terms.is_on, "declined" in terms.problem) == (False, True)
    assert TopUp.objects.get().status == "declined"
    assert balance(wallet) == 10
    tasks.send_notices()
    assert mail.outbox[-1].subject == "Your automatic top-up is off"
    assert terms.problem in str(mail.outbox[-1].body)


def test_who_has_no_card_is_charged_nothing(user: User) -> None:
    wallet = asked_for(user)
    assert tasks.top_up() == 0
    assert not AutoTopUp.objects.get().is_on
    assert top_ups.card_of(user) is None
    assert balance(wallet) == 0


def test_the_card_that_is_charged_is_the_one_that_was_left(wallet: Wallet, user: User) -> None:
    card = top_ups.card_of(user)
    assert card is not None
    assert card.text == "Visa ending in 4242"


def test_a_months_top_ups_cost_no_more_than_was_set(wallet: Wallet, user: User) -> None:
    price = till.pack("api-5000").price_cents
    asked_for(user, month_cents=2 * price)
    start = datetime.now(UTC).replace(day=10)
    with time_machine.travel(start, tick=False) as clock:
        for came in (1, 1, 0):
            spend(wallet, balance(wallet) - 10)
            assert tasks.top_up() == came
        assert top_ups.spent_cents(wallet, start, "usd") == 2 * price
        clock.move_to(start + timedelta(days=27))
        assert tasks.top_up() == 1
    assert AutoTopUp.objects.get().is_on


def test_a_charge_without_an_answer_for_a_day_is_never_asked_for_anew(wallet: Wallet, gateway_shop: OpenShop) -> None:
    spend(wallet, PACK - 10)
    gateway_shop.control("weather", lose_next=3)
    tasks.top_up()
    gateway_shop.control("weather")
    TopUp.objects.update(created_at=datetime.now(UTC) - timedelta(hours=24))
    assert [tasks.top_up(), tasks.top_up()] == [0, 0]
    assert (TopUp.objects.get().status, AutoTopUp.objects.get().is_on) == ("unclear", False)


def test_one_for_which_the_shop_was_not_asked_in_a_day_is_noted_anew(wallet: Wallet, gateway_shop: OpenShop) -> None:
    spend(wallet, PACK - 10)
    note(wallet, created_at=datetime.now(UTC) - timedelta(hours=24))
    assert [tasks.top_up(), tasks.top_up()] == [0, 1]
    assert sorted(TopUp.objects.values_list("status", flat=True)) == ["dropped", "paid"]
    assert (balance(wallet), charges(gateway_shop)) == (10 + PACK, 2)


def turn_off(wallet: Wallet) -> None:
    AutoTopUp.objects.update(is_on=False)


def suspend(wallet: Wallet) -> None:
    User.objects.update(is_active=False)


def agree_to_another_pack(wallet: Wallet) -> None:
    top_ups.set_terms(wallet, till.pack("api-25000"), is_on=True, below_credits=1, month_cents=50_000)


def raise_the_price(wallet: Wallet) -> None:
    Pack.objects.update(price_cents=F("price_cents") + 500)


def withdraw_the_pack(wallet: Wallet) -> None:
    Pack.objects.update(is_offered=False)


def lower_the_months_limit(wallet: Wallet) -> None:
    AutoTopUp.objects.update(month_cents=till.pack("api-5000").price_cents - 1)


def fill(wallet: Wallet) -> None:
    ledger.adjust(wallet, 2000, key="filled", reason="Filled")


CHANGES = [turn_off, suspend, agree_to_another_pack, raise_the_price, withdraw_the_pack, lower_the_months_limit, fill]


@pytest.mark.parametrize("change", CHANGES)
def test_what_ends_before_the_shop_is_asked_is_not_charged(
    wallet: Wallet, gateway_shop: OpenShop, change: Callable[[Wallet], None]
) -> None:
    spend(wallet, PACK - 10)
    gateway_shop.control("weather", down=True)
    tasks.top_up()
    assert TopUp.objects.get().status == "asked"
    change(wallet)
    assert tasks.top_up() == 0
    gateway_shop.control("weather")
    assert tasks.top_up() == 0
    assert (TopUp.objects.get().status, top_ups.spent_cents(wallet, datetime.now(UTC), "usd")) == ("dropped", 0)
    assert charges(gateway_shop) == 1


def test_who_turns_it_off_is_not_told_that_it_was_turned_off(user: User) -> None:
    wallet = asked_for(user)
    note(wallet)
    turn_off(wallet)
    assert tasks.top_up() == 0  # there is no card, either
    assert (TopUp.objects.get().status, AutoTopUp.objects.get().problem) == ("dropped", "")


@pytest.mark.parametrize("change", CHANGES)
def test_what_ends_after_the_shop_was_asked_is_followed_to_its_end(
    wallet: Wallet, gateway_shop: OpenShop, change: Callable[[Wallet], None]
) -> None:
    spend(wallet, PACK - 10)
    gateway_shop.control("weather", lose_next=3)
    tasks.top_up()
    gateway_shop.control("weather")
    before = balance(wallet)
    change(wallet)
    filled = balance(wallet) - before
    assert (tasks.top_up(), balance(wallet)) == (1, 10 + filled + PACK)
    assert (TopUp.objects.get().status, charges(gateway_shop)) == ("paid", 2)


def test_terms_that_end_while_the_card_is_looked_for_are_heeded(wallet: Wallet, gateway_shop: OpenShop) -> None:
    spend(wallet, PACK - 10)
    noted = note(wallet)
    stale = TopUp.objects.select_related("wallet__user", "pack").get(pk=noted.pk)
    turn_off(wallet)
    assert top_ups._send(stale, "pm_any", datetime.now(UTC)) == ""
    assert TopUp.objects.get().status == "dropped"


def test_the_same_charge_is_asked_of_the_same_card(wallet: Wallet, user: User, gateway_shop: OpenShop) -> None:
    spend(wallet, PACK - 10)
    gateway_shop.control("weather", lose_next=3)
    tasks.top_up()
    gateway_shop.control("weather")
    till.buy(gateway_shop, user, "api-5000", card=counter.FAILS_LATER)
    gateway_shop.v1.payment_methods.detach(TopUp.objects.get().card_id)
    assert tasks.top_up() == 1
    assert (balance(wallet), charges(gateway_shop)) == (10 + 2 * PACK, 3)


def test_a_charge_that_was_sent_is_asked_for_in_the_same_words_whatever_its_pack_is_called_by_then(
    wallet: Wallet, gateway_shop: OpenShop
) -> None:
    spend(wallet, PACK - 10)
    gateway_shop.control("weather", lose_next=3)
    tasks.top_up()
    gateway_shop.control("weather")
    Pack.objects.filter(slug="api-5000").update(name="API 5k")

    assert tasks.top_up() == 1

    assert (balance(wallet), charges(gateway_shop)) == (10 + PACK, 2)


def test_a_charge_of_which_it_was_not_noted_may_have_reached_the_shop(wallet: Wallet, gateway_shop: OpenShop) -> None:
    noted = note(wallet)
    fields = [field for field in TopUp._meta.fields if field.name not in ("is_sent", "card_id")]
    values = [field.get_db_prep_save(field.value_from_object(noted), connection) for field in fields]
    TopUp.objects.all().delete()
    columns, marks = ", ".join(str(field.column) for field in fields), ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:  # as a release wrote it that noted neither
        cursor.execute(f"INSERT INTO billing_topup ({columns}) VALUES ({marks})", values)
    spend(wallet, PACK - 10)
    turn_off(wallet)
    assert TopUp.objects.get().is_sent
    assert tasks.top_up() == 1


def test_a_pack_that_is_not_sold_any_more_is_not_bought(wallet: Wallet) -> None:
    spend(wallet, PACK - 10)
    pack = till.pack("api-5000")
    pack.is_offered = False
    pack.save()
    assert tasks.top_up() == 0
    assert "not sold any more" in AutoTopUp.objects.get().problem


def test_a_price_that_was_not_agreed_to_is_not_charged_until_it_is(wallet: Wallet, gateway_shop: OpenShop) -> None:
    spend(wallet, PACK - 10)
    pack = till.pack("api-5000")
    pack.price_cents += 500
    pack.save()
    assert [tasks.top_up(), tasks.top_up()] == [0, 0]
    terms = AutoTopUp.objects.get()
    assert (terms.is_on, terms.problem) == (False, "You agreed to 5,000 credits for $45; it is 5,000 for $50 now.")
    assert (balance(wallet), len(gateway_shop.v1.payment_intents.list().data)) == (10, 1)
    tasks.send_notices()
    assert terms.problem in str(mail.outbox[-1].body)
    page = words(visitor(wallet.user).get("/settings/billing/?product=api"))
    assert f"{terms.problem} Nothing more was charged. To go on at the price below, turn it on and save." in page

    asked_for(wallet.user, month_cents=10_000)
    assert tasks.top_up() == 1
    assert Payment.objects.get(kind="top_up").amount_cents == 5000


def test_where_tax_is_worked_out_at_checkouts_nothing_is_charged_without_one(
    wallet: Wallet, settings: LazySettings, gateway_shop: OpenShop
) -> None:
    settings.STRIPE_AUTOMATIC_TAX = True
    spend(wallet, PACK)
    assert tasks.top_up() == 0
    assert (AutoTopUp.objects.get().is_on, balance(wallet)) == (False, 0)
    assert len(gateway_shop.v1.payment_intents.list().data) == 1


def test_why_it_is_off_is_read_in_the_owners_language(wallet: Wallet, settings: LazySettings) -> None:
    settings.STRIPE_AUTOMATIC_TAX = settings.PSEUDO_LOCALE = True
    spend(wallet, PACK)
    tasks.top_up()
    terms, owner = AutoTopUp.objects.get(), visitor(wallet.user)
    owner.cookies["django_language"] = pseudo_locale.CODE
    pseudo_locale.install()
    why = pseudo_locale.pseudo(top_ups.UNTAXED)

    with translation.override(pseudo_locale.CODE):
        letter = render_to_string("billing/email/top_up_off.txt", {"top_up": terms, "user": wallet.user})

    assert terms.problem == top_ups.UNTAXED
    assert why in letter
    assert why in words(owner.get("/settings/billing/?product=api"))


def test_one_charge_at_a_time_is_the_databases_law(wallet: Wallet) -> None:
    pack = till.pack("api-5000")
    facts = {"wallet": wallet, "pack": pack, "credits": 1, "amount_cents": 1, "currency": "usd"}
    TopUp.objects.create(**facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        TopUp.objects.create(**facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        TopUp.objects.update(status="paid")


def test_a_refund_takes_the_credits_back(wallet: Wallet, gateway_shop: OpenShop) -> None:
    spend(wallet, PACK - 10)
    tasks.top_up()
    payment = Payment.objects.get(kind="top_up")
    gateway_shop.v1.refunds.create({"payment_intent": payment.payment_intent_id})
    till.hear(gateway_shop)
    payment.refresh_from_db()
    assert (payment.taken_back, balance(wallet)) == (PACK, 10)
