"""Facts read from the shop's plain dictionaries."""

import pytest

from billing.payment_facts import CardFacts, DisputeFacts
from billing.stripe_facts import at, card_from, event_from, id_of, invoice_from, moment


@pytest.mark.parametrize(
    ("value", "id"), [("cus_1", "cus_1"), ({"id": "cus_1", "object": "customer"}, "cus_1"), (None, ""), ("", "")]
)
def test_what_is_named_and_what_is_put_in_whole_have_the_same_id(value: object, id: str) -> None:
    assert id_of(value) == id


def test_a_moment_has_its_zone_and_may_be_none() -> None:
    assert moment(None) is None
    assert at(0).isoformat() == "1970-01-01T00:00:00+00:00"


def test_a_card_is_read_where_there_is_one() -> None:
    card = {"brand": "visa", "last4": "4242", "exp_month": 4, "exp_year": 2040, "fingerprint": "abc"}
    assert card_from({"type": "card", "card": card}) == CardFacts("visa", "4242", "abc", "04/2040")
    assert card_from({"type": "link", "link": {}}) is None
    assert card_from("pm_1") is None
    assert card_from(None) is None


@pytest.mark.parametrize(
    ("about", "customer"),
    [
        ({"id": "cus_1", "object": "customer"}, "cus_1"),
        ({"id": "in_1", "object": "invoice", "customer": "cus_1"}, "cus_1"),
        ({"id": "prod_1", "object": "product"}, ""),
        ({"object": "balance"}, ""),
    ],
)
def test_an_event_says_whom_it_is_about(about: dict[str, str], customer: str) -> None:
    event = event_from({"id": "evt_1", "type": "x", "created": 0, "data": {"object": about}})
    assert (event.customer_id, event.object_id) == (customer, about.get("id", ""))


@pytest.mark.parametrize(
    ("status", "won", "lost"),
    [("needs_response", False, False), ("won", True, False), ("lost", False, True), ("warning_closed", True, False)],
)
def test_how_a_dispute_ended(status: str, won: bool, lost: bool) -> None:
    dispute = DisputeFacts("du_1", "ch_1", "pi_1", 100, "usd", "fraudulent", status, None, at(0))
    assert (dispute.is_won, dispute.is_lost) == (won, lost)


@pytest.mark.parametrize(
    ("statuses", "named"),
    [(["canceled", "open", "paid"], "pi_2"), (["paid", "canceled"], "pi_0"), (["open", "canceled"], "pi_0"), ([], "")],
)
def test_an_invoice_names_the_payment_that_paid_it(statuses: list[str], named: str) -> None:
    tried = [{"status": status, "payment": {"payment_intent": f"pi_{turn}"}} for turn, status in enumerate(statuses)]
    counts = dict.fromkeys(("subtotal", "total", "amount_due", "amount_paid", "created", "attempt_count"), 0)
    absent = ("parent", "number", "total_discount_amounts", "total_taxes", "next_payment_attempt", "metadata")
    plain = {"id": "in_1", "customer": "cus_1", "status": "paid", "billing_reason": "manual", "currency": "usd"}
    pages = {"hosted_invoice_url": "", "invoice_pdf": "", "status_transitions": {"paid_at": None}}
    lists = {"payments": {"data": tried}, "lines": {"data": []}}
    facts = invoice_from({**plain, **counts, **dict.fromkeys(absent), **pages, **lists})
    assert facts.payment_intent_id == named
