"""Disputes: somebody tells their bank that a charge was wrong; the money is held until the dispute is won or lost.

As in Stripe's test mode the evidence decides: the text "winning_evidence" wins, "losing_evidence" loses.
"""

from typing import Any

from billing.test_shop import events
from billing.test_shop.documents import Document, new_id
from billing.test_shop.errors import invalid
from billing.test_shop.listing import lister
from billing.test_shop.params import RANGE, Flag, Map, Text, group
from billing.test_shop.routes import Route, getter
from billing.test_shop.store import Books

_DAYS_TO_ANSWER = 7
_TEXTS = ("uncategorized_text", "product_description", "customer_email_address", "customer_name", "service_date")
_VERDICTS = {"winning_evidence": "won", "losing_evidence": "lost"}


def open(books: Books, charge: Document, reason: str) -> Document:  # noqa: A001
    """Open a dispute about a paid charge and take the money back."""
    if not charge["paid"] or charge["disputed"]:
        raise invalid(f"Charge {charge['id']} cannot be disputed.", "charge")
    now = books.now(charge)
    dispute = {
        "id": new_id("dispute"),
        "object": "dispute",
        "amount": charge["amount"] - charge["amount_refunded"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {"enhanced_evidence": {}, **dict.fromkeys(_TEXTS)},
        "evidence_details": {
            "due_by": now + _DAYS_TO_ANSWER * 86400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "needs_response",
    }
    charge["disputed"] = True
    events.save(books, charge, "charge.updated")
    return events.add(books, dispute, "charge.dispute.created", "charge.dispute.funds_withdrawn")


def close(books: Books, dispute: Document, verdict: str) -> Document:
    """End a dispute, "won" or "lost"."""
    if dispute["status"] in ("won", "lost"):
        raise invalid("This dispute is already closed.", code="dispute_closed")
    dispute["status"] = verdict
    types = ["charge.dispute.closed"] + (["charge.dispute.funds_reinstated"] if verdict == "won" else [])
    return events.save(books, dispute, "charge.dispute.updated", *types)


def _update(books: Books, params: dict[str, Any], id: str) -> Document:
    dispute = books.get("dispute", id)
    if dispute["status"] in ("won", "lost"):
        raise invalid("This dispute is already closed.", code="dispute_closed")
    if params.get("metadata"):
        dispute["metadata"] |= params["metadata"]
    evidence = params.get("evidence", {})
    dispute["evidence"] |= evidence
    details = dispute["evidence_details"]
    details["has_evidence"] = details["has_evidence"] or bool(evidence)
    if not params.get("submit", False):
        return events.save(books, dispute, "charge.dispute.updated")
    details |= {"submission_count": details["submission_count"] + 1, "submission_method": "manual"}
    verdict = _VERDICTS.get(dispute["evidence"]["uncategorized_text"] or "")
    if verdict:
        return close(books, dispute, verdict)
    dispute["status"] = "under_review"
    return events.save(books, dispute, "charge.dispute.updated")


def _close(books: Books, _params: dict[str, Any], id: str) -> Document:
    return close(books, books.get("dispute", id), "lost")


_EVIDENCE = group(**{name: Text(20000) for name in _TEXTS})

ROUTES = [
    getter("/v1/disputes/{id}", "dispute"),
    Route("POST", "/v1/disputes/{id}", _update, group(evidence=_EVIDENCE, submit=Flag(), metadata=Map())),
    Route("POST", "/v1/disputes/{id}/close", _close, group()),
    lister("/v1/disputes", "dispute", charge=Text(), payment_intent=Text(), created=RANGE),
]
