"""Disputes."""

from typing import Any

import pytest
import stripe

from tests.billing.test_shop import counter, journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


@pytest.fixture
def dispute(shop: OpenShop, catalog: Catalog, customer: str) -> Any:
    shop.pay(journeys.checkout(shop, customer, catalog.pack, "payment").url, counter.DISPUTED)
    return shop.v1.disputes.list().data[0]


def test_a_dispute_names_its_charge(shop: OpenShop, dispute: Any) -> None:
    assert (dispute.status, dispute.amount, dispute.reason) == ("needs_response", 1500, "fraudulent")
    assert shop.v1.charges.retrieve(dispute.charge).disputed
    assert len(shop.events("charge.dispute.created", "charge.dispute.funds_withdrawn")) == 2


@pytest.mark.parametrize(
    ("text", "status"), [("winning_evidence", "won"), ("losing_evidence", "lost"), ("It was them.", "under_review")]
)
def test_the_evidence_decides(shop: OpenShop, dispute: Any, text: str, status: str) -> None:
    words = {"evidence": {"uncategorized_text": text}, "submit": True}
    assert shop.v1.disputes.update(dispute.id, words).status == status
    assert len(shop.events("charge.dispute.closed")) == (status != "under_review")
    assert len(shop.events("charge.dispute.funds_reinstated")) == (status == "won")


def test_evidence_can_be_kept_without_being_sent(shop: OpenShop, dispute: Any) -> None:
    kept = shop.v1.disputes.update(
        dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}, "submit": False}
    )
    assert (kept.status, kept.evidence_details.has_evidence) == ("needs_response", True)


def test_a_closed_dispute_stays_closed(shop: OpenShop, dispute: Any) -> None:
    assert shop.v1.disputes.close(dispute.id).status == "lost"
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        shop.v1.disputes.close(dispute.id)
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        shop.v1.disputes.update(dispute.id, {"submit": True})
