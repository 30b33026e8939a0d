"""Payment intents and the charges they make."""

from typing import Any

import pytest
import stripe

from tests.billing.test_shop import counter, journeys
from tests.billing.test_shop.counter import OpenShop, told
from tests.billing.test_shop.journeys import Catalog


def charge(shop: OpenShop, customer: str, card: str, **asked: Any) -> Any:
    method = shop.v1.payment_methods.attach(card, {"customer": customer}).id
    words = {"amount": 2000, "currency": "usd", "customer": customer, "payment_method": method, "confirm": True}
    return shop.v1.payment_intents.create(
        {
            **words,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "off_session": True,
            "expand": ["latest_charge"],
            **asked,
        }
    )


def test_a_card_on_file_is_charged_while_its_holder_is_away(shop: OpenShop, customer: str) -> None:
    intent = charge(shop, customer, "pm_card_visa", metadata={"top_up": "1"})
    assert (intent.status, intent.amount_received, intent.metadata.top_up) == ("succeeded", 2000, "1")
    assert intent.latest_charge.paid
    assert shop.visit(intent.latest_charge.receipt_url).status == 200
    names = [event["type"] for event in shop.events("payment_intent.succeeded", "charge.succeeded")]
    assert names == ["charge.succeeded", "payment_intent.succeeded"]


@pytest.mark.parametrize(
    ("card", "code", "decline"),
    [
        ("pm_card_chargeCustomerFail", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_authenticationRequired", "authentication_required", "authentication_required"),
    ],
)
def test_a_declined_charge_is_kept_with_its_reason(
    shop: OpenShop, customer: str, card: str, code: str, decline: str
) -> None:
    with pytest.raises(stripe.CardError) as error:
        charge(shop, customer, card)
    about = told(error)
    assert (about.code, about.decline_code, about.type) == (code, decline, "card_error")
    failed = shop.v1.charges.retrieve(about.charge)
    assert (failed.status, failed.paid, failed.failure_code) == ("failed", False, code)
    intent = shop.v1.payment_intents.retrieve(about.payment_intent.id)
    assert (intent.status, intent.last_payment_error.code) == ("requires_payment_method", code)


def test_a_card_of_somebody_else_is_not_charged(shop: OpenShop, customer: str) -> None:
    stranger = shop.v1.customers.create({"email": "b@example.com"}).id
    theirs = shop.v1.payment_methods.attach("pm_card_visa", {"customer": stranger}).id
    with pytest.raises(stripe.InvalidRequestError) as error:
        charge(shop, customer, "pm_card_visa", payment_method=theirs)
    assert error.value.param == "payment_method"


def test_what_has_ended_cannot_be_cancelled(shop: OpenShop, customer: str) -> None:
    intent = charge(shop, customer, "pm_card_visa")
    with pytest.raises(stripe.InvalidRequestError, match="has ended"):
        shop.v1.payment_intents.cancel(intent.id)


@pytest.mark.parametrize(("answer", "status"), [("yes", "complete"), ("no", "open")])
def test_the_banks_question_decides(shop: OpenShop, catalog: Catalog, customer: str, answer: str, status: str) -> None:
    session = journeys.checkout(shop, customer, catalog.pack, "payment")
    question = shop.pay(session.url, counter.ASKS).location
    assert "Complete authentication" in shop.visit(question).text
    after = shop.visit(question, do=answer)
    assert shop.v1.checkout.sessions.retrieve(session.id).status == status
    assert ("unable to authenticate" in after.problem) is (answer == "no")
    assert shop.visit(question).status == 404
