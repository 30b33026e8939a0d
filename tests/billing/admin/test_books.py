"""What the shop, the sweep and the ledger write is looked at here: nothing is added, changed or deleted."""

from typing import Any

import pytest
from django.contrib.admin.utils import quote
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import ledger
from billing.models import AutoTopUp, Customer, PlanSpell, Reconciliation, StripeEvent, TopUp, Wallet
from tests.billing.books import make_payment, make_subscription
from tests.factories import make_user, make_wallet
from tests.visitors import words

pytestmark = pytest.mark.django_db

MODELS = (
    "wallet", "creditlot", "credithold", "ledgerentry", "planspell", "customer", "subscription", "payment",
    "stripeevent", "reconciliation", "autotopup", "topup",
)  # fmt: skip


@pytest.fixture
def rows() -> dict[str, Model]:
    """A row of each kind, all of one person but those that are nobody's."""
    wallet = make_wallet(10, user=make_user(email="ada@example.com"))
    hold = ledger.hold(wallet, 4, key="h", reason="A picture", reference="job:1")
    found: dict[str, Any] = {
        "wallet": wallet,
        "credithold": hold,
        "customer": Customer.objects.create(user=wallet.user, customer_id="cus_1"),
        "subscription": make_subscription(wallet),
        "payment": make_payment(wallet),
        "planspell": PlanSpell.objects.get(wallet=wallet),
        "autotopup": AutoTopUp.objects.create(
            wallet=wallet, pack_id="api-5000", credits=5000, price_cents=4500, currency="usd"
        ),
        "topup": TopUp.objects.create(
            wallet=wallet, pack_id="api-5000", credits=5000, amount_cents=4500, currency="usd"
        ),
        "stripeevent": StripeEvent.objects.create(event_id="evt_1", payload={}, created_at=timezone.now()),
        "reconciliation": Reconciliation.objects.create(since=timezone.now(), healed=["payment in_1"]),
    }
    return {**found, "creditlot": wallet.lots.latest("created_at"), "ledgerentry": wallet.entries.latest("id")}


@pytest.mark.parametrize("model", MODELS)
def test_rows_are_shown_and_cannot_be_added_changed_or_deleted(
    model: str, operator: Client, rows: dict[str, Model]
) -> None:
    row = rows[model]
    asked = {} if model in ("stripeevent", "reconciliation") else {"q": "ada@example.com"}
    listing = operator.get(reverse(f"admin:billing_{model}_changelist"), asked)
    change = reverse(f"admin:billing_{model}_change", args=[quote(row.pk)])
    assert change.removesuffix("change/") in words(listing)
    page = words(operator.get(change))
    assert "_save" not in page
    assert "deletelink" not in page
    assert operator.post(change, {}).status_code == 403
    assert operator.get(reverse(f"admin:billing_{model}_add")).status_code == 403
    assert (
        operator.post(reverse(f"admin:billing_{model}_delete", args=[quote(row.pk)]), {"post": "yes"}).status_code
        == 403
    )
    assert Wallet.objects.exists()


@pytest.mark.parametrize("model", MODELS)
def test_staff_without_the_permission_see_nothing(model: str, clerk: Client, rows: dict[str, Model]) -> None:
    assert clerk.get(reverse(f"admin:billing_{model}_changelist")).status_code == 403
