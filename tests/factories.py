"""People and wallets for tests, made by the product's own verbs."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from accounts.models import User
from billing import ledger
from billing.models import CreditLot, Plan, Product, Wallet


def make_user(**fields: Any) -> User:
    """Return a person who can be signed in by `force_login`."""
    fields.setdefault("email", f"{uuid4().hex}@example.com")
    return User.objects.create_user(**fields)


def make_wallet(
    credits: int = 0, *, user: User | None = None, product: Product = Product.SITE, expires_at: datetime | None = None
) -> Wallet:
    """Return a wallet with so many credits in one lot."""
    wallet = ledger.wallet_of(user or make_user(), product)
    if credits:
        add_lot(wallet, credits, expires_at=expires_at)
    return wallet


def make_plan(slug: str = "roomy", **fields: Any) -> Plan:
    """Return a plan that brings nothing and lets a hundred runs be drawn at a time, but for what is named here."""
    facts = {"name": slug.title(), "monthly_credits": 0, "jobs_at_once": 100, "models_stored": 5}
    prices = {"month_cents": 1000, "year_cents": 10000, "is_offered": False}
    return Plan.objects.update_or_create(slug=slug, defaults={**facts, **prices, **fields})[0]


def add_lot(wallet: Wallet, credits: int, *, expires_at: datetime | None = None) -> CreditLot:
    """Grant a lot that is no monthly one."""
    source = CreditLot.Source.PURCHASE
    entry = ledger.grant(wallet, credits, source=source, key=uuid4().hex, reason="For a test", expires_at=expires_at)
    assert entry.lot is not None
    return entry.lot
